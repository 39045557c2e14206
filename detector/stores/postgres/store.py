"""Counters in PostgreSQL, shared by any number of machines (extra `[postgres]`, psycopg 3)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, LiteralString

import psycopg
from psycopg import errors

from detector.core.counting.dimensions import Key
from detector.core.counting.masking import masked, scrubbed
from detector.core.counting.store import Batch, Reports, Sum, borders, check_rows
from detector.core.errors import StoreError
from detector.stores.connection import ConnectedToServer
from detector.stores.postgres import claims as shared
from detector.stores.postgres.wait import Connection
from detector.stores.present_hour import Dating, Present, is_compacted, present_hour, redated

# Step n migrates the tables from schema version n to n + 1. Connected programs keep running
# meanwhile: what they add must fit the tables of every version.
_STEPS: tuple[tuple[LiteralString, ...], ...] = (
    (
        # Keys are ordered by their bytes, whatever the database's collation.
        """CREATE TABLE detector_counts (
            site text COLLATE "C" NOT NULL, dimension text COLLATE "C" NOT NULL,
            hour bigint NOT NULL, value text COLLATE "C" NOT NULL,
            state text COLLATE "C" NOT NULL, action text COLLATE "C" NOT NULL, n bigint NOT NULL,
            PRIMARY KEY (site, dimension, hour, value, state, action))""",
        """CREATE TABLE detector_writers (
            name text PRIMARY KEY, batch bigint NOT NULL, at timestamptz NOT NULL)""",
        "CREATE TABLE detector_marks (name text PRIMARY KEY, n bigint NOT NULL)",
    ),
)

_ADD: LiteralString = """INSERT INTO detector_counts AS c
    (hour, site, dimension, value, state, action, n)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::bigint[])
    ON CONFLICT (site, dimension, hour, value, state, action) DO UPDATE SET n = c.n + excluded.n"""
_BATCH: LiteralString = """INSERT INTO detector_writers AS w VALUES (%s, %s, now())
    ON CONFLICT (name) DO UPDATE SET batch = excluded.batch, at = excluded.at
    WHERE w.batch < excluded.batch"""
_PAGE: LiteralString = """SELECT site, dimension, hour, value, state, action, n FROM detector_counts
    WHERE (site, dimension, hour, value, state, action) > (%s, %s, %s, %s, %s, %s)
    AND hour >= %s AND (%s::text IS NULL OR site = %s)
    ORDER BY site, dimension, hour, value, state, action LIMIT 5000"""
_SUM: LiteralString = """SELECT CASE WHEN %(step)s > 0 THEN hour - hour %% %(step)s ELSE 0 END,
    value, state, action, sum(n)::bigint FROM detector_counts
    WHERE dimension = %(dimension)s AND hour >= %(since)s AND hour < %(until)s
    AND (%(site)s::text IS NULL OR site = %(site)s)
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"""
# A thousand sites have ten million rows: each step is an index lookup of the next name.
_SITES: LiteralString = """WITH RECURSIVE found AS (
    (SELECT site FROM detector_counts ORDER BY site LIMIT 1)
    UNION ALL SELECT (SELECT c.site FROM detector_counts c WHERE c.site > found.site
        ORDER BY c.site LIMIT 1) FROM found WHERE found.site IS NOT NULL
) SELECT site FROM found WHERE site IS NOT NULL"""
_JOIN: LiteralString = """WITH moved AS (
        DELETE FROM detector_counts WHERE hour < %(daily)s AND hour %% 24 <> 0 RETURNING *
    ), joined AS (
        INSERT INTO detector_counts AS c (site, dimension, hour, value, state, action, n)
        SELECT site, dimension, hour - hour %% 24, value, state, action, sum(n) FROM moved
        GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
        ON CONFLICT (site, dimension, hour, value, state, action)
        DO UPDATE SET n = c.n + excluded.n RETURNING xmax = 0 AS new
    ) SELECT (SELECT count(*) FROM moved) - (SELECT count(*) FROM joined WHERE new)"""
_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(1633968740)"
_MARK: LiteralString = "SELECT n FROM detector_marks WHERE name = 'compacted'"
_KNOWN: LiteralString = "SELECT substr(name, 9), n FROM detector_marks WHERE name LIKE 'present-%'"
_KNOW: LiteralString = """INSERT INTO detector_marks VALUES (%s, %s)
    ON CONFLICT (name) DO UPDATE SET n = excluded.n"""
_KNOW_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(1633968741)"
_NEWEST: LiteralString = f"""SELECT max((SELECT max(hour) FROM detector_counts c
    WHERE c.site = named.site AND dimension = 'all')) FROM ({_SITES}) AS named"""
_WAITS = (
    "-c statement_timeout=30000 -c lock_timeout=10000 "
    "-c idle_in_transaction_session_timeout=30000 -c client_min_messages=warning"
)

_TCP: dict[str, Any] = {
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
}


class PostgresStore(ConnectedToServer):
    """Tables `detector_*` in one database; safe to use from threads, and around a fork."""

    def __init__(
        self, url: str, *, readonly: bool = False, timeout: float = 5.0, answer: float = 35.0
    ) -> None:
        """`timeout` and `answer` are the seconds to wait for a connection and for an answer.

        The server itself ends a statement after 30 s; a frozen server does not.
        """
        super().__init__()
        self.name = masked(url)
        self._url = url
        self._readonly = readonly
        self._timeout = timeout
        self._answer = answer
        self._dating = Dating()
        self._connection: Connection | None = None
        self._is_shared = False

    def add(self, rows: Mapping[Key, int], batch: Batch | None = None) -> None:
        """Add all counts in one transaction; see `Store.add`."""
        self._write(lambda cursor: rows, batch)

    def add_reports(self, reports: Reports, batch: Batch | None = None) -> None:
        """Store claims and add counts in one transaction; see `Store.add_reports`."""
        self._prepare_shared()

        def claim(cursor: shared.Cursor) -> Mapping[Key, int]:
            known = _known(cursor)
            return shared.claim(cursor, reports, known.hour if known else None)

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
            if not self._is_shared:
                shared.prepare(cursor, _LOCK)
                connection.commit()
                self._is_shared = True

    def _write(
        self, make: Callable[[shared.Cursor], Mapping[Key, int]], batch: Batch | None
    ) -> None:
        """Add the counts that `make` returns, in one transaction with it."""
        with self._using() as connection:
            with connection.cursor() as cursor:
                if batch and not cursor.execute(_BATCH, batch).rowcount:
                    connection.rollback()
                    return
                rows = make(cursor)
                check_rows(rows)
                cursor.execute(_ADD, _columns(self._dated(cursor, rows, batch)))
            try:
                connection.commit()
            except psycopg.OperationalError as error:
                # The answer was lost, but the transaction may have been committed.
                raise self._failed(error, doubtful=True) from None
        self._dating.wrote()

    def _dated(
        self, cursor: shared.Cursor, rows: Mapping[Key, int], batch: Batch | None
    ) -> Mapping[Key, int]:
        """Return the rows under their allowed hours, and store the present hour."""
        hours = {key[0] for key in rows}
        known = _known(cursor)
        held = _newest(cursor) if known is None else None
        dated = self._dating.date(known, hours, held, batch)
        if dated and dated[0] != known:
            # Once an hour. Another writer may have done it while this one waited.
            cursor.execute(_KNOW_LOCK)
            known = _known(cursor)
            dated = self._dating.date(known, hours, held, batch)
            if dated and dated[0] != known:
                marks = dated[0]._asdict().items()
                cursor.executemany(_KNOW, [(f"present-{name}", n) for name, n in marks])
        return redated(rows, dated[1], dated[0].hour) if dated and batch else rows

    def rows(
        self, since_hour: int | None = None, site: str | None = None
    ) -> Iterator[tuple[Key, int]]:
        """Yield the rows by site, dimension, hour and the rest, read 5,000 at a time."""
        last: tuple[str, str, int, str, str, str] = (site or "", "", -1, "", "", "")
        while True:
            page = self._read(_PAGE, (*last, since_hour or 0, site, site))
            for found in page:
                *key, count = found
                last = (key[0], key[1], key[2], key[3], key[4], key[5])
                yield (last[2], last[0], last[1], *last[3:]), count
            if not page:
                return

    def sums(
        self,
        dimension: str,
        *,
        site: str | None = None,
        since: int | None = None,
        until: int | None = None,
        step: int = 0,
    ) -> list[Sum]:
        """Sum one dimension; see `Store.sums`."""
        with self.snapshot() as moment:
            return moment.sums(dimension, site=site, since=since, until=until, step=step)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Yield a reader whose sums all belong to one moment; other threads wait meanwhile."""
        with self._using() as connection, connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield Snapshot(cursor)
            connection.rollback()

    def sites(self) -> list[str]:
        """Return the names of the sites that have counts, in order."""
        return [row[0] for row in self._read(_SITES, ())]

    def compact(self, now_hour: int, *, again: bool = False) -> int:
        """Merge the hours of old days; see `Store.compact`."""
        with self._using() as connection, connection.cursor() as cursor:
            cursor.execute(_LOCK)
            known = _known(cursor)
            now_hour = present_hour(now_hour, known, _newest(cursor))
            daily, gone = borders(now_hour)
            mark = cursor.execute(_MARK).fetchone()
            if mark and is_compacted(mark[0], now_hour, known) and not again:
                connection.rollback()
                return 0
            cursor.execute(_JOIN, {"daily": daily})
            merged = cursor.fetchone()
            cursor.execute("DELETE FROM detector_counts WHERE hour < %s", (gone,))
            expired = cursor.rowcount
            shared.forget(cursor, now_hour)
            cursor.execute("DELETE FROM detector_writers WHERE at < now() - interval '7 days'")
            cursor.execute(
                "INSERT INTO detector_marks VALUES ('compacted', %s) "
                "ON CONFLICT (name) DO UPDATE SET n = excluded.n",
                (daily,),
            )
            connection.commit()
        return int(merged[0] if merged else 0) + expired

    def _read(self, question: LiteralString, asked: Any) -> list[tuple[Any, ...]]:
        with self._using() as connection, connection.cursor() as cursor:
            found = cursor.execute(question, asked).fetchall()
            connection.rollback()
            return found

    @contextlib.contextmanager
    def _using(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """Yield the open connection; any error closes it, which rolls back."""
        with self._lock:
            try:
                yield self._open()
            except psycopg.Error as error:
                self._drop()
                raise self._failed(error) from None
            except BaseException:
                self._drop()
                raise

    def _open(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._connection is not None:
            return self._connection
        self._connection = Connection.connect(
            self._url,
            connect_timeout=max(2, round(self._timeout)),
            options=_WAITS,
            fallback_application_name="detector",
            **_TCP,
        )
        self._connection.answer_seconds = self._answer
        self._prepare(self._connection)
        return self._connection

    def _prepare(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        """Migrate the tables, one process at a time."""
        if self._readonly:
            connection.read_only = True
        with connection.cursor() as cursor:
            version = self._version(cursor)
            if version < len(_STEPS) and not self._readonly:
                cursor.execute(_LOCK)
                cursor.execute("CREATE TABLE IF NOT EXISTS detector_schema (version int NOT NULL)")
                # Another process may have done it while this one waited.
                version = self._version(cursor)
                for step in _STEPS[version:]:
                    for statement in step:
                        cursor.execute(statement)
                cursor.execute("DELETE FROM detector_schema")
                cursor.execute("INSERT INTO detector_schema VALUES (%s)", (len(_STEPS),))
        connection.commit()
        if self._readonly and version < len(_STEPS):
            raise StoreError(
                f"{self.name} has no counters that this version can read yet: start the site "
                "once, so that it creates them, or name another database (--db)"
            )

    def _version(self, cursor: psycopg.Cursor[tuple[Any, ...]]) -> int:
        cursor.execute("SELECT to_regclass('detector_schema') IS NOT NULL")
        there = cursor.fetchone()
        if not there or not there[0]:
            return 0
        row = cursor.execute("SELECT max(version) FROM detector_schema").fetchone()
        version = int(row[0] or 0) if row else 0
        if version > len(_STEPS):
            raise StoreError(
                f"{self.name} has schema version {version}, this adblock-detector knows "
                f"{len(_STEPS)} at most: install the newer release that wrote it, or name another "
                "database (option store; on the command line --db)"
            )
        return int(version)

    def _drop(self) -> None:
        connection, self._connection, self._is_shared = self._connection, None, False
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()

    def _abandon(self) -> Connection | None:
        connection, self._connection, self._is_shared = self._connection, None, False
        return connection

    def _failed(self, error: psycopg.Error, *, doubtful: bool = False) -> StoreError:
        """Return the error to raise, without the driver's own, which may contain the password."""
        text = " ".join(scrubbed(str(error), self._url).split()) or type(error).__name__
        hint = "check the option store (on the command line --db)"
        if isinstance(error, errors.InsufficientPrivilege):
            hint = "allow its user to create and write tables, or name another database"
        elif isinstance(error, psycopg.OperationalError):
            hint = "is the server running, and is the option store correct?"
        found = f"option store: {self.name} cannot be used: {text}; {hint}"
        return StoreError(found, doubtful=doubtful)


class Snapshot:
    """The counts as they are in the transaction of a cursor."""

    def __init__(self, cursor: shared.Cursor) -> None:
        self._cursor = cursor

    def sums(
        self,
        dimension: str,
        *,
        site: str | None = None,
        since: int | None = None,
        until: int | None = None,
        step: int = 0,
    ) -> list[Sum]:
        """Sum one dimension; see `Store.sums`."""
        asked = {"dimension": dimension, "site": site, "since": since or 0, "step": step}
        asked["until"] = 2**62 if until is None else until
        return [Sum(*row) for row in self._cursor.execute(_SUM, asked).fetchall()]


def _columns(rows: Mapping[Key, int]) -> list[list[Any]]:
    # The same order everywhere, so that two writers never deadlock.
    table = sorted((*key[1:3], key[0], *key[3:], n) for key, n in rows.items())
    columns = list(zip(*table, strict=True)) or [()] * 7
    site, dimension, hour, *more = map(list, columns)
    return [hour, site, dimension, *more]


def _known(cursor: shared.Cursor) -> Present | None:
    found: dict[str, int] = dict(cursor.execute(_KNOWN).fetchall())
    return Present(**found) if found else None


def _newest(cursor: shared.Cursor) -> int | None:
    row = cursor.execute(_NEWEST).fetchone()
    return row[0] if row else None
