"""Counters in one SQLite file, shared by any number of processes of one machine."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from detector.stats.counters import Key
from detector.stats.fork import ForkAware, watch
from detector.stats.store import StoreError

# Marks a file as ours, so that no other program's database is written to ("adbd" in ASCII).
_APPLICATION = 0x61646264

# Step n takes a file from schema version n to n + 1.
_STEPS: tuple[str, ...] = (
    """CREATE TABLE counts (
        hour INTEGER NOT NULL, site TEXT NOT NULL, dimension TEXT NOT NULL, value TEXT NOT NULL,
        state TEXT NOT NULL, action TEXT NOT NULL, n INTEGER NOT NULL,
        PRIMARY KEY (hour, site, dimension, value, state, action)
    ) WITHOUT ROWID""",
)

_KEY = "hour, site, dimension, value, state, action"
_ADD = (
    f"INSERT INTO counts ({_KEY}, n) VALUES (?, ?, ?, ?, ?, ?, ?) "
    f"ON CONFLICT ({_KEY}) DO UPDATE SET n = n + excluded.n"
)
_PAGE = (
    f"SELECT {_KEY}, n FROM counts WHERE ({_KEY}) > (?, ?, ?, ?, ?, ?) "
    f"AND (? IS NULL OR site = ?) ORDER BY {_KEY} LIMIT 5000"
)

_MENDING = {
    "SQLITE_BUSY": "another program holds a lock on it",
    "SQLITE_FULL": "free some disk space",
    "SQLITE_NOTADB": "it is no SQLite file: move it aside, or name another file",
    "SQLITE_CORRUPT": "it is damaged: move it aside, a new one is made",
    "SQLITE_READONLY": "let the site's user write to the file and its folder",
    "SQLITE_CANTOPEN": "let the site's user read and write the file and its folder",
}


class SqliteStore(ForkAware):
    """One SQLite file; safe to use from threads, and before and after a fork.

    The connection is opened at the first use. Before a fork it is closed: a child that inherits an
    open one inherits SQLite's belief that it holds locks which only the parent has, whatever the
    child does afterwards (https://www.sqlite.org/howtocorrupt.html, section 2.6).
    """

    def __init__(self, path: str | Path, *, readonly: bool = False, timeout: float = 5.0) -> None:
        """Take the file's path and how many seconds to wait for another writer."""
        self.path = Path(path).expanduser().absolute()
        self._readonly = readonly
        self._timeout = timeout
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._lock = threading.RLock()
        watch(self)

    def before_fork(self) -> None:
        """Wait for a write under way, then leave nothing open for a child to inherit."""
        self._lock.acquire()
        self._drop()

    def after_fork_in_parent(self) -> None:
        """Let the parent's threads go on."""
        self._lock.release()

    def after_fork_in_child(self) -> None:
        """Replace the lock, which no thread of the child could release."""
        self._lock = threading.RLock()

    def add(self, rows: Mapping[Key, int]) -> None:
        """Add all counts in one transaction; StoreError when none of them was written."""
        with self._using() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_ADD, ((*key, count) for key, count in sorted(rows.items())))
            connection.execute("COMMIT")

    def rows(
        self, since_hour: int | None = None, site: str | None = None
    ) -> Iterator[tuple[Key, int]]:
        """Give the rows in order, read 5,000 at a time, so that no reader holds up a writer."""
        last: Key = (-(2**62) if since_hour is None else since_hour, "", "", "", "", "")
        while True:
            with self._using() as connection:
                page = connection.execute(_PAGE, (*last, site, site)).fetchall()
            for *key, count in page:
                last = (key[0], key[1], key[2], key[3], key[4], key[5])
                yield last, count
            if not page:
                return

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            self._drop()

    @contextlib.contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """Give the open connection; whatever goes wrong undoes the transaction and closes it."""
        with self._lock:
            try:
                yield self._open()
            except sqlite3.Error as error:
                self._drop()
                raise StoreError(self._explain(error)) from error
            except (OSError, OverflowError, UnicodeError) as error:
                self._drop()
                raise StoreError(f"option store: {self.path} cannot be used: {error}") from error
            except BaseException:
                self._drop()
                raise

    def _open(self) -> sqlite3.Connection:
        # A file that was deleted or replaced would otherwise go on taking counts, unseen.
        if self._connection is not None and self._identity == _identity(self.path):
            return self._connection
        self._drop()
        if self._readonly:
            return self._open_to_read()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = self._connect("rwc")
        self._persistently(connection, "PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if self._version(connection) < len(_STEPS):
            self._migrate(connection)
        self._identity = _identity(self.path)
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
        if version < len(_STEPS):
            self._drop()
            raise StoreError(
                f"{self.path} holds no counters that this version can read yet: start the site "
                "once, so that it makes them, or name another file (--db)"
            )
        self._identity = _identity(self.path)
        return connection

    def _connect(self, mode: str) -> sqlite3.Connection:
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
        if application != _APPLICATION:
            tables = _number(connection, "SELECT count(*) FROM sqlite_master")
            # Another process may have made the file between these two looks.
            application = _number(connection, "PRAGMA application_id")
            if application != _APPLICATION and (application or tables):
                raise StoreError(
                    f"{self.path} is the database of another program: name another file (option "
                    "store; on the command line --db)"
                )
        if application != _APPLICATION:
            return 0
        version = _number(connection, "PRAGMA user_version")
        if version > len(_STEPS):
            raise StoreError(
                f"{self.path} has schema version {version}, this adblock-detector knows "
                f"{len(_STEPS)} at most: install the newer release that wrote it, or name "
                "another file (option store; on the command line --db)"
            )
        return version

    def _migrate(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        # Another process may have done it while this one waited.
        for step in _STEPS[self._version(connection) :]:
            connection.execute(step)
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(_STEPS)}")
        connection.execute("COMMIT")

    def _drop(self) -> None:
        """Close the connection, which rolls back what was not committed."""
        connection, self._connection, self._identity = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _explain(self, error: sqlite3.Error) -> str:
        name = getattr(error, "sqlite_errorname", "")
        hints = (hint for code, hint in _MENDING.items() if name.startswith(code))
        hint = next(hints, "check the option store (on the command line --db)")
        return f"option store: {self.path} cannot be used: {error}; {hint}"


def _number(connection: sqlite3.Connection, question: str) -> int:
    return int(connection.execute(question).fetchone()[0])


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
