"""Counters in one SQLite file, shared by any number of processes on one machine."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Batch, Reports, check_rows
from detector.stores.connection import Steps
from detector.stores.present_hour import Dating
from detector.stores.row_pages import PAGE, Pair, by_pages
from detector.stores.sqlite import claims as shared
from detector.stores.sqlite import rollups
from detector.stores.sqlite.annotations import SqliteAnnotations
from detector.stores.sqlite.compaction import compaction
from detector.stores.sqlite.present import dated, known, newest
from detector.stores.sqlite.quarantine import Damaged, move_aside
from detector.stores.sqlite.schema import SITES
from detector.stores.sqlite.values import capped
from detector.stores.summing import SumsBySnapshot
from detector.stores.value_caps import ValueCaps

if TYPE_CHECKING:
    from detector.stores.sqlite.snapshot import Snapshot

_KEY = "site, dimension, hour, value, state, action"
_ADD = (
    "INSERT INTO counts (hour, site, dimension, value, state, action, n) "
    f"VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT ({_KEY}) DO UPDATE SET n = n + excluded.n"
)
_PAGE = (
    "SELECT hour, value, state, action, n FROM counts WHERE site = ? AND dimension = ? "
    "AND (hour, value, state, action) > (?, ?, ?, ?) AND hour < ? "
    f"ORDER BY hour, value, state, action LIMIT {PAGE}"
)
_SECONDS = 2.0
"""How long a flusher compacts before its next flush."""
_PAUSE = 0.05
"""The longest pause between two steps, in seconds, for other writers."""


class SqliteStore(SumsBySnapshot, SqliteAnnotations):
    """The counts of one file; safe to use from threads, and before and after a fork."""

    def __init__(self, path: str | Path, *, readonly: bool = False, timeout: float = 5.0) -> None:
        """`timeout` is how many seconds to wait for another writer."""
        super().__init__(path, readonly=readonly, timeout=timeout)
        self._dating = Dating()
        self._some: Steps | None = None
        self._caps: tuple[sqlite3.Connection, ValueCaps] | None = None

    def add(self, rows: Mapping[Key, int], batch: Batch | None = None) -> None:
        """Add all counts in one transaction; StoreError if none of them was written.

        A damaged file is moved aside first. Of a batch only the writer matters: whether a write
        succeeded is always known.
        """
        self._write(lambda connection: rows, batch)

    def add_reports(self, reports: Reports, batch: Batch | None = None) -> None:
        """Store claims and add counts in one transaction, as `add` does."""

        def claim(connection: sqlite3.Connection) -> Mapping[Key, int]:
            present = known(connection)
            return shared.claim(connection, reports, present.hour if present else None)

        self._write(claim, batch)

    def tally(self, site: str, minute: int, drawers: Mapping[int, int], most: int) -> set[int]:
        """Add to the drawers of a minute; see `Store.tally`."""
        with self._using() as connection:
            return shared.tally(connection, site, minute, drawers, most)

    def _write(
        self, make: Callable[[sqlite3.Connection], Mapping[Key, int]], batch: Batch | None
    ) -> None:
        with self._lock:
            try:
                self._add(make, batch)
            except Damaged as damaged:
                if self._readonly or not move_aside(self.path, damaged.identity):
                    raise
                self._add(make, batch)

    def _add(
        self, make: Callable[[sqlite3.Connection], Mapping[Key, int]], batch: Batch | None
    ) -> None:
        # Until it is committed, values that it took are nobody's.
        caps, self._caps = self._caps, None
        with self._using() as connection:
            if caps is None or caps[0] is not connection:
                caps = connection, ValueCaps()
            connection.execute("BEGIN IMMEDIATE")
            rows = make(connection)
            check_rows(rows)
            rows = dated(connection, self._dating, rows, batch)
            if batch:
                rows = capped(connection, caps[1], rows)
            connection.executemany(_ADD, ((*key, count) for key, count in sorted(rows.items())))
            connection.execute("COMMIT")
        self._dating.wrote()
        self._caps = caps

    def rows(
        self,
        since_hour: int | None = None,
        site: str | None = None,
        until_hour: int | None = None,
    ) -> Iterator[tuple[Key, int]]:
        """Yield the rows by site, dimension, hour and the rest; see `Store.rows`."""

        def following(pair: Pair) -> Pair | None:
            with self._using() as connection:
                return rollups.following(connection, pair)

        def read(asked: tuple[Any, ...]) -> list[tuple[Any, ...]]:
            with self._using() as connection:
                return connection.execute(_PAGE, asked).fetchall()

        return by_pages(following, read, since_hour, until_hour, site)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Yield a reader whose sums all belong to one moment; other threads wait meanwhile."""
        from detector.stores.sqlite.snapshot import Snapshot

        with self._using() as connection:
            connection.execute("BEGIN")
            yield Snapshot(connection)
            connection.execute("COMMIT")

    def sites(self) -> list[str]:
        """Return the names of the sites that have counts, in order."""
        with self._using() as connection:
            return [row[0] for row in connection.execute(SITES)]

    def newest_hour(self, site: str) -> int | None:
        """Return the present hour of all sites; see `Store.newest_hour`."""
        with self._using() as connection:
            present = known(connection)
            return present.hour if present else newest(connection)

    def compact(self, now_hour: int, *, again: bool = False) -> int:
        """Merge the hours of old days in short transactions; see `Store.compact`."""
        went = 0
        # Of its own: another thread may compact for a few seconds meanwhile.
        steps = Steps(lambda connection: compaction(connection, now_hour, again=again))
        while True:
            began = time.monotonic()
            step = self._step(steps)
            if step is None:
                return went
            went += step
            # Others try again and again to write, and would meet one step after the other.
            time.sleep(min(_PAUSE, time.monotonic() - began))

    def compact_some(self, now_hour: int) -> bool:
        """Compact for a few seconds; see `Store.compact_some`."""
        deadline = time.monotonic() + _SECONDS
        with self._lock:
            steps = self._some = self._some or Steps(
                lambda connection: compaction(connection, now_hour, again=False)
            )
        while self._step(steps) is not None:
            if time.monotonic() > deadline:
                return False
        with self._lock:
            self._some = None
        return True

    def _step(self, steps: Steps) -> int | None:
        """Do the next step in a transaction; return how many rows went, None at the end."""
        with self._using() as connection:
            connection.execute("BEGIN IMMEDIATE")
            step = steps.next(connection)
            connection.execute("COMMIT")
            return step
