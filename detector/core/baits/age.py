"""Warns about a pool that is old, since lists drop rules; loaded by sites that have such a pool."""

from __future__ import annotations

import logging
from datetime import date
from functools import cache

from detector.core.baits import pool
from detector.core.baits.pool import Pool

log = logging.getLogger("detector")


def outdated(baits: Pool, now: float) -> str:
    """Return what to do about a pool that is old at `now`, in seconds since 1970, or ""."""
    days = int(now // 86400) - (date.fromisoformat(baits.date) - date(1970, 1, 1)).days
    if days <= pool.FRESH_DAYS:
        return ""
    return (
        f"the pool of baits of {baits.date} is {days} days old by this machine's clock, and lists "
        "drop rules; check it with: detector baits check, or take a newer pool without an upgrade "
        "of the package: a file made by detector baits pick, named in the option baits_file"
    )


def warn(baits: Pool, now: float) -> None:
    """Log a warning about a pool that is old, once for all sites of a process."""
    if text := outdated(baits, now):
        _log(text)


@cache
def _log(text: str) -> None:
    log.warning("detector: %s", text)
