"""The age of the pool that the site's baits come from."""

from __future__ import annotations

import re

from detector.core.baits.age import outdated
from detector.core.baits.pool import Pool
from detector.core.served_names import ALPHABET
from detector.doctor.findings import Finding, warning

_CHECK = "pool"


def age(baits: list[list[object]], pool: Pool, now: float) -> list[Finding]:
    """Warn if the baits come from this pool, and it is old at `now`, in seconds since 1970.

    A site does not tell its pool's date; baits that are not this pool's leave the age unknown.
    """
    old = outdated(pool, now)
    if (
        not old
        or not baits
        or not all(_is_from(pool, int(str(bait[1])), str(bait[2])) for bait in baits)
    ):
        return []
    saw, _, fix = old.partition("; ")
    return [warning(_CHECK, f"{saw[0].upper()}{saw[1:]}.", f"{fix[0].upper()}{fix[1:]}.")]


def _is_from(pool: Pool, number: int, path: str) -> bool:
    if number >= len(pool.requests):
        return False
    pattern = re.escape(pool.requests[number].path).replace(r"\{w\}", f"[{ALPHABET}]+")
    return re.fullmatch(pattern + r"\??", path) is not None
