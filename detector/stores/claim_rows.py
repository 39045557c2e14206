"""What every store does with the claims of reports: which are old, and what new ones add."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Event, Reports

HOURS = 26
"""A token is good for a day, give or take five minutes; so long its claims are of use."""


def old(hour: int) -> bytes:
    """Return what every claim of use at that hour is not below."""
    return max(0, hour - HOURS).to_bytes(4, "big")


def added(reports: Reports, new: Container[bytes]) -> dict[Key, int]:
    """Return the counts that reports add up to, where some of them are new."""
    # A handful of events stand behind many reports; hashing one costs as much as counting it.
    events = {id(event): event for event in reports.values()}
    times = Counter((id(event), claim in new) for claim, event in reports.items())
    rows: dict[Key, int] = {}
    for (which, is_new), times_told in times.items():
        event = events[which]
        for key in event.new if is_new else event.again:
            rows[key] = rows.get(key, 0) + times_told
    return rows


def newest(claims: Mapping[bytes, Event], known_hour: int | None) -> int:
    """Return the hour of the youngest of some claims, no later than the hour that is known."""
    hour = int.from_bytes(max(claims)[:4], "big")
    return hour if known_hour is None else min(hour, known_hour)
