"""What each option may be, and the errors that other values get; runs at the start only."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from typing import Any

from detector.baits import pool
from detector.level import LEVELS
from detector.notice import look, mode_options, modes
from detector.notice import options as notice
from detector.page.preload import CONSENTS
from detector.stats import counters, hook, store

SECRET_MIN = 16
_URL = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?/[!-~]*")


class ConfigError(ValueError):
    """An option is unknown or has a value that is not allowed; the text says how to mend it."""


def _check_secret(key: str, value: Any) -> None:
    if not isinstance(value, str):
        raise ConfigError(f"{key} must be a text, not {type(value).__name__}")
    if len(value) < SECRET_MIN:
        state = f"has {len(value)} characters" if value else "is not set"
        raise ConfigError(
            f"{key} {state}: set it to a random text of at least {SECRET_MIN} characters that all "
            'workers share, for instance the output of: python -c "import secrets; '
            'print(secrets.token_urlsafe(32))"'
        )


def _check_secrets(key: str, value: Any) -> None:
    if not isinstance(value, tuple):
        raise ConfigError(f"{key} must be a list of texts, not {type(value).__name__}")
    for number, secret in enumerate(value):
        _check_secret(f"{key}[{number}]", secret)


def _check_bool(key: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise ConfigError(f"{key} is {value!r}; allowed are True and False")


def _check_one_of(*allowed: str) -> Callable[[str, Any], None]:
    def check(key: str, value: Any) -> None:
        if value not in allowed:
            raise ConfigError(f"{key} is {value!r}; allowed are {', '.join(allowed)}")

    return check


def _check_store(key: str, value: Any) -> None:
    if not isinstance(value, str):
        raise ConfigError(f"{key} is {value!r}; allowed are a file path or a URL, as a text")
    if "://" not in value:
        return
    try:
        store.check_url(value)
    except ValueError as error:
        raise ConfigError(f"{key}: {str(error).removeprefix('option store: ')}") from None


def _check_pairs(key: str, value: Any) -> None:
    good = isinstance(value, tuple) and all(isinstance(pair, tuple) for pair in value)
    try:
        names = [counters.pair_of(pair) for pair in value] if good else None
    except ValueError as error:
        raise ConfigError(f"{key}: {error}") from None
    if names is None or len(set(names)) < len(names):
        raise ConfigError(f'{key} is {value!r}; allowed are different pairs: [["kind", "browser"]]')
    rows = counters.rows_per_hour(names)
    if rows > counters.MOST_ROWS:
        raise ConfigError(
            f"{key}: with these pairs one hour could need {rows:,} rows, allowed are "
            f"{counters.MOST_ROWS:,}: leave out those with the most values ({names[-1]})"
        )


def _check_hook(key: str, value: Any) -> None:
    try:
        hook.check(value)
    except ValueError as error:
        raise ConfigError(f"{key} {error}") from None


def _check_extra(module: str, extra: str) -> Callable[[str, Any], None]:
    def check(key: str, value: Any) -> None:
        _check_bool(key, value)
        if value and importlib.util.find_spec(module) is None:
            raise ConfigError(f"{key} needs {module}: pip install 'adblock-detector[{extra}]'")

    return check


def _check_path(key: str, value: Any) -> None:
    if not isinstance(value, str) or "\0" in value:
        raise ConfigError(f"{key} is {value!r}; allowed is the path of a file, as a text")


def _check_baits_file(key: str, value: Any) -> None:
    if not isinstance(value, str):
        raise ConfigError(f"{key} is {value!r}; allowed is the path of a pool, as a text")
    try:
        pool.load(value)
    except pool.PoolError as error:
        raise ConfigError(f"{key}: {error}; or leave {key} empty") from None


def _check_paths(key: str, value: Any) -> None:
    if not isinstance(value, tuple) or not all(isinstance(path, str) for path in value):
        raise ConfigError(f"{key} must be a list of texts, not {value!r}")


def _check_number(low: float, high: float, whole: bool = False) -> Callable[[str, Any], None]:
    def check(key: str, value: Any) -> None:
        kind = int if whole else (int, float)
        if not isinstance(value, kind) or isinstance(value, bool) or not low <= value <= high:
            what = "whole numbers" if whole else "numbers"
            raise ConfigError(f"{key} is {value!r}; allowed are {what} from {low:g} to {high:g}")

    return check


def _check_selectors(key: str, value: Any) -> None:
    if not isinstance(value, str) or not value.strip() or len(value) > 1000:
        raise ConfigError(
            f"{key} is {value!r}; allowed are CSS selectors with commas between them, for instance "
            "'#top-ad, .sidebar-ad', at most 1,000 characters"
        )


def _check_urls(key: str, value: Any) -> None:
    if not isinstance(value, tuple) or len(value) > 8:
        raise ConfigError(f"{key} is {value!r}; allowed is a list of at most 8 addresses")
    for url in value:
        if not isinstance(url, str) or not _URL.fullmatch(url):
            raise ConfigError(
                f"{key} holds {url!r}; allowed are full addresses such as "
                "'https://ads.example/lib.js', without spaces or letters outside of ASCII"
            )


def check_baits(prefix: str, file: str, without: tuple[str, ...]) -> None:
    """Check what only two options together tell; `prefix` stands before the names of options."""
    try:
        pool.switched_off(pool.load(file), without)
    except pool.PoolError as error:
        raise ConfigError(f"{prefix}WITHOUT_BAITS {error}") from None


def check_notice(prefix: str, config: Any) -> None:
    """Check what only several options of the notice together tell."""
    if "redirect" in modes.used(config) and not config.redirect_url:
        raise ConfigError(
            f"{prefix}NOTICE is redirect, and {prefix}REDIRECT_URL is not set: set it to the page "
            "that is to be shown, or use another mode"
        )


def check_shared(prefix: str, config: Any) -> None:
    """Check that there is a store through which limits can be shared."""
    if config.shared_limits and not config.store:
        raise ConfigError(
            f"{prefix}SHARED_LIMITS is True, and {prefix}STORE is not set: name the store that all "
            "processes share"
        )


CHECKS: dict[str, Callable[[str, Any], None]] = {
    "secret": _check_secret,
    "previous_secrets": _check_secrets,
    "enabled": _check_bool,
    "switch_file": _check_path,
    **mode_options.CHECKS,
    "from_view": _check_number(1, 100, whole=True),
    "every": _check_number(1, 100, whole=True),
    "once_a_session": _check_bool,
    "notice_share": _check_number(0.0001, 1),
    "save_data": _check_bool,
    "auto_reload": _check_bool,
    "unreachable_notice": _check_bool,
    "noscript": _check_bool,
    **look.CHECKS,
    **notice.CHECKS,
    "level": _check_one_of(*LEVELS),
    "gpc": _check_one_of("stats", "local"),
    "consent": _check_one_of("", *CONSENTS),
    "store": _check_store,
    "pairs": _check_pairs,
    "on_verdict": _check_hook,
    "prometheus": _check_extra("prometheus_client", "prometheus"),
    "opentelemetry": _check_extra("opentelemetry", "opentelemetry"),
    "shared_limits": _check_bool,
    "proxies": _check_number(0, 16, whole=True),
    "slots": _check_selectors,
    "probe_urls": _check_urls,
    "share": _check_number(0.0001, 1),
    "reuse_minutes": _check_number(0, 60, whole=True),
    "single_page": _check_bool,
    "flush_seconds": _check_number(0.1, 3600),
    "baits_file": _check_baits_file,
    "without_baits": _check_paths,
    "error_pages": _check_bool,
    "treat_bots_as_people": _check_bool,
}
