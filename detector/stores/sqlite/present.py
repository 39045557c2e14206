"""The present hour as a SQLite file keeps it, and the dating of what is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Batch
from detector.stores.present_hour import Dating, Present, redated
from detector.stores.sqlite.schema import NEWEST

_KNOWN = "SELECT substr(name, 9), n FROM marks WHERE name LIKE 'present-%'"
_KNOW = "INSERT INTO marks VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = excluded.n"


def known(connection: sqlite3.Connection) -> Present | None:
    """Return what the store knows of the present."""
    found = dict(connection.execute(_KNOWN).fetchall())
    return Present(**found) if found else None


def newest(connection: sqlite3.Connection) -> int | None:
    """Return the hour of the newest row."""
    found: int | None = connection.execute(NEWEST).fetchone()[0]
    return found


def dated(
    connection: sqlite3.Connection, dating: Dating, rows: Mapping[Key, int], batch: Batch | None
) -> Mapping[Key, int]:
    """Return the rows under their allowed hours, and store the present hour."""
    now = known(connection)
    held = newest(connection) if now is None else None
    made = dating.date(now, (key[0] for key in rows), held, batch)
    if made is None:
        return rows
    found, latest = made
    if found != now:
        marks = found._asdict().items()
        connection.executemany(_KNOW, ((f"present-{name}", n) for name, n in marks))
    return redated(rows, latest, found.hour) if batch else rows
