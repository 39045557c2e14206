"""Counters in one SQLite file, shared by any number of processes of one machine."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from detector.stats import sqlite_sums
from detector.stats.aside import Damaged, Identity, identity_of, in_use, move_aside
from detector.stats.counters import Key
from detector.stats.fork import Connected
from detector.stats.shared import sqlite as shared
from detector.stats.sqlite_schema import APPLICATION, SITES, STEPS
from detector.stats.store import Batch, Reports, StoreError, Sum, borders, check_rows

_ANEW = 60.0
_LAST = 2**62

_KEY = "site, dimension, hour, value, state, action"
_ADD = (
    "INSERT INTO counts (hour, site, dimension, value, state, action, n) "
    f"VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT ({_KEY}) DO UPDATE SET n = n + excluded.n"
)
_PAGE = (
    f"SELECT {_KEY}, n FROM counts WHERE ({_KEY}) > (?, ?, ?, ?, ?, ?) "
    f"AND hour >= ? AND (? IS NULL OR site = ?) ORDER BY {_KEY} LIMIT 5000"
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

_MENDING = {
    "SQLITE_BUSY": "another program holds a lock on it",
    "SQLITE_FULL": "free some disk space",
    "SQLITE_NOTADB": "it is no SQLite file: move it aside, or name another file",
    "SQLITE_CORRUPT": "it is damaged: the next write moves it aside and begins a new one",
    "SQLITE_READONLY": "let the site's user write to the file and its folder",
    "SQLITE_CANTOPEN": "let the site's user read and write the file and its folder",
}


class SqliteStore(Connected):
    """One SQLite file; safe to use from threads, and before and after a fork.

    The connection is opened at the first use. Before a fork it is closed: a child that inherits an
    open one inherits SQLite's belief that it holds locks which only the parent has, whatever the
    child does afterwards (https://www.sqlite.org/howtocorrupt.html, section 2.6).
    """

    def __init__(self, path: str | Path, *, readonly: bool = False, timeout: float = 5.0) -> None:
        """Take the file's path and how many seconds to wait for another writer."""
        super().__init__()
        self.path = Path(path).expanduser().absolute()
        self._readonly = readonly
        self._timeout = timeout
        self._connection: sqlite3.Connection | None = None
        self._opened = 0.0
        self._identity: Identity | None = None
        self._ours: Identity | None = None

    def add(self, rows: Mapping[Key, int], batch: Batch | None = None) -> None:
        """Add all counts in one transaction; StoreError when none of them was written.

        A damaged file is moved aside first. A batch is of no use here: there is never a doubt.
        """
        self._write(lambda connection: rows)

    def add_reports(self, reports: Reports, batch: Batch | None = None) -> None:
        """Keep claims and add counts in one transaction, as `add` does."""
        self._write(lambda connection: shared.claim(connection, reports))

    def tally(self, site: str, minute: int, drawers: Mapping[int, int], most: int) -> set[int]:
        """Add to the drawers of a minute; see `Store.tally`."""
        with self._using() as connection:
            return shared.tally(connection, site, minute, drawers, most)

    def _write(self, make: Callable[[sqlite3.Connection], Mapping[Key, int]]) -> None:
        with self._lock:
            try:
                self._add(make)
            except Damaged as damaged:
                if self._readonly or not move_aside(self.path, damaged.identity):
                    raise
                self._add(make)

    def _add(self, make: Callable[[sqlite3.Connection], Mapping[Key, int]]) -> None:
        with self._using() as connection:
            connection.execute("BEGIN IMMEDIATE")
            rows = make(connection)
            check_rows(rows)
            connection.executemany(_ADD, ((*key, count) for key, count in sorted(rows.items())))
            connection.execute("COMMIT")

    def rows(
        self, since_hour: int | None = None, site: str | None = None
    ) -> Iterator[tuple[Key, int]]:
        """Give the rows in order, read 5,000 at a time, so that no reader holds up a writer.

        The order is that of site, dimension, hour and the rest.
        """
        last: tuple[str, str, int, str, str, str] = (site or "", "", -1, "", "", "")
        while True:
            with self._using() as connection:
                asked = (*last, since_hour or 0, site, site)
                page = connection.execute(_PAGE, asked).fetchall()
            for *key, count in page:
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
        """Add up one dimension; see `Store.sums`."""
        hours = (since or 0, _LAST if until is None else until)
        found: Counter[tuple[int, str, str, str]] = Counter()
        with self._using() as connection:
            # All of one moment, though it is several questions.
            connection.execute("BEGIN")
            for name in [site] if site else _sites(connection):
                found += sqlite_sums.add_up(connection, name, dimension, hours, step)
            connection.execute("COMMIT")
        return [Sum(*key, count) for key, count in sorted(found.items())]

    def sites(self) -> list[str]:
        """Give the names of the sites that have counts, in order."""
        with self._using() as connection:
            return _sites(connection)

    def compact(self, now_hour: int, *, again: bool = False) -> int:
        """Join the hours of old days; see `Store.compact`."""
        daily, gone = borders(now_hour)
        with self._using() as connection:
            connection.execute("BEGIN IMMEDIATE")
            mark = "SELECT max(n) FROM marks WHERE name = 'compacted'"
            if not again and (connection.execute(mark).fetchone()[0] or 0) >= daily:
                connection.execute("ROLLBACK")
                return 0
            before = _number(connection, "SELECT count(*) FROM counts")
            for statement in _COMPACT:
                connection.execute(statement, {"daily": daily, "gone": gone})
            shared.forget(connection, now_hour)
            sqlite_sums.forget(connection, now_hour)
            after = _number(connection, "SELECT count(*) FROM counts")
            connection.execute("COMMIT")
        self._sum_up(now_hour)
        return before - after

    def _sum_up(self, now_hour: int) -> None:
        """Make the sums of days and months one by one, so that whoever counts waits for one."""
        with self._using() as connection:
            spans = sqlite_sums.stale(connection, now_hour)
        for hours in spans:
            with self._using() as connection:
                connection.execute("BEGIN IMMEDIATE")
                sqlite_sums.sum_up(connection, hours)
                connection.execute("COMMIT")

    @contextlib.contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """Give the open connection; whatever goes wrong undoes the transaction and closes it."""
        with self._lock:
            try:
                if not self._readonly:
                    self.path.parent.mkdir(parents=True, exist_ok=True)
                with in_use(self.path), self._undoing():
                    yield self._open()
            except (OSError, OverflowError, UnicodeError) as error:
                raise StoreError(f"option store: {self.path} cannot be used: {error}") from error

    @contextlib.contextmanager
    def _undoing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            identity = self._identity or identity_of(self.path)
            self._drop()
            # Without its head a file is taken for ours only where it has been ours before, or
            # where a log lies beside it.
            name = getattr(error, "sqlite_errorname", "")
            known = identity == self._ours or Path(f"{self.path}-wal").exists()
            torn = name.startswith("SQLITE_NOTADB") and known
            if identity and (torn or name.startswith("SQLITE_CORRUPT")):
                raise Damaged(self._explain(error), identity) from error
            raise StoreError(self._explain(error)) from error
        except BaseException:
            self._drop()
            raise

    def _open(self) -> sqlite3.Connection:
        # A file that was deleted or replaced would otherwise go on taking counts, unseen; and so
        # would one that was damaged, while all that is needed of it is in SQLite's own cache.
        fresh = time.monotonic() - self._opened < _ANEW
        if self._connection is not None and fresh and self._identity == identity_of(self.path):
            return self._connection
        self._drop()
        if self._readonly:
            return self._open_to_read()
        connection = self._connect("rwc")
        self._persistently(connection, "PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if self._version(connection) < len(STEPS):
            self._migrate(connection)
        self._identity = self._ours = identity_of(self.path)
        return connection

    def _open_to_read(self) -> sqlite3.Connection:
        if not self.path.is_file():
            raise StoreError(
                f"there is no file {self.path}: name the one that the site writes (its option "
                "store; on the command line --db)"
            )
        connection = self._connect("ro")
        try:
            version = self._version(connection)
        except sqlite3.OperationalError:
            # Whoever may not write to the folder cannot open a file in WAL mode at rest, unless
            # promised that nobody writes; beside a log of writes that would be false.
            if Path(f"{self.path}-wal").exists():
                raise
            self._drop()
            connection = self._connect("ro&immutable=1")
            version = self._version(connection)
        if version < len(STEPS):
            self._drop()
            raise StoreError(
                f"{self.path} holds no counters that this version can read yet: start the site "
                "once, so that it makes them, or name another file (--db)"
            )
        self._identity = identity_of(self.path)
        return connection

    def _connect(self, mode: str) -> sqlite3.Connection:
        self._opened = time.monotonic()
        self._connection = sqlite3.connect(
            f"{self.path.as_uri()}?mode={mode}",
            uri=True,
            timeout=self._timeout,
            isolation_level=None,
            check_same_thread=False,
        )
        return self._connection

    def _persistently(self, connection: sqlite3.Connection, statement: str) -> None:
        """Run a statement for which SQLite does not wait by itself while others open the file."""
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                connection.execute(statement)
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def _version(self, connection: sqlite3.Connection) -> int:
        """Give the file's schema version; StoreError if it is newer, or not a file of ours."""
        application = _number(connection, "PRAGMA application_id")
        if application != APPLICATION:
            tables = _number(connection, "SELECT count(*) FROM sqlite_master")
            # Another process may have made the file between these two looks.
            application = _number(connection, "PRAGMA application_id")
            if application != APPLICATION and (application or tables):
                raise StoreError(
                    f"{self.path} is the database of another program: name another file (option "
                    "store; on the command line --db)"
                )
        if application != APPLICATION:
            return 0
        version = _number(connection, "PRAGMA user_version")
        if version > len(STEPS):
            raise StoreError(
                f"{self.path} has schema version {version}, this adblock-detector knows "
                f"{len(STEPS)} at most: install the newer release that wrote it, or name "
                "another file (option store; on the command line --db)"
            )
        return version

    def _migrate(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        # Another process may have done it while this one waited.
        for step in STEPS[self._version(connection) :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
        connection.execute("COMMIT")

    def _drop(self) -> None:
        """Close the connection, which rolls back what was not committed."""
        connection, self._connection, self._identity = self._connection, None, None
        if connection is not None:
            # It takes the log away by its name, which must not be that of another file by then.
            with in_use(self.path), contextlib.suppress(sqlite3.Error):
                connection.close()

    def _explain(self, error: sqlite3.Error) -> str:
        name = getattr(error, "sqlite_errorname", "")
        hints = (hint for code, hint in _MENDING.items() if name.startswith(code))
        hint = next(hints, "check the option store (on the command line --db)")
        return f"option store: {self.path} cannot be used: {error}; {hint}"


def _number(connection: sqlite3.Connection, question: str) -> int:
    return int(connection.execute(question).fetchone()[0])


def _sites(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute(SITES)]
