"""A store's connection to PostgreSQL: opens it, migrates the tables, and explains its errors."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
from psycopg import errors

from detector.core.counting.masking import masked, scrubbed
from detector.core.errors import StoreError
from detector.stores.connection import ConnectedToServer
from detector.stores.postgres.schema import STEPS
from detector.stores.postgres.wait import Connection

LOCK: LiteralString = "SELECT pg_advisory_xact_lock(1633968740)"
TRY_LOCK: LiteralString = "SELECT pg_try_advisory_xact_lock(1633968740)"
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


class PostgresDatabase(ConnectedToServer):
    """An open database; safe to use from threads, and around a fork."""

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
        self._connection: Connection | None = None

    @contextlib.contextmanager
    def _using(self) -> Iterator[Connection]:
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

    def _open(self) -> Connection:
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
            if version < len(STEPS) and not self._readonly:
                cursor.execute(LOCK)
                cursor.execute("CREATE TABLE IF NOT EXISTS detector_schema (version int NOT NULL)")
                # Another process may have done it while this one waited.
                version = self._version(cursor)
                for step in STEPS[version:]:
                    for statement in step:
                        cursor.execute(statement)
                cursor.execute("DELETE FROM detector_schema")
                cursor.execute("INSERT INTO detector_schema VALUES (%s)", (len(STEPS),))
        connection.commit()
        if self._readonly and version < len(STEPS):
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
        if version > len(STEPS):
            raise StoreError(
                f"{self.name} has schema version {version}, this adblock-detector knows "
                f"{len(STEPS)} at most: install the newer release that wrote it, or name another "
                "database (option store; on the command line --db)"
            )
        return int(version)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()

    def _abandon(self) -> Connection | None:
        connection, self._connection = self._connection, None
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
