"""What all stores do with the claims of reports: which are expired, and what new ones add."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Event, Reports
from detector.core.tokens import SKEW, VIEW_AGE

HOURS = (VIEW_AGE + 2 * SKEW) // 3600 + 2
"""How long claims are needed: as long as the token of a view is valid, in whole hours."""


def old(hour: int) -> bytes:
    """Return the lower bound of all claims that are still needed at an hour."""
    return max(0, hour - HOURS).to_bytes(4, "big")


def added(reports: Reports, new: Container[bytes]) -> dict[Key, int]:
    """Return the total counts of reports, given which of their claims are new."""
    # Many reports share a few events; hashing an event costs as much as counting it.
    events = {id(event): event for event in reports.values()}
    times = Counter((id(event), claim in new) for claim, event in reports.items())
    rows: dict[Key, int] = {}
    for (which, is_new), count in times.items():
        event = events[which]
        for key in event.new if is_new else event.again:
            rows[key] = rows.get(key, 0) + count
    return rows


def newest(claims: Mapping[bytes, Event], known_hour: int | None) -> int:
    """Return the hour of the newest claim, but no later than the known hour."""
    hour = int.from_bytes(max(claims)[:4], "big")
    return hour if known_hour is None else min(hour, known_hour)
