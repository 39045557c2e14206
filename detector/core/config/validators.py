"""Checks of options, which run when a site starts; each raises ConfigError."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

from detector.core.counting.store_url import check_url, may_hold_password
from detector.core.errors import ConfigError
from detector.core.vocabulary import MODES

SECRET_MIN = 16


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


def check_extra(module: str, extra: str) -> Callable[[str, Any], None]:
    """Return a check for a switch that needs a library."""

    def check(key: str, value: Any) -> None:
        check_bool(key, value)
        if value and importlib.util.find_spec(module) is None:
            raise ConfigError(f"{key} needs {module}: pip install 'adblock-detector[{extra}]'")

    return check


def check_number(low: float, high: float, whole: bool = False) -> Callable[[str, Any], None]:
    """Return a check for a number within two bounds."""

    def check(key: str, value: Any) -> None:
        kind = int if whole else (int, float)
        if not isinstance(value, kind) or isinstance(value, bool) or not low <= value <= high:
            what = "whole numbers" if whole else "numbers"
            raise ConfigError(f"{key} is {value!r}; allowed are {what} from {low:g} to {high:g}")

    return check


check_mode = check_one_of(*MODES)
"""Checks a mode of the notice."""

check_proxies = check_number(0, 16, whole=True)
"""Checks how many proxies add to X-Forwarded-For."""
