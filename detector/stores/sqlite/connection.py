"""One SQLite file: creates, migrates and opens it, and detects damage."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from detector.core.errors import StoreError
from detector.stores.connection import ConnectedToFile
from detector.stores.sqlite.quarantine import Damaged, Identity, identity_of, in_use
from detector.stores.sqlite.schema import APPLICATION, STEPS

_REOPEN_AFTER = 60.0

_HINTS = {
    "SQLITE_BUSY": "another program holds a lock on it",
    "SQLITE_FULL": "free some disk space",
    "SQLITE_NOTADB": "it is not a SQLite file: move it aside, or name another file",
    "SQLITE_CORRUPT": "it is damaged: the next write moves it aside and begins a new one",
    "SQLITE_READONLY": "allow the site's user to write to the file and its folder",
    "SQLITE_CANTOPEN": "allow the site's user to read and write the file and its folder",
}


class SqliteFile(ConnectedToFile):
    """An open file; safe to use from threads, and before and after a fork.

    The connection is opened at the first use and closed before a fork: a child that inherits an
    open one also inherits SQLite's record of locks that only the parent holds, whatever it does
    afterwards (https://www.sqlite.org/howtocorrupt.html, section 2.6).
    """

    def __init__(self, path: str | Path, *, readonly: bool = False, timeout: float = 5.0) -> None:
        """`timeout` is how many seconds to wait for another writer."""
        super().__init__()
        self.path = Path(path).expanduser().absolute()
        self._readonly = readonly
        self._timeout = timeout
        self._connection: sqlite3.Connection | None = None
        self._opened = 0.0
        self._identity: Identity | None = None
        self._ours: Identity | None = None

    def __del__(self) -> None:
        """Close the connection of a store that nobody closed, as a dashboard's app cannot.

        Python 3.13 warns of each connection that is collected open.
        """
        connection = getattr(self, "_connection", None)
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    @contextlib.contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """Yield the open connection; any error rolls back the transaction and closes it."""
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
            # A file without a valid header counts as ours only if it was ours before, or if there
            # is a log beside it.
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
        # Otherwise counts would still go to a file that was deleted or replaced, or to a damaged
        # one as long as SQLite's cache has the pages it needs.
        fresh = time.monotonic() - self._opened < _REOPEN_AFTER
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
            # Without write permission to the folder, a WAL-mode file that is not in use can only
            # be opened as immutable; with a log of writes beside it that would be wrong.
            if Path(f"{self.path}-wal").exists():
                raise
            self._drop()
            connection = self._connect("ro&immutable=1")
            version = self._version(connection)
        if version < len(STEPS):
            self._drop()
            raise StoreError(
                f"{self.path} has no counters that this version can read yet: start the site "
                "once, so that it creates them, or name another file (--db)"
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
        """Retry a statement for which SQLite itself does not wait while others open the file."""
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
        """Return the file's schema version; StoreError if it is newer, or not our file."""
        application = number(connection, "PRAGMA application_id")
        if application != APPLICATION:
            tables = number(connection, "SELECT count(*) FROM sqlite_master")
            # Another process may have created the file between these two queries.
            application = number(connection, "PRAGMA application_id")
            if application != APPLICATION and (application or tables):
                raise StoreError(
                    f"{self.path} is the database of another program: name another file (option "
                    "store; on the command line --db)"
                )
        if application != APPLICATION:
            return 0
        version = number(connection, "PRAGMA user_version")
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
        """Close the connection, which rolls back any open transaction."""
        connection, self._connection, self._identity = self._connection, None, None
        if connection is not None:
            # Closing deletes the log by its name, which must still belong to this file.
            with in_use(self.path), contextlib.suppress(sqlite3.Error):
                connection.close()

    def _explain(self, error: sqlite3.Error) -> str:
        name = getattr(error, "sqlite_errorname", "")
        hints = (hint for code, hint in _HINTS.items() if name.startswith(code))
        hint = next(hints, "check the option store (on the command line --db)")
        return f"option store: {self.path} cannot be used: {error}; {hint}"


def number(connection: sqlite3.Connection, question: str) -> int:
    """Return the single number that a query yields."""
    return int(connection.execute(question).fetchone()[0])
