"""Processes that write views to a store by clocks that may be wrong."""

from __future__ import annotations

from detector.analytics.query import summary
from detector.core.counting.dimensions import Key
from detector.core.counting.store import Store
from detector.core.counting.store_url import open_store

NOW = 490_000 - 490_000 % 24 + 12
YEARS = 10 * 365 * 24
MONTHS = 90 * 24


def view(hour: int, site: str = "site") -> Key:
    """Return the row of a view."""
    return hour, site, "all", "", "", "view"


def error(hour: int) -> Key:
    """Return the row of an error."""
    return hour, "site", "all", "", "", "error"


class Writer:
    """A process that writes views at the hours of its clock, batch by batch."""

    def __init__(self, url: str, name: str) -> None:
        self.store = open_store(url)
        self.name, self.number = name, 0

    def write(self, hour: int, count: int = 1, *, later: int = 0) -> None:
        """Write this many views of an hour, with some of another one."""
        self.number += 1
        rows = {view(hour): count}
        if later:
            rows[view(hour + later)] = 1
        self.store.add(rows, (self.name, self.number))


def kept(store: Store, now: int = NOW) -> int:
    """Return how many views are left after a process at that hour has compacted."""
    store.compact(now, again=True)
    return summary(store).views
