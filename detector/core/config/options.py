"""The options of one site: names, defaults, documentation and checks.

Every way of configuring (`detector.core.config.loading`) results in one frozen `Config`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from detector.core.baits import pool
from detector.core.config.notice_options import NoticeOptions, used_modes
from detector.core.config.option import check_of, option
from detector.core.config.validators import (
    check_bool,
    check_extra,
    check_number,
    check_one_of,
    check_proxies,
    check_secret,
    check_store,
)
from detector.core.counting.store_url import SERVERS
from detector.core.errors import ConfigError
from detector.core.vocabulary import CONSENTS, LEVELS

PREFIX = "DETECTOR_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(NoticeOptions):
    """All options of one site, checked on construction; raises ConfigError."""

    secret: str = option(
        "",
        "The site's secret, at least 16 characters; all served names and tokens derive from it. "
        "Flask and Django: derived from SECRET_KEY when not set.",
        check_secret,
        shown=False,
    )
    previous_secrets: tuple[str, ...] = option(
        (), "Earlier secrets, whose names and tokens remain valid.", "check_secrets", shown=False
    )
    enabled: bool = option(
        True, "False adds no tag to any page; our own URLs still answer.", check_bool
    )
    switch_file: str = option(
        "", "While this file exists no page is tagged; checked at most once a second.", "check_path"
    )
    level: str = option(
        "stats",
        "How much is counted and kept: off (no tag), local (nothing counted, nothing kept before "
        '"Not now"), stats, or full (a signed cookie sends the state to your server).',
        check_one_of(*LEVELS),
    )
    gpc: str = option(
        "stats",
        "The highest level for visitors who send Global Privacy Control or Do Not Track: "
        "stats or local.",
        check_one_of("stats", "local"),
    )
    consent: str = option(
        "",
        "Where consent comes from: page (your own script), or tcf; until it is given, the level is "
        "local. Empty: no consent is needed.",
        check_one_of("", *CONSENTS),
    )
    store: str = option(
        "",
        f"Where counters are kept: a file path, {' or '.join(SERVERS)}. When not set, "
        "detector.sqlite in Flask's instance folder or Django's BASE_DIR; memory elsewhere.",
        check_store,
    )
    pairs: tuple[tuple[str, str], ...] = option(
        (),
        'Pairs of dimensions that are counted together, such as [["kind", "browser"]]; '
        "docs/reference/stores.md says what each costs.",
        "check_pairs",
    )
    time_zone: str = option(
        "UTC",
        "The time zone of days, weeks and months in figures and dashboard, such as Europe/Berlin; "
        "counts are kept in UTC.",
        "check_time_zone",
    )
    on_verdict: Any = option(  # noqa: RUF009
        "", "Called for each verdict: a function, or package.module:function.", "check_hook"
    )
    prometheus: bool = option(
        False,
        "True adds the counts to prometheus-client's registry.",
        check_extra("prometheus_client", "prometheus"),
    )
    opentelemetry: bool = option(
        False,
        "True adds the counts to OpenTelemetry's meter.",
        check_extra("opentelemetry", "opentelemetry"),
    )
    shared_limits: bool = option(
        False,
        "True lets all processes that share the store count each report once and limit each client "
        "together; docs/reference/stores.md says what the store then holds.",
        check_bool,
    )
    proxies: int = option(
        0, "How many proxies before the app add to X-Forwarded-For, 0 to 16.", check_proxies
    )
    slots: str = option(
        "ins.adsbygoogle,[id^=div-gpt-ad],[data-ad-slot]",
        "CSS selectors of your pages' ad slots; they serve as one more signal.",
        "check_selectors",
    )
    probe_urls: tuple[str, ...] = option(
        (),
        "URLs of ad files, https://…, which the script requests on pages that have no ad requests "
        "of their own (GET, no cookies); empty sends requests to your host only.",
        "check_urls",
    )
    share: float = option(
        1.0,
        "The share of page views that are probed and counted, 0.0001 to 1.",
        check_number(0.0001, 1),
    )
    reuse_minutes: int = option(
        0,
        "Minutes for which a verdict of clear is kept in the visitor's session storage, so that "
        "further pages are counted as clear without being probed, 0 to 60; 0 keeps nothing.",
        check_number(0, 60, whole=True),
    )
    single_page: bool = option(
        False,
        "True counts each navigation within a page, by its history, as a new view.",
        check_bool,
    )
    flush_seconds: float = option(
        5.0, "Seconds between two writes of the counters, 0.1 to 3600.", check_number(0.1, 3600)
    )
    baits_file: str = option(
        "",
        "Your own pool, created by: detector baits pick. Empty: the one shipped.",
        "check_baits_file",
    )
    without_baits: tuple[str, ...] = option(
        (),
        "Request baits that are not used, by the paths printed by `detector doctor`.",
        "check_paths",
    )
    rotate_baits: bool = option(
        True, "False keeps baits that no blocker acts on any more, by the counts.", check_bool
    )
    error_pages: bool = option(False, "True adds the tag to HTML error pages too.", check_bool)
    treat_bots_as_people: bool = option(
        False, "For QA only: automated browsers are counted and see the notice.", check_bool
    )

    def __post_init__(self) -> None:
        """Check every value."""
        for item in fields(self):
            check_of(item)(PREFIX + item.name.upper(), getattr(self, item.name))
        _check_baits(self)
        _check_redirect(self)
        _check_shared(self)

    def __hash__(self) -> int:
        """Hash a few options, since some are dicts; equality compares all."""
        return hash((self.secret, self.store, self.notice))

    def __repr__(self) -> str:
        """Show the options without secrets, and the store without its password."""
        from detector.core.counting.masking import masked

        shown = {item.name: getattr(self, item.name) for item in fields(self) if item.repr}
        shown["store"] = masked(self.store)
        return f"Config({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def _check_baits(config: Config) -> None:
    """Check that the pool has the baits that are switched off, and enough others."""
    try:
        pool.switched_off(pool.load(config.baits_file), config.without_baits)
    except pool.PoolError as error:
        raise ConfigError(f"{PREFIX}WITHOUT_BAITS {error}") from None


def _check_redirect(config: Config) -> None:
    """Check that the mode `redirect` has a target."""
    if "redirect" in used_modes(config) and not config.redirect_url:
        raise ConfigError(
            f"{PREFIX}NOTICE is redirect, but {PREFIX}REDIRECT_URL is not set: set it to the page "
            "to be shown, or use another mode"
        )


def _check_shared(config: Config) -> None:
    """Check that there is a store through which limits can be shared."""
    if config.shared_limits and not config.store:
        raise ConfigError(
            f"{PREFIX}SHARED_LIMITS is True, but {PREFIX}STORE is not set: name the store that all "
            "processes share"
        )
