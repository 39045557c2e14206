"""What every store of counters can do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from detector.core.counting.dimensions import Key
from detector.core.errors import StoreError

Batch = tuple[str, int]
"""A writer's random name and the running number of what it adds."""


class Event(NamedTuple):
    """What a report adds: 1 to each of the first rows where it is new, else to the others."""

    new: tuple[Key, ...]
    again: tuple[Key, ...]


Reports = Mapping[bytes, Event]
"""Reports of one site by their claim, of which a store takes each once (see `shared/`)."""

HOURLY_DAYS = 30
KEPT_DAYS = 761
"""Rows stand by the hour for 30 days, then by the day; after 25 months they go."""

_MOST = 2**62


class Sum(NamedTuple):
    """Counts of one dimension added up: `hour` is the start of its step."""

    hour: int
    value: str
    state: str
    action: str
    n: int


class Store(Protocol):
    """A table of counts to which any number of processes add."""

    def add(self, rows: Mapping[Key, int], batch: Batch | None = None) -> None:
        """Add all counts or none; StoreError when they could not be written.

        A batch is added once, however often it is tried, while its writer's numbers only grow.
        """

    def add_reports(self, reports: Reports, batch: Batch | None = None) -> None:
        """Keep the claims of reports and add their counts, all or none, as `add` does."""

    def tally(self, site: str, minute: int, drawers: Mapping[int, int], most: int) -> set[int]:
        """Add to the drawers of a minute; give all of the site that then hold more than `most`."""

    def rows(
        self, since_hour: int | None = None, site: str | None = None
    ) -> Iterator[tuple[Key, int]]:
        """Return the rows from that hour on (unix seconds // 3600) and of that site."""

    def sums(
        self,
        dimension: str,
        *,
        site: str | None = None,
        since: int | None = None,
        until: int | None = None,
        step: int = 0,
    ) -> list[Sum]:
        """Add up one dimension over the hours from `since` to before `until`.

        By steps of so many hours, counted from 1970, or without steps (0) in one, whose hour is 0.
        """

    def sites(self) -> list[str]:
        """Return the names of the sites that have counts, in order."""

    def compact(self, now_hour: int, *, again: bool = False) -> int:
        """Join the hours of old days, let go of what is too old; give how many rows went.

        Once for each day, whoever asks, unless `again`.
        """

    def close(self) -> None:
        """Let go of files and connections; the next use opens them again."""


def check_rows(rows: Mapping[Key, int]) -> None:
    """Refuse what not every store can hold, before any of it is sent; StoreError."""
    for key, count in rows.items():
        hour, *words = key
        if not 0 <= hour < _MOST or not 0 <= count < _MOST:
            raise StoreError(f"a count cannot be used: {count!r} in {key!r}")
        if not all(word.isprintable() for word in words):
            raise StoreError(f"a count cannot be used: {key!r} holds unprintable signs")


def borders(now_hour: int) -> tuple[int, int]:
    """Return the hour before which rows stand by the day, and the one before which they go."""
    day = now_hour - now_hour % 24
    return day - HOURLY_DAYS * 24, day - KEPT_DAYS * 24
