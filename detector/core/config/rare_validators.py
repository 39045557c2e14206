"""Checks of options that few sites set, loaded when a site sets one; `option` names them.

Each check raises ConfigError, whose message names the option and says how to fix it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from detector.core.baits import pool
from detector.core.config.own_texts import check_texts
from detector.core.config.theme import check_look
from detector.core.config.validators import check_bool, check_mode, check_number, check_secret
from detector.core.counting import verdict_hook
from detector.core.counting.dimensions import MOST_ROWS, pair_of, rows_per_hour
from detector.core.errors import ConfigError
from detector.core.texts.locales import LOCALES
from detector.core.texts.negotiation import known, nearest
from detector.core.time_zone import time_zone
from detector.core.vocabulary import DEVICES, KINDS_OR_UNSURE, LINKS, PRESET_NAMES

__all__ = ["check_look", "check_texts"]

MOST_RULES: Final = 32
MOST_VARIANTS: Final = 8
_VARIANT = (
    *("name", "weight", "notice", "preset", "texts"),
    *("from_view", "every", "once_a_session", "quiet_days"),
)
_HOLDOUT = '[{"name": "notice", "weight": 9}, {"name": "holdout", "weight": 1, "notice": "none"}]'
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,15}")
_SELECTOR = re.compile(r"[^{}<>;\\]{1,200}")
_PLACE = re.compile(r"https?://[^\s\"'<>\\]{1,500}|/(?![/\\])[^\s\"'<>\\]{0,500}")
_URL = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?/[!-~]*")


def check_secrets(key: str, value: Any) -> None:
    """Check a tuple of secrets."""
    if not isinstance(value, tuple):
        raise ConfigError(f"{key} must be a list of texts, not {type(value).__name__}")
    for number, secret in enumerate(value):
        check_secret(f"{key}[{number}]", secret)


def check_pairs(key: str, value: Any) -> None:
    """Check the option `pairs`: distinct pairs that do not need too many rows an hour."""
    good = isinstance(value, tuple) and all(isinstance(pair, tuple) for pair in value)
    try:
        names = [pair_of(pair) for pair in value] if good else None
    except ValueError as error:
        raise ConfigError(f"{key}: {error}") from None
    if names is None or len(set(names)) < len(names):
        raise ConfigError(f'{key} is {value!r}; allowed are different pairs: [["kind", "browser"]]')
    rows = rows_per_hour(names)
    if rows > MOST_ROWS:
        raise ConfigError(
            f"{key}: with these pairs one hour could need {rows:,} rows, allowed are "
            f"{MOST_ROWS:,}: leave out those with the most values ({names[-1]})"
        )


def check_time_zone(key: str, value: Any) -> None:
    """Check the option `time_zone`."""
    try:
        time_zone(value)
    except ValueError as error:
        raise ConfigError(f"{key}: {error}") from None


def check_hook(key: str, value: Any) -> None:
    """Check the option `on_verdict`."""
    try:
        verdict_hook.check(value)
    except ValueError as error:
        raise ConfigError(f"{key} {error}") from None


def check_path(key: str, value: Any) -> None:
    """Check the path of a file that need not exist."""
    if not isinstance(value, str) or "\0" in value:
        raise ConfigError(f"{key} is {value!r}; allowed is the path of a file, as a text")


def check_baits_file(key: str, value: Any) -> None:
    """Check the option `baits_file` by reading the pool."""
    if not isinstance(value, str):
        raise ConfigError(f"{key} is {value!r}; allowed is the path of a pool, as a text")
    try:
        pool.load(value)
    except pool.PoolError as error:
        raise ConfigError(f"{key}: {error}; or leave {key} empty") from None


def check_paths(key: str, value: Any) -> None:
    """Check a tuple of texts."""
    if not isinstance(value, tuple) or not all(isinstance(path, str) for path in value):
        raise ConfigError(f"{key} must be a list of texts, not {value!r}")


def check_selectors(key: str, value: Any) -> None:
    """Check the option `slots`."""
    if not isinstance(value, str) or not value.strip() or len(value) > 1000:
        raise ConfigError(
            f"{key} is {value!r}; allowed are CSS selectors with commas between them, for instance "
            "'#top-ad, .sidebar-ad', at most 1,000 characters"
        )


def check_urls(key: str, value: Any) -> None:
    """Check the option `probe_urls`."""
    if not isinstance(value, tuple) or len(value) > 8:
        raise ConfigError(f"{key} is {value!r}; allowed is a list of at most 8 addresses")
    for url in value:
        if not isinstance(url, str) or not _URL.fullmatch(url):
            raise ConfigError(
                f"{key} has {url!r}; allowed are full addresses such as "
                "'https://ads.example/lib.js', without spaces or non-ASCII characters"
            )


def check_preset(key: str, value: Any) -> None:
    """Check the option `preset`."""
    if value not in PRESET_NAMES:
        raise ConfigError(f"{key} is {value!r}; {nearest(value, PRESET_NAMES, 'presets')}")


def check_locale(key: str, value: Any) -> None:
    """Check the option `locale`: a supported language, or a region of one, such as de-AT."""
    if not isinstance(value, str) or not known(value):
        raise ConfigError(f"{key} is {value!r}; {nearest(value, LOCALES, 'languages')}")


def check_rules(key: str, value: Any) -> None:
    """Check the option `notice_rules`: [{"paths": ["/shop/*"], "notice": "none"}]."""
    like = '[{"paths": ["/shop/*"], "devices": ["phone"], "notice": "none"}]'
    for where, entry in _tables(key, value, MOST_RULES, like):
        _check_keys(where, entry, ("paths", "devices", "kinds", "notice"), like)
        if "notice" not in entry:
            raise ConfigError(f"{where} has no notice; add the mode that it selects: {like}")
        check_mode(f"{where}[notice]", entry["notice"])
        _check_words(f"{where}[devices]", entry.get("devices", ()), DEVICES)
        _check_words(f"{where}[kinds]", entry.get("kinds", ()), KINDS_OR_UNSURE)
        for path in _list(f"{where}[paths]", entry.get("paths", ())):
            if not isinstance(path, str) or not path.startswith(("/", "*")):
                raise ConfigError(f"{where}[paths] has {path!r}; a path begins with / or *")


def check_variants(key: str, value: Any) -> None:
    """Check the option `variants`: [{"name": "a", "weight": 1, "preset": "warm"}]."""
    like = '[{"name": "a", "weight": 1}, {"name": "b", "weight": 1, "preset": "warm"}]'
    names: set[str] = set()
    held: list[str] = []
    for where, entry in _tables(key, value, MOST_VARIANTS, like):
        _check_keys(where, entry, _VARIANT, like)
        name, weight = entry.get("name"), entry.get("weight", 1)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ConfigError(
                f"{where}[name] is {name!r}; allowed are up to 16 of the letters a-z, 0-9 and -"
            )
        if name in names:
            raise ConfigError(
                f"{where}[name] is {name!r} a second time; each variant has its own name"
            )
        names.add(name)
        if type(weight) is not int or not 1 <= weight <= 1000:
            raise ConfigError(
                f"{where}[weight] is {weight!r}; allowed are whole numbers from 1 to 1000; leave "
                "out a variant that nobody is to get"
            )
        if "notice" in entry:
            check_mode(f"{where}[notice]", entry["notice"])
        if entry.get("preset", "newspaper") not in PRESET_NAMES:
            raise ConfigError(
                f"{where}[preset] is {entry['preset']!r}; the presets are {', '.join(PRESET_NAMES)}"
            )
        _check_frequency(where, entry)
        if "texts" in entry:
            check_texts(f"{where}[texts]", entry["texts"])
        if entry.get("notice") == "none":
            held.append(where)
            _check_keys(where, entry, ("name", "weight", "notice"), _HOLDOUT, " is held out and")
    if len(held) > 1:
        raise ConfigError(
            f'{held[1]}[notice] is "none" like that of {held[0]}; one variant may be held out, the '
            f"others show the notice: {_HOLDOUT}"
        )
    if len(names) == 1:
        raise ConfigError(f"{key} has one variant; two are needed to compare anything: {like}")


def _check_frequency(where: str, entry: Mapping[str, Any]) -> None:
    """Check a variant's own frequency as the options of the same names."""
    checks = dict.fromkeys(("from_view", "every"), check_number(1, 100, whole=True))
    checks |= {"once_a_session": check_bool, "quiet_days": check_quiet_days}
    for name, check in checks.items():
        if name in entry:
            check(f"{where}[{name}]", _tuple(entry[name]))


