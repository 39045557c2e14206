"""The options of one site: names, defaults, and the errors that bad values get.

Every way of configuring (`detector.sources`) ends in one frozen `Config`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from detector.baits import pool
from detector.notice import options as notice

PREFIX = "DETECTOR_"
MODES = ("corner", "modal", "none")
SECRET_MIN = 16
_URL = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?/[!-~]*")


class ConfigError(ValueError):
    """An option is unknown or has a value that is not allowed; the text says how to mend it."""


def _option(default: Any, doc: str) -> Any:
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All options of one site, checked when made; raises ConfigError."""

    secret: str = field(
        default="",
        repr=False,
        metadata={
            "doc": "The site's secret, at least 16 characters; all served names and tokens come "
            "from it. Flask and Django: derived from SECRET_KEY when not set."
        },
    )
    previous_secrets: tuple[str, ...] = field(
        default=(),
        repr=False,
        metadata={"doc": "Earlier secrets, whose names and tokens keep answering."},
    )
    enabled: bool = _option(True, "False adds no tag to any page; our own URLs still answer.")
    switch_file: str = _option(
        "", "While this file exists no page is tagged; looked at once a second at most."
    )
    notice: str = _option(
        "corner", "How the notice stands on the page: corner, modal, or none (measure only)."
    )
    preset: str = _option(
        "newspaper",
        "The notice's title and body: newspaper, warm, short, formal or nonprofit, "
        "in 32 languages.",
    )
    locale: str = _option(
        "en", "The notice's language where neither the page's lang nor the visitor asks for one."
    )
    texts: Mapping[str, Mapping[str, str]] | None = _option(
        None,
        'The notice\'s texts in your own words, by language: {"en": {"title": "…", "body": "…"}}.',
    )
    store: str = _option(
        "",
        "Where counters are kept: a file path or sqlite:///path. "
        "When not set, detector.sqlite in Flask's instance folder or Django's BASE_DIR; "
        "memory elsewhere.",
    )
    slots: str = _option(
        "ins.adsbygoogle,[id^=div-gpt-ad],[data-ad-slot]",
        "CSS selectors of the places where your pages want their ads; seen as one more signal.",
    )
    probe_urls: tuple[str, ...] = _option(
        (),
        "Addresses of ad files, https://…, which the script asks for on pages that have no ad "
        "requests of their own (GET, no cookies); empty asks nobody but your host.",
    )
    share: float = _option(
        1.0, "The share of page views that are looked at and counted, 0.0001 to 1."
    )
    reuse_minutes: int = _option(
        0,
        "Minutes for which a verdict of clear is kept in the visitor's session storage, so that "
        "further pages cost nothing and are not counted, 0 to 60; 0 keeps nothing.",
    )
    single_page: bool = _option(
        False, "True takes a navigation inside of a page, by its history, for a new view."
    )
    flush_seconds: float = _option(5.0, "Seconds between two writes of the counters, 0.1 to 3600.")
    baits_file: str = _option(
        "",
        "A pool of your own, made by: detector baits pick. Empty: the one that ships.",
    )
    without_baits: tuple[str, ...] = _option(
        (), "Request baits that are not used, by the paths that `detector doctor` prints."
    )
    error_pages: bool = _option(False, "True adds the tag to HTML error pages too.")
    treat_bots_as_people: bool = _option(
        False, "For QA only: automated browsers are counted and see the notice."
    )

    def __post_init__(self) -> None:
        """Check every value."""
        for item in fields(self):
            if check := CHECKS.get(item.name):
                check(PREFIX + item.name.upper(), getattr(self, item.name))
        try:
            pool.switched_off(pool.load(self.baits_file), self.without_baits)
        except pool.PoolError as error:
            raise ConfigError(f"{PREFIX}WITHOUT_BAITS {error}") from None

    @classmethod
    def make(cls, mapping: Mapping[str, Any] | None = None, **options: Any) -> Config:
        """Join `options` with DETECTOR_* keys of `mapping`, the environment and a TOML file.

        The first named wins. `config` among the options, DETECTOR_CONFIG elsewhere, names the
        file; `detector.sources.gather` also tells where each value comes from. Raises ConfigError.
        """
        from detector.sources import gather, prefixed

        return gather(options, prefixed(mapping or {}, "configuration")).config


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


def _check_mode(key: str, value: Any) -> None:
    if value not in MODES:
        raise ConfigError(f"{key} is {value!r}; allowed are {', '.join(MODES)}")


def _check_store(key: str, value: Any) -> None:
    if not isinstance(value, str):
        raise ConfigError(f"{key} is {value!r}; allowed are a file path or sqlite:///path")
    scheme, found, _ = value.partition("://")
    if found and scheme != "sqlite":
        raise ConfigError(f"{key} is {value!r}; allowed are a file path or sqlite:///path")


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


CHECKS: dict[str, Callable[[str, Any], None]] = {
    "secret": _check_secret,
    "previous_secrets": _check_secrets,
    "enabled": _check_bool,
    "switch_file": _check_path,
    "notice": _check_mode,
    **notice.CHECKS,
    "store": _check_store,
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
