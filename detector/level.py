"""How much of a page view may be counted and kept: the option `level`, signals and consent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from detector.config import Config
    from detector.page.flags import Flags
    from detector.page.headers import RequestHeaders

LEVELS: Final = ("off", "local", "stats", "full")


def objects(headers: RequestHeaders) -> bool:
    """Say whether a request carries Global Privacy Control or Do Not Track."""
    return headers.get("sec-gpc") == "1" or headers.get("dnt") == "1"


def level(config: Config, flags: Flags, objects: bool) -> str:
    """Give the level of one request.

    A page without consent has `local`; who objects has at most what the option `gpc` says.
    """
    if flags.local:
        return LEVELS[1]
    highest = config.gpc if objects else LEVELS[-1]
    return min(config.level, highest, key=LEVELS.index)


def counts(level: str) -> bool:
    """Say whether anything may be counted, and kept before the visitor did something."""
    return LEVELS.index(level) >= LEVELS.index("stats")
