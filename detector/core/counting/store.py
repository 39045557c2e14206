"""The interface of every store of counters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from detector.core.counting.dimensions import Key
from detector.core.errors import StoreError

Batch = tuple[str, int]
"""A writer's random name and the serial number of its batch."""


class Event(NamedTuple):
    """What a report adds: 1 to each row of `new` at its first arrival, else to those of `again`."""

    new: tuple[Key, ...]
    again: tuple[Key, ...]


Reports = Mapping[bytes, Event]
"""Reports of one site by claim; a store accepts each claim once (see `limits/deduplication.py`)."""

HOURLY_DAYS = 30
KEPT_DAYS = 761
"""Rows are kept by the hour for 30 days, then by the day; after 25 months they are deleted."""

_MOST = 2**62


class Sum(NamedTuple):
    """Summed counts of one dimension: `hour` is the start of its step."""

    hour: int
    value: str
    state: str
    action: str
    n: int


class Store(Protocol):
    """A table of counts to which any number of processes add."""

    def add(self, rows: Mapping[Key, int], batch: Batch | None = None) -> None:
        """Add all counts or none; StoreError when they could not be written.

        A batch is added only once, however often it is retried, provided that its writer's numbers
        only increase.
        """

    def add_reports(self, reports: Reports, batch: Batch | None = None) -> None:
        """Store the claims of reports and add their counts, all or none, as `add` does."""

    def tally(self, site: str, minute: int, drawers: Mapping[int, int], most: int) -> set[int]:
        """Add to the drawers of a minute; return those of the site that now hold more than `most`.

        A drawer is a hash bucket of clients: see `limits/shared_rate_limiter.py`.
        """

    def rows(
        self,
        since_hour: int | None = None,
        site: str | None = None,
        until_hour: int | None = None,
    ) -> Iterator[tuple[Key, int]]:
        """Return the rows from an hour (unix seconds // 3600) up to but excluding another.

        They are read in parts: what is written or joined meanwhile may be missing.
        """

    def sums(
        self,
        dimension: str,
        *,
        site: str | None = None,
        since: int | None = None,
        until: int | None = None,
        step: int = 0,
        value: str | None = None,
    ) -> list[Sum]:
        """Sum one dimension over the hours from `since` up to but excluding `until`.

        In steps of `step` hours, aligned to 1970, or with 0 in a single one whose hour is 0. With
        `value` only the rows that have it.
        """

    def sites(self) -> list[str]:
        """Return the names of the sites that have counts, in order."""

    def newest_hour(self, site: str) -> int | None:
        """Return the present hour as known to the store, None before the first count.

        Writers with a wrong clock do not move it; see `stores/present_hour.py`.
        """

    def compact(self, now_hour: int, *, again: bool = False) -> int:
        """Merge the hours of old days and delete expired rows; return how many rows were removed.

        Only once a day over all processes, unless `again`.
        """

    def compact_some(self, now_hour: int) -> bool:
        """Do some seconds' part of what `compact` does; return whether nothing of it is left.

        False also while another process is doing it.
        """

    def close(self) -> None:
        """Close files and connections; the next use opens them again."""


def check_rows(rows: Mapping[Key, int]) -> None:
    """Raise StoreError for rows that not every store can hold, before any is sent."""
    for key, count in rows.items():
        hour, *words = key
        if not 0 <= hour < _MOST or not 0 <= count < _MOST:
            raise StoreError(f"a count cannot be used: {count!r} in {key!r}")
        if not all(word.isprintable() for word in words):
            raise StoreError(f"a count cannot be used: {key!r} has unprintable characters")


def borders(now_hour: int) -> tuple[int, int]:
    """Return the hour before which rows are kept by the day, and that before which they expire."""
    day = now_hour - now_hour % 24
    return day - HOURLY_DAYS * 24, day - KEPT_DAYS * 24
