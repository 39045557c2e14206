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
    EMPTIED = "kept: the store no longer has all of its counts"


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


def is_joined(store: Store, site: str, day: int, newest_hour: int) -> bool:
    """Whether the store knows a day only as a whole: all of it stands at its first hour.

    A young day whose visitors all came before one o'clock is not joined.
    """
    if day >= borders(newest_hour)[0]:
        return False
    return not store.sums(ALL, site=site, since=day + 1, until=day + 24)


def decide(
    events: int, exported: Exported | None, again: bool, joined: Callable[[], bool]
) -> Decision:
    """Decide about a day by what the store has of it and what was exported.

    An export is never replaced by less: by fewer events, or by a day for hours. `joined` is asked
    only where that matters.
    """
    if exported is None:
        return Decision.WRITE
    if events < exported.events:
        return Decision.EMPTIED
    if events == exported.events and not again:
        return Decision.SAME
    return Decision.JOINED if not exported.joined and joined() else Decision.WRITE
