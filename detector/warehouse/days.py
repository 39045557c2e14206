"""Which days of a store are complete, and which of them an export writes.

A day is complete once no report can count in it any more: a report counts in the hour of its view,
whose token is valid for a day and five minutes. The clock for that is the newest hour in the store,
on which its writers agree, not that of the machine which exports. A count that still comes later
(of a process that could not reach the store for days) makes the day be written again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from enum import Enum

from detector.core.counting.dimensions import ALL
from detector.core.counting.store import Store, borders
from detector.core.tokens import SKEW, VIEW_AGE
from detector.warehouse.schema import Exported

AFTER = -(-(VIEW_AGE + SKEW) // 3600)
"""How many hours after its end a day is complete."""


class Decision(Enum):
    """What happens to a day, in the words of the command's output."""

    WRITE = "written"
    SAME = "unchanged"
    JOINED = "kept by the hour: the store has joined its hours since"
    JOINING = "left for the next run: the store has not joined all of their hours yet"
    EMPTIED = "kept: the store no longer has all of its counts"


class Hours(Enum):
    """How a store keeps the hours of a day."""

    APART = "apart"
    JOINING = "some joined, some not"
    JOINED = "joined at its first hour"


def complete_until(newest_hour: int) -> int:
    """Return the end of the last complete day, as an hour since 1970."""
    latest = newest_hour - AFTER
    return latest - latest % 24


def events_by_day(
    store: Store, site: str, since: int | None = None, until: int | None = None
) -> Mapping[int, int]:
    """Return how many events a store has of each day of a site, by the day's first hour."""
    found: Counter[int] = Counter()
    for row in store.sums(ALL, site=site, since=since, until=until, step=24):
        found[row.hour] += row.n
    return dict(sorted(found.items()))


def hours_of(store: Store, site: str, day: int, newest_hour: int) -> Hours:
    """Return how the store keeps the hours of a day.

    A young day whose visitors all came before one o'clock is not joined. An old one is only once
    no dimension has an hour of its own, since a store joins them one after another.
    """
    if day >= borders(newest_hour)[0]:
        return Hours.APART
    return Hours.JOINING if any(store.rows(day + 1, site, day + 24)) else Hours.JOINED


def decide(
    events: int, exported: Exported | None, again: bool, hours: Callable[[], Hours]
) -> Decision:
    """Decide about a day by what the store has of it and what was exported.

    An export is never replaced by less: by fewer events, or by a day for hours. `hours` is asked
    only where a day may be written.
    """
    if exported is not None:
        if events < exported.events:
            return Decision.EMPTIED
        if events == exported.events and not again:
            return Decision.SAME
    found = hours()
    if found is Hours.JOINING:
        return Decision.JOINING
    if exported is not None and not exported.joined and found is Hours.JOINED:
        return Decision.JOINED
    return Decision.WRITE
