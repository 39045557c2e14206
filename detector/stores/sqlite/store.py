"""Counters in one SQLite file, shared by any number of processes on one machine."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Batch, Reports, borders, check_rows
from detector.stores.present_hour import Dating, Present, is_compacted, present_hour, redated
from detector.stores.row_pages import PAGE, Pair, by_pages
from detector.stores.sqlite import claims as shared
from detector.stores.sqlite import rollups
from detector.stores.sqlite.annotations import SqliteAnnotations
from detector.stores.sqlite.connection import number
from detector.stores.sqlite.quarantine import Damaged, move_aside
from detector.stores.sqlite.schema import NEWEST, SITES
from detector.stores.summing import SumsBySnapshot

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
_COMPACT = (
    """CREATE TEMP TABLE moved AS
    SELECT site, dimension, hour - hour % 24 AS day, value, state, action, sum(n) AS n
    FROM counts WHERE hour < :daily AND hour % 24 <> 0 GROUP BY 1, 2, 3, 4, 5, 6""",
    "DELETE FROM counts WHERE hour < :daily AND hour % 24 <> 0",
    f"""INSERT INTO counts ({_KEY}, n)
    SELECT site, dimension, day, value, state, action, n FROM moved WHERE true
    ON CONFLICT ({_KEY}) DO UPDATE SET n = n + excluded.n""",
    "DROP TABLE moved",
    "DELETE FROM counts WHERE hour < :gone",
    "INSERT INTO marks VALUES ('compacted', :daily) ON CONFLICT (name) DO UPDATE SET n = :daily",
)

_KNOWN = "SELECT substr(name, 9), n FROM marks WHERE name LIKE 'present-%'"
_KNOW = "INSERT INTO marks VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = excluded.n"


class SqliteStore(SumsBySnapshot, SqliteAnnotations):
    """The counts of one file; safe to use from threads, and before and after a fork."""

    def __init__(self, path: str | Path, *, readonly: bool = False, timeout: float = 5.0) -> None:
        """`timeout` is how many seconds to wait for another writer."""
        super().__init__(path, readonly=readonly, timeout=timeout)
        self._dating = Dating()

    def add(self, rows: Mapping[Key, int], batch: Batch | None = None) -> None:
        """Add all counts in one transaction; StoreError if none of them was written.

        A damaged file is moved aside first. Of a batch only the writer matters: whether a write
        succeeded is always known.
        """
        self._write(lambda connection: rows, batch)

    def add_reports(self, reports: Reports, batch: Batch | None = None) -> None:
        """Store claims and add counts in one transaction, as `add` does."""

        def claim(connection: sqlite3.Connection) -> Mapping[Key, int]:
            known = _known(connection)
            return shared.claim(connection, reports, known.hour if known else None)

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
        with self._using() as connection:
            connection.execute("BEGIN IMMEDIATE")
            rows = make(connection)
            check_rows(rows)
            rows = self._dated(connection, rows, batch)
            connection.executemany(_ADD, ((*key, count) for key, count in sorted(rows.items())))
            connection.execute("COMMIT")
        self._dating.wrote()

    def _dated(
        self, connection: sqlite3.Connection, rows: Mapping[Key, int], batch: Batch | None
    ) -> Mapping[Key, int]:
        """Return the rows under their allowed hours, and store the present hour."""
        known = _known(connection)
        held = _newest(connection) if known is None else None
        dated = self._dating.date(known, (key[0] for key in rows), held, batch)
        if dated is None:
            return rows
        found, latest = dated
        if found != known:
            marks = found._asdict().items()
            connection.executemany(_KNOW, ((f"present-{name}", n) for name, n in marks))
        return redated(rows, latest, found.hour) if batch else rows

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
            return _sites(connection)

    def newest_hour(self, site: str) -> int | None:
        """Return the present hour of all sites; see `Store.newest_hour`."""
        with self._using() as connection:
            known = _known(connection)
            return known.hour if known else _newest(connection)

    def compact(self, now_hour: int, *, again: bool = False) -> int:
        """Merge the hours of old days; see `Store.compact`."""
        with self._using() as connection:
            connection.execute("BEGIN IMMEDIATE")
            known = _known(connection)
            now_hour = present_hour(now_hour, known, _newest(connection))
            daily, gone = borders(now_hour)
            mark = "SELECT max(n) FROM marks WHERE name = 'compacted'"
            found = connection.execute(mark).fetchone()[0]
            if not again and is_compacted(found or 0, now_hour, known):
                connection.execute("ROLLBACK")
                return 0
            before = number(connection, "SELECT count(*) FROM counts")
            for statement in _COMPACT:
                connection.execute(statement, {"daily": daily, "gone": gone})
            shared.forget(connection, now_hour)
            rollups.forget(connection, now_hour)
            after = number(connection, "SELECT count(*) FROM counts")
            connection.execute("COMMIT")
        self._sum_up(now_hour)
        return before - after

    def _sum_up(self, now_hour: int) -> None:
        """Sum days and months one by one, so that other writers wait for one at most."""
        with self._using() as connection:
            spans = rollups.stale(connection, now_hour)
        for hours in spans:
            with self._using() as connection:
                connection.execute("BEGIN IMMEDIATE")
                rollups.sum_up(connection, hours)
                connection.execute("COMMIT")


def _sites(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute(SITES)]


def _known(connection: sqlite3.Connection) -> Present | None:
    found = dict(connection.execute(_KNOWN).fetchall())
    return Present(**found) if found else None


def _newest(connection: sqlite3.Connection) -> int | None:
    found: int | None = connection.execute(NEWEST).fetchone()[0]
    return found
