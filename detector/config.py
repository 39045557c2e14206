"""The options of one site: names, defaults, and the errors that bad values get.

Every way of configuring (`detector.sources`) ends in one frozen `Config`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from detector.checks import CHECKS, SECRET_MIN, ConfigError, check_baits, check_notice, check_shared
from detector.notice.fields import NoticeOptions, option
from detector.stats.masking import masked

PREFIX = "DETECTOR_"
__all__ = ["CHECKS", "PREFIX", "SECRET_MIN", "Config", "ConfigError"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(NoticeOptions):
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
    enabled: bool = option(True, "False adds no tag to any page; our own URLs still answer.")
    switch_file: str = option(
        "", "While this file exists no page is tagged; looked at once a second at most."
    )
    level: str = option(
        "stats",
        "How much is counted and kept: off (no tag), local (nothing counted, nothing kept before "
        '"Not now"), stats, or full (a signed cookie tells your server the state).',
    )
    gpc: str = option(
        "stats",
        "The highest level for visitors who send Global Privacy Control or Do Not Track: "
        "stats or local.",
    )
    consent: str = option(
        "",
        "Who is asked before anything is counted: page (your own script), or tcf; until that "
        "grants it, the level is local. Empty: nobody.",
    )
    store: str = option(
        "",
        "Where counters are kept: a file path, postgresql://user@host/database or "
        "redis://host:6379/0. When not set, detector.sqlite in Flask's instance folder or "
        "Django's BASE_DIR; memory elsewhere.",
    )
    pairs: tuple[tuple[str, str], ...] = option(
        (),
        'Pairs of dimensions that are counted together, such as [["kind", "browser"]]; '
        "docs/stats.md says what each costs.",
    )
    on_verdict: Any = option(  # noqa: RUF009
        "", "Called for each verdict: a function, or package.module:function."
    )
    prometheus: bool = option(False, "True adds the counts to prometheus-client's registry.")
    opentelemetry: bool = option(False, "True adds the counts to OpenTelemetry's meter.")
    shared_limits: bool = option(
        False,
        "True lets all processes that share the store count each report once and limit each client "
        "together; docs/stats.md says what the store then holds.",
    )
    proxies: int = option(0, "How many proxies before the app add to X-Forwarded-For, 0 to 16.")
    slots: str = option(
        "ins.adsbygoogle,[id^=div-gpt-ad],[data-ad-slot]",
        "CSS selectors of the places where your pages want their ads; seen as one more signal.",
    )
    probe_urls: tuple[str, ...] = option(
        (),
        "Addresses of ad files, https://…, which the script asks for on pages that have no ad "
        "requests of their own (GET, no cookies); empty asks nobody but your host.",
    )
    share: float = option(
        1.0, "The share of page views that are looked at and counted, 0.0001 to 1."
    )
    reuse_minutes: int = option(
        0,
        "Minutes for which a verdict of clear is kept in the visitor's session storage, so that "
        "further pages cost nothing and are not counted, 0 to 60; 0 keeps nothing.",
    )
    single_page: bool = option(
        False, "True takes a navigation inside of a page, by its history, for a new view."
    )
    flush_seconds: float = option(5.0, "Seconds between two writes of the counters, 0.1 to 3600.")
    baits_file: str = option(
        "",
        "A pool of your own, made by: detector baits pick. Empty: the one that ships.",
    )
    without_baits: tuple[str, ...] = option(
        (), "Request baits that are not used, by the paths that `detector doctor` prints."
    )
    error_pages: bool = option(False, "True adds the tag to HTML error pages too.")
    treat_bots_as_people: bool = option(
        False, "For QA only: automated browsers are counted and see the notice."
    )

    def __post_init__(self) -> None:
        """Check every value."""
        for item in fields(self):
            if check := CHECKS.get(item.name):
                check(PREFIX + item.name.upper(), getattr(self, item.name))
        check_baits(PREFIX, self.baits_file, self.without_baits)
        check_notice(PREFIX, self)
        check_shared(PREFIX, self)

    def __hash__(self) -> int:
        """Go by a few options, since some are dicts; equality goes by all."""
        return hash((self.secret, self.store, self.notice))

    def __repr__(self) -> str:
        """Show the options without secrets, and the store without its password."""
        shown = {item.name: getattr(self, item.name) for item in fields(self) if item.repr}
        shown["store"] = masked(self.store)
        return f"Config({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    @classmethod
    def make(cls, mapping: Mapping[str, Any] | None = None, **options: Any) -> Config:
        """Join `options` with DETECTOR_* keys of `mapping`, the environment and a TOML file.

        The first named wins. `config` among the options, DETECTOR_CONFIG elsewhere, names the
        file; `detector.sources.gather` also tells where each value comes from. Raises ConfigError.
        """
        from detector.sources import gather, prefixed

        return gather(options, prefixed(mapping or {}, "configuration")).config