def _tuple(value: Any) -> Any:
    """Return a list as options have it: those of a file are lists."""
    return tuple(value) if isinstance(value, list) else value


def check_quiet_days(key: str, value: Any) -> None:
    """Check the option `quiet_days`: two numbers of days."""
    good = isinstance(value, tuple) and len(value) == 2
    if not good or not all(type(days) is int and 1 <= days <= 365 for days in value):
        raise ConfigError(
            f"{key} is {value!r}; allowed are two whole numbers of days from 1 to 365: after "
            '"Not now", and from the third time on, for instance [7, 30]'
        )


def check_selector(key: str, value: Any) -> None:
    """Check an option that names parts of the page by CSS selectors; empty for none."""
    if not isinstance(value, str) or (value and not _SELECTOR.fullmatch(value)):
        raise ConfigError(
            f"{key} is {value!r}; allowed is a CSS selector such as '.article-body', "
            "at most 200 characters, without { } < > ; and \\"
        )


def check_place(key: str, value: Any) -> None:
    """Check an option that is a link: a path of the site, or http(s)://; empty for none."""
    if not isinstance(value, str) or (value and not _PLACE.fullmatch(value)):
        raise ConfigError(
            f"{key} is {value!r}; allowed are addresses such as 'https://news.example/subscribe' "
            "and paths such as '/subscribe'"
        )


