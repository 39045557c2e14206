"""Checks of options, which run when a site starts; each raises ConfigError."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from typing import Any

from detector.core.baits import pool
from detector.core.counting import verdict_hook
from detector.core.counting.dimensions import MOST_ROWS, pair_of, rows_per_hour
from detector.core.counting.store_url import check_url, may_hold_password
from detector.core.errors import ConfigError

SECRET_MIN = 16
_URL = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?/[!-~]*")


def check_secret(key: str, value: Any) -> None:
    """Check a secret: a string of at least `SECRET_MIN` characters."""
    if not isinstance(value, str):
        raise ConfigError(f"{key} must be a text, not {type(value).__name__}")
    if len(value) < SECRET_MIN:
        state = f"has {len(value)} characters" if value else "is not set"
        raise ConfigError(
            f"{key} {state}: set it to a random text of at least {SECRET_MIN} characters that all "
            'workers share, for instance the output of: python -c "import secrets; '
            'print(secrets.token_urlsafe(32))"'
        )


def check_secrets(key: str, value: Any) -> None:
    """Check a tuple of secrets."""
    if not isinstance(value, tuple):
        raise ConfigError(f"{key} must be a list of texts, not {type(value).__name__}")
    for number, secret in enumerate(value):
        check_secret(f"{key}[{number}]", secret)


def check_bool(key: str, value: Any) -> None:
    """Check a switch."""
    if not isinstance(value, bool):
        raise ConfigError(f"{key} is {value!r}; allowed are True and False")


def check_one_of(*allowed: str) -> Callable[[str, Any], None]:
    """Return a check for one of a few words."""

    def check(key: str, value: Any) -> None:
        if value not in allowed:
            raise ConfigError(f"{key} is {value!r}; allowed are {', '.join(allowed)}")

    return check


def check_store(key: str, value: Any) -> None:
    """Check the option `store`: a path, or a URL whose driver is installed."""
    if not isinstance(value, str):
        raise ConfigError(f"{key} is {value!r}; allowed are a file path or a URL, as a text")
    if "://" not in value and not may_hold_password(value):
        return
    try:
        check_url(value)
    except ValueError as error:
        raise ConfigError(f"{key}: {str(error).removeprefix('option store: ')}") from None


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


def check_hook(key: str, value: Any) -> None:
    """Check the option `on_verdict`."""
    try:
        verdict_hook.check(value)
    except ValueError as error:
        raise ConfigError(f"{key} {error}") from None


def check_extra(module: str, extra: str) -> Callable[[str, Any], None]:
    """Return a check for a switch that needs a library."""

    def check(key: str, value: Any) -> None:
        check_bool(key, value)
        if value and importlib.util.find_spec(module) is None:
            raise ConfigError(f"{key} needs {module}: pip install 'adblock-detector[{extra}]'")

    return check


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


def check_number(low: float, high: float, whole: bool = False) -> Callable[[str, Any], None]:
    """Return a check for a number within two bounds."""

    def check(key: str, value: Any) -> None:
        kind = int if whole else (int, float)
        if not isinstance(value, kind) or isinstance(value, bool) or not low <= value <= high:
            what = "whole numbers" if whole else "numbers"
            raise ConfigError(f"{key} is {value!r}; allowed are {what} from {low:g} to {high:g}")

    return check


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


check_proxies = check_number(0, 16, whole=True)
"""Checks how many proxies add to X-Forwarded-For."""
