"""Options: their sources, and the errors for bad ones."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from detector.core.baits import pool
from detector.core.config.layer import unknown
from detector.core.config.loading import make_config
from detector.core.config.options import Config
from detector.core.errors import ConfigError
from detector.core.texts.locales import LOCALES
from detector.core.texts.words import PRESETS

POOL = pool.load()
SECRET = "0123456789abcdef"


def test_defaults() -> None:
    """The secret is the only required option."""
    config = make_config(secret=SECRET)
    assert (config.enabled, config.notice, config.store) == (True, "corner", "")


def test_mapping_and_keywords() -> None:
    """DETECTOR_* keys are read, keywords override them, and other keys are ignored."""
    mapping = {"DETECTOR_SECRET": SECRET, "DETECTOR_NOTICE": "modal", "DEBUG": True}
    assert make_config(mapping).notice == "modal"
    assert make_config(mapping, notice="none").notice == "none"


def test_frozen() -> None:
    """Options do not change while the site runs."""
    with pytest.raises(FrozenInstanceError):
        make_config(secret=SECRET).enabled = False  # type: ignore[misc]


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("DETECTOR_NOTCE", "DETECTOR_NOTICE"),
        ("DETECTOR_SECRET_KEY", "DETECTOR_SECRET"),
        ("DETECTOR_notice", "DETECTOR_NOTICE"),
        ("DETECTOR_PREVIOUS_SECRET", "DETECTOR_PREVIOUS_SECRETS"),
        ("DETECTOR_SWITCH_OFF_BY", "DETECTOR_SWITCH_FILE"),
    ],
)
def test_unknown_key_names_the_nearest(key: str, near: str) -> None:
    """An unknown key is refused with the nearest known name."""
    with pytest.raises(ConfigError, match=f"{key} is not an option.*did you mean {near}"):
        make_config({"DETECTOR_SECRET": SECRET, key: 1})


def test_unknown_keyword() -> None:
    """An unknown keyword is refused the same way."""
    with pytest.raises(ConfigError, match="did you mean notice"):
        make_config(secret=SECRET, notise="modal")
    assert unknown("killswitch", ["switch_file", "Store"]).endswith("did you mean switch_file?")
    assert unknown("zzz", ["switch_file", "Store"]) == (
        "zzz is not an option of the detector; the options are Store, switch_file"
    )


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("notice", "popup", "slot, corner, bottom-bar"),
        ("enabled", "yes", "True and False"),
        ("enabled", 1, "True and False"),
        ("flush_seconds", 0, "0.1 to 3600"),
        ("flush_seconds", True, "0.1 to 3600"),
        ("flush_seconds", float("nan"), "0.1 to 3600"),
        ("share", 0, "0.0001 to 1"),
        ("share", 1.5, "0.0001 to 1"),
        ("reuse_minutes", 2.5, "whole numbers from 0 to 60"),
        ("reuse_minutes", 61, "0 to 60"),
        ("single_page", "on", "True and False"),
        ("probe_urls", "https://ads.example/lib.js", "a list of at most 8"),
        ("probe_urls", ["/lib.js"], "full addresses"),
        ("probe_urls", ["https://ads.example/ä"], "full addresses"),
        ("slots", "", "CSS selectors"),
        ("slots", [".ad"], "CSS selectors"),
        ("store", "mysql://host/db", "a file path"),
        ("store", 7, "a file path"),
        ("switch_file", 7, "the path of a file"),
        ("quiet_days", [7.0, 30.0], "two whole numbers of days"),
        ("previous_secrets", "one text", "list of texts"),
        ("previous_secrets", ["short"], "at least 16"),
        ("secret", "short", "at least 16 characters"),
        ("secret", b"bytes that are long enough", "must be a text"),
        ("error_pages", None, "True and False"),
        ("shared_limits", "yes", "True and False"),
        ("without_baits", "ads/{w}.js", "list of texts"),
        ("without_baits", [7], "list of texts"),
        ("without_baits", [POOL.requests[0].path[:-2]], f"did you mean {POOL.requests[0].path}?"),
        ("without_baits", ["zzzz"], f"they are {POOL.requests[0].path}, "),
        ("without_baits", [entry.path for entry in POOL.requests[1:]], "a verdict needs two"),
        ("without_baits", [e.path for e in POOL.requests if "300x" not in e.path], "no two baits"),
    ],
)
def test_bad_value(name: str, value: Any, allowed: str) -> None:
    """The error for a bad value names the key and the allowed values."""
    with pytest.raises(ConfigError) as error:
        make_config(**{"secret": SECRET, name: value})
    assert f"DETECTOR_{name.upper()}" in str(error.value)
    assert allowed in str(error.value)


@pytest.mark.parametrize("name", [item.name for item in fields(Config)])
def test_every_option_has_a_check(name: str) -> None:
    """Each option refuses a value of no type that any option has, and the error names it."""
    options: dict[str, Any] = {"secret": SECRET, name: object()}
    with pytest.raises(ConfigError, match=f"DETECTOR_{name.upper()}"):
        make_config(**options)


def test_presets() -> None:
    """Every preset is accepted; an unknown one is refused with the nearest name."""
    for preset in PRESETS:
        assert make_config(secret=SECRET, preset=preset).preset == preset
    assert _refused(preset="non-profit").endswith("did you mean nonprofit?")
    assert _refused(preset="x") == (
        "DETECTOR_PRESET is 'x'; the presets are newspaper, warm, short, formal, nonprofit"
    )
    assert "DETECTOR_PRESET is 5" in _refused(preset=5)


def test_locale() -> None:
    """A supported language, or a region of one, is accepted; another is refused."""
    for locale in (*LOCALES, "de-AT", "zh-TW"):
        assert make_config(secret=SECRET, locale=locale).locale == locale
    assert _refused(locale="ger-DE").endswith("the languages are " + ", ".join(LOCALES))
    assert _refused(locale="eng").endswith("did you mean en?")
    assert "DETECTOR_LOCALE is 'sr'" in _refused(locale="sr")
    assert "DETECTOR_LOCALE is None" in _refused(locale=None)


def _refused(**options: Any) -> str:
    """Return the message with which options are refused."""
    with pytest.raises(ConfigError) as error:
        make_config(secret=SECRET, **options)
    return str(error.value)


@pytest.mark.parametrize(
    "more",
    [
        {"notice": "redirect"},
        {"notice_rules": [{"notice": "redirect"}]},
        {"variants": [{"name": "a"}, {"name": "b", "notice": "redirect"}]},
    ],
)
def test_a_redirect_needs_its_address(more: dict[str, Any]) -> None:
    """Wherever the mode is used, for some pages or in a variant, the site starts only with it."""
    assert _refused(**more) == (
        "DETECTOR_NOTICE is redirect, but DETECTOR_REDIRECT_URL is not set: set it to the page to "
        "be shown, or use another mode"
    )
    assert make_config(secret=SECRET, redirect_url="/why", **more).redirect_url == "/why"


def test_look_lists_its_names() -> None:
    """A value that is no table is refused with all that it may have."""
    assert _refused(look="dark") == (
        'DETECTOR_LOOK is \'dark\'; allowed is {"theme": "dark"}, out of theme, ink, paper, soft, '
        "line, edge, ring, accent, font, title_font, radius, logo, logo_alt"
    )


def test_shared_limits_need_a_store() -> None:
    """Processes cannot share limits where nothing is named that they share."""
    with pytest.raises(ConfigError, match=r"DETECTOR_SHARED_LIMITS is True, but DETECTOR_STORE is"):
        make_config(secret=SECRET, shared_limits=True)
    assert make_config(secret=SECRET, shared_limits=True, store="counts.sqlite").shared_limits


def test_missing_secret_says_how_to_make_one() -> None:
    """The error for a missing secret contains a command that generates one."""
    with pytest.raises(ConfigError, match=r"DETECTOR_SECRET is not set.*token_urlsafe"):
        make_config()


def test_secret_is_not_shown() -> None:
    """A printed Config does not reveal the secrets."""
    config = make_config(secret=SECRET, previous_secrets=["f" * 20])
    assert SECRET not in repr(config)
    assert "ffff" not in repr(config)
    shown = repr(make_config(secret=SECRET, store="redis://me:hun7er@host/0"))
    assert ", store='redis://me@host/0', pairs=(), time_zone='UTC', " in shown
    assert shown.startswith("Config(") and shown.endswith(")")


def test_options_are_told_apart_by_their_hash() -> None:
    """Equal options have one hash, and sites that differ seldom do."""
    one, two = (make_config(secret=SECRET, notice=notice) for notice in ("modal", "corner"))
    assert hash(one) == hash(make_config(secret=SECRET, notice="modal")) != hash(two)


def test_every_option_is_described() -> None:
    """Each option has one line of documentation."""
    assert all(len(item.metadata.get("doc", "")) > 20 for item in fields(Config))
