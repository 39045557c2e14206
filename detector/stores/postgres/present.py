"""The present hour as PostgreSQL keeps it, and the dating of what is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Batch
from detector.stores.postgres.schema import NEWEST
from detector.stores.present_hour import Dating, Present, redated

Cursor = psycopg.Cursor[tuple[Any, ...]]

_KNOWN: LiteralString = "SELECT substr(name, 9), n FROM detector_marks WHERE name LIKE 'present-%'"
_KNOW: LiteralString = """INSERT INTO detector_marks VALUES (%s, %s)
    ON CONFLICT (name) DO UPDATE SET n = excluded.n"""
_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(1633968741)"


def known(cursor: Cursor) -> Present | None:
    """Return what the store knows of the present."""
    found: dict[str, int] = dict(cursor.execute(_KNOWN).fetchall())
    return Present(**found) if found else None


def newest(cursor: Cursor) -> int | None:
    """Return the hour of the newest row."""
    row = cursor.execute(NEWEST).fetchone()
    return row[0] if row else None


def dated(
    cursor: Cursor, dating: Dating, rows: Mapping[Key, int], batch: Batch | None
) -> Mapping[Key, int]:
    """Return the rows under their allowed hours, and store the present hour."""
    hours = {key[0] for key in rows}
    now = known(cursor)
    held = newest(cursor) if now is None else None
    found = dating.date(now, hours, held, batch)
    if found and found[0] != now:
        # Once an hour. Another writer may have done it while this one waited.
        cursor.execute(_LOCK)
        now = known(cursor)
        found = dating.date(now, hours, held, batch)
        if found and found[0] != now:
            marks = found[0]._asdict().items()
            cursor.executemany(_KNOW, [(f"present-{name}", n) for name, n in marks])
    return redated(rows, found[1], found[0].hour) if found and batch else rows
