"""Checks of the options for how, to whom and how often the notice is shown.

Each check raises ConfigError, whose message names the option and says how to fix it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from detector.core.errors import ConfigError
from detector.core.vocabulary import DEVICES, KINDS_OR_UNSURE, MODES, PRESET_NAMES

MOST_RULES: Final = 32
MOST_VARIANTS: Final = 8
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,15}")
_SELECTOR = re.compile(r"[^{}<>;\\]{1,200}")
_PLACE = re.compile(r"https?://[^\s\"'<>\\]{1,500}|/(?![/\\])[^\s\"'<>\\]{0,500}")


def check_mode(key: str, value: Any) -> None:
    """Check a mode of the notice."""
    if value not in MODES:
        raise ConfigError(f"{key} is {value!r}; allowed are {', '.join(MODES)}")


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
    names = set()
    for where, entry in _tables(key, value, MOST_VARIANTS, like):
        _check_keys(where, entry, ("name", "weight", "notice", "preset"), like)
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
                f"{where}[weight] is {weight!r}; allowed are whole numbers from 1 to 1000"
            )
        if "notice" in entry:
            check_mode(f"{where}[notice]", entry["notice"])
        if entry.get("preset", "newspaper") not in PRESET_NAMES:
            raise ConfigError(
                f"{where}[preset] is {entry['preset']!r}; the presets are {', '.join(PRESET_NAMES)}"
            )
    if len(names) == 1:
        raise ConfigError(f"{key} has one variant; two are needed to compare anything: {like}")


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
            "at most 200 characters, without {{ }} < > ; and \\"
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
    if value is None:
        return
    if not isinstance(value, Mapping) or not all(name in LINKS for name in value):
        raise ConfigError(
            f"{key} is {value!r}; allowed are addresses by purpose: "
            f'{{"subscribe": "/subscribe"}}, out of {", ".join(LINKS)}'
        )
    for name, url in value.items():
        check_place(f"{key}[{name}]", url)
        if not url:
            raise ConfigError(f"{key}[{name}] is empty; leave it out")


LINKS: Final = ("subscribe", "donate", "support")
"""The purposes of the owner's links, in the order in which they are offered."""


def _tables(key: str, value: Any, most: int, like: str) -> list[tuple[str, Mapping[str, Any]]]:
    if not isinstance(value, tuple) or not all(isinstance(entry, Mapping) for entry in value):
        raise ConfigError(f"{key} is {value!r}; allowed is a list such as {like}")
    if len(value) > most:
        raise ConfigError(f"{key} has {len(value)} entries; at most {most} are allowed")
    return [(f"{key}[{place}]", entry) for place, entry in enumerate(value)]


def _check_keys(where: str, entry: Mapping[str, Any], keys: tuple[str, ...], like: str) -> None:
    for name in entry:
        if name not in keys:
            raise ConfigError(f"{where} has {name!r}; it may have {', '.join(keys)}: {like}")


def _list(where: str, value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{where} is {value!r}; allowed is a list of texts")
    return list(value)


def _check_words(where: str, value: Any, allowed: tuple[str, ...]) -> None:
    for word in _list(where, value):
        if word not in allowed:
            raise ConfigError(f"{where} has {word!r}; allowed are {', '.join(allowed)}")