def check_links(key: str, value: Any) -> None:
    """Check the option `links`: {"subscribe": "/subscribe", "donate": "https://…"}."""
    if not isinstance(value, Mapping) or not all(name in LINKS for name in value):
        raise ConfigError(
            f"{key} is {value!r}; allowed are addresses by purpose: "
            f'{{"subscribe": "/subscribe"}}, out of {", ".join(LINKS)}'
        )
    for name, url in value.items():
        check_place(f"{key}[{name}]", url)
        if not url:
            raise ConfigError(f"{key}[{name}] is empty; leave it out")


def _tables(key: str, value: Any, most: int, like: str) -> list[tuple[str, Mapping[str, Any]]]:
    if not isinstance(value, tuple) or not all(isinstance(entry, Mapping) for entry in value):
        raise ConfigError(f"{key} is {value!r}; allowed is a list such as {like}")
    if len(value) > most:
        raise ConfigError(f"{key} has {len(value)} entries; at most {most} are allowed")
    return [(f"{key}[{place}]", entry) for place, entry in enumerate(value)]


def _check_keys(
    where: str, entry: Mapping[str, Any], keys: tuple[str, ...], like: str, why: str = ""
) -> None:
    for name in entry:
        if name not in keys:
            raise ConfigError(f"{where}{why} has {name!r}; it may have {', '.join(keys)}: {like}")


def _list(where: str, value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{where} is {value!r}; allowed is a list of texts")
    return list(value)


def _check_words(where: str, value: Any, allowed: tuple[str, ...]) -> None:
    for word in _list(where, value):
        if word not in allowed:
            raise ConfigError(f"{where} has {word!r}; allowed are {', '.join(allowed)}")
