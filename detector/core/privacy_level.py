"""How much of a page view may be counted and kept: the option `level`, signals and consent."""

from __future__ import annotations

from functools import cache

from detector.core.html.headers import RequestHeaders
from detector.core.vocabulary import LEVELS


def objects(headers: RequestHeaders) -> bool:
    """Whether a request carries Global Privacy Control or Do Not Track."""
    return headers.get("sec-gpc") == "1" or headers.get("dnt") == "1"


@cache
def level(configured: str, gpc: str, *, no_consent: bool, objects: bool) -> str:
    """Return the level of one request, from the options `level` and `gpc`.

    Without consent it is `local`; for a visitor who objects it is at most the option `gpc`.
    """
    if no_consent:
        return LEVELS[1]
    highest = gpc if objects else LEVELS[-1]
    return min(configured, highest, key=LEVELS.index)


@cache
def counts(level: str) -> bool:
    """Whether anything may be counted, or kept before the visitor has done anything."""
    return LEVELS.index(level) >= LEVELS.index("stats")
