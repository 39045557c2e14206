"""Counters in PostgreSQL, shared by any number of machines (extra `[postgres]`, psycopg 3)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, LiteralString

import psycopg

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Batch, Reports, check_rows
from detector.stores.connection import Steps
from detector.stores.postgres import claims as shared
from detector.stores.postgres.annotations import PostgresAnnotations
from detector.stores.postgres.compaction import compaction
from detector.stores.postgres.connection import LOCK, TRY_LOCK
from detector.stores.postgres.present import Cursor, dated, known, newest
from detector.stores.postgres.rollups import following
from detector.stores.postgres.schema import SITES
from detector.stores.postgres.snapshot import Snapshot
from detector.stores.postgres.values import capped
from detector.stores.present_hour import Dating
from detector.stores.row_pages import Pair, by_pages
from detector.stores.summing import SumsBySnapshot
from detector.stores.value_caps import ValueCaps

_ADD: LiteralString = """INSERT INTO detector_counts AS c
    (hour, site, dimension, value, state, action, n)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::bigint[])
    ON CONFLICT (site, dimension, hour, value, state, action) DO UPDATE SET n = c.n + excluded.n"""
_BATCH: LiteralString = """INSERT INTO detector_writers AS w VALUES (%s, %s, now())
    ON CONFLICT (name) DO UPDATE SET batch = excluded.batch, at = excluded.at
    WHERE w.batch < excluded.batch"""
_PAGE: LiteralString = """SELECT hour, value, state, action, n FROM detector_counts
    WHERE site = %s AND dimension = %s AND (hour, value, state, action) > (%s, %s, %s, %s)
    AND hour < %s ORDER BY hour, value, state, action LIMIT 5000"""

_SECONDS = 2.0
"""How long a flusher compacts before its next flush."""


class PostgresStore(SumsBySnapshot, PostgresAnnotations):
    """Tables `detector_*` in one database; safe to use from threads, and around a fork."""

    def __init__(
        self, url: str, *, readonly: bool = False, timeout: float = 5.0, answer: float = 35.0
    ) -> None:
        """`timeout` and `answer` are the seconds to wait for a connection and for an answer."""
        super().__init__(url, readonly=readonly, timeout=timeout, answer=answer)
        self._dating = Dating()
        self._some: Steps | None = None

    def add(self, rows: Mapping[Key, int], batch: Batch | None = None) -> None:
        """Add all counts in one transaction; see `Store.add`."""
        self._write(lambda cursor: rows, batch)

    def add_reports(self, reports: Reports, batch: Batch | None = None) -> None:
        """Store claims and add counts in one transaction; see `Store.add_reports`."""
        self._prepare_shared()

        def claim(cursor: Cursor) -> Mapping[Key, int]:
            present = known(cursor)
            return shared.claim(cursor, reports, present.hour if present else None)

        self._write(claim, batch)

    def tally(self, site: str, minute: int, drawers: Mapping[int, int], most: int) -> set[int]:
        """Add to the drawers of a minute; see `Store.tally`."""
        self._prepare_shared()
        with self._using() as connection, connection.cursor() as cursor:
            full = shared.tally(cursor, site, minute, drawers, most)
            connection.commit()
            return full

    def _prepare_shared(self) -> None:
        """Create the shared tables, once per connection."""
        with self._using() as connection, connection.cursor() as cursor:
            if not connection.has_claims:
                shared.prepare(cursor, LOCK)
                connection.commit()
                connection.has_claims = True

    def _write(self, make: Callable[[Cursor], Mapping[Key, int]], batch: Batch | None) -> None:
        """Add the counts that `make` returns, in one transaction with it."""
        with self._using() as connection:
            with connection.cursor() as cursor:
                if batch and not cursor.execute(_BATCH, batch).rowcount:
                    connection.rollback()
                    return
                rows = make(cursor)
                check_rows(rows)
                rows = dated(cursor, self._dating, rows, batch)
                # Until it is committed, values that it took are nobody's.
                caps, connection.caps = connection.caps or ValueCaps(), None
                if batch:
                    rows = capped(cursor, caps, rows)
                cursor.execute(_ADD, _columns(rows))
            try:
                connection.commit()
            except psycopg.Error as error:
                # The answer was lost, but the transaction may have been committed.
                raise self._failed(error, doubtful=True) from None
            except BaseException as error:
                # The flusher looks at that of any error, even one that ends the process.
                error.doubtful = True  # type: ignore[attr-defined]
                raise
            connection.caps = caps
        self._dating.wrote()

    def rows(
        self,
        since_hour: int | None = None,
        site: str | None = None,
        until_hour: int | None = None,
    ) -> Iterator[tuple[Key, int]]:
        """Yield the rows by site, dimension, hour and the rest; see `Store.rows`."""

        def after(pair: Pair) -> Pair | None:
            with self._using() as connection, connection.cursor() as cursor:
                found = following(cursor, pair)
                connection.rollback()
                return found

        return by_pages(after, lambda asked: self._read(_PAGE, asked), since_hour, until_hour, site)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Yield a reader whose sums all belong to one moment; other threads wait meanwhile."""
        with self._using() as connection, connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield Snapshot(cursor)
            connection.rollback()

    def sites(self) -> list[str]:
        """Return the names of the sites that have counts, in order."""
        return [row[0] for row in self._read(SITES, ())]

    def newest_hour(self, site: str) -> int | None:
        """Return the present hour of all sites; see `Store.newest_hour`."""
        with self._using() as connection, connection.cursor() as cursor:
            present = known(cursor)
            found = present.hour if present else newest(cursor)
            connection.rollback()
            return found

    def compact(self, now_hour: int, *, again: bool = False) -> int:
        """Merge the hours of old days in short transactions; see `Store.compact`."""
        went = 0
        # Of its own: another thread may compact for a few seconds meanwhile.
        steps = _steps(now_hour, again=again)
        while (step := self._step(steps, wait=True)) is not None:
            went += step
        return went

    def compact_some(self, now_hour: int) -> bool:
        """Compact for a few seconds; see `Store.compact_some`."""
        deadline = time.monotonic() + _SECONDS
        with self._lock:
            steps = self._some = self._some or _steps(now_hour, again=False)
        while (step := self._step(steps, wait=False)) is not None:
            if step < 0 or time.monotonic() > deadline:
                return False
        with self._lock:
            self._some = None
        return True

    def _step(self, steps: Steps, *, wait: bool) -> int | None:
        """Do the next step; return how many rows went, None at the end.

        While another process does one, wait for it, or return -1.
        """
        with self._using() as connection, connection.cursor() as cursor:
            if wait:
                cursor.execute(LOCK)
            elif cursor.execute(TRY_LOCK).fetchone() != (True,):
                connection.rollback()
                return -1
            step = steps.next(connection)
            connection.commit()
            return step

    def _read(self, question: LiteralString, asked: Any) -> list[tuple[Any, ...]]:
        with self._using() as connection, connection.cursor() as cursor:
            found = cursor.execute(question, asked).fetchall()
            connection.rollback()
            return found


def _steps(now_hour: int, *, again: bool) -> Steps:
    return Steps(lambda connection: compaction(connection.cursor(), now_hour, again=again))


def _columns(rows: Mapping[Key, int]) -> list[list[Any]]:
    # The same order everywhere, so that two writers never deadlock.
    table = sorted((*key[1:3], key[0], *key[3:], n) for key, n in rows.items())
    columns = list(zip(*table, strict=True)) or [()] * 7
    site, dimension, hour, *more = map(list, columns)
    return [hour, site, dimension, *more]
