"""Claims and drawers in PostgreSQL: two small tables, created when first used.

They hold only short-lived data, so they have no schema version: a program that does not know them
can work beside one that does. They are unlogged: after a server crash they are empty, and an
earlier report may then count once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import LiteralString

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Reports
from detector.core.limits.shared_rate_limiter import MINUTES
from detector.stores.claim_rows import added, newest, old
from detector.stores.postgres.present import Cursor

_THERE: LiteralString = "SELECT to_regclass('detector_drawers') IS NOT NULL"
_TABLES: tuple[LiteralString, ...] = (
    "CREATE UNLOGGED TABLE IF NOT EXISTS detector_claims (claim bytea PRIMARY KEY)",
    """CREATE UNLOGGED TABLE IF NOT EXISTS detector_drawers (
        site text COLLATE "C" NOT NULL, minute bigint NOT NULL, drawer int NOT NULL, n int NOT NULL,
        PRIMARY KEY (site, minute, drawer))""",
)
# All insert in one order, so that two writers never deadlock.
_CLAIM: LiteralString = """INSERT INTO detector_claims
    SELECT claim FROM unnest(%s::bytea[]) AS found(claim) ORDER BY claim
    ON CONFLICT DO NOTHING RETURNING claim"""
_TALLY: LiteralString = """INSERT INTO detector_drawers AS d
    SELECT %s, %s, drawer, n FROM unnest(%s::int[], %s::int[]) AS found(drawer, n) ORDER BY drawer
    ON CONFLICT (site, minute, drawer) DO UPDATE SET n = d.n + excluded.n"""
_FULL: LiteralString = (
    "SELECT drawer FROM detector_drawers WHERE site = %s AND minute = %s AND n > %s"
)
# Rows that another process is deleting are skipped.
_OLD_CLAIMS: LiteralString = """DELETE FROM detector_claims WHERE claim IN (
    SELECT claim FROM detector_claims WHERE claim < %s LIMIT 10000 FOR UPDATE SKIP LOCKED)"""
_OLD_DRAWERS: LiteralString = """DELETE FROM detector_drawers WHERE (site, minute, drawer) IN (
    SELECT site, minute, drawer FROM detector_drawers
    WHERE site = %s AND minute >= %s AND minute < %s
    LIMIT 10000 FOR UPDATE SKIP LOCKED)"""


def prepare(cursor: Cursor, lock: LiteralString) -> None:
    """Create the tables, one process at a time."""
    if not is_there(cursor):
        cursor.execute(lock)
        for table in _TABLES:
            cursor.execute(table)


def is_there(cursor: Cursor) -> bool:
    """Whether the tables exist."""
    row = cursor.execute(_THERE).fetchone()
    return bool(row and row[0])


def claim(cursor: Cursor, reports: Reports, known_hour: int | None) -> Mapping[Key, int]:
    """Store new claims within the current transaction; return the counts to be added."""
    new = {bytes(row[0]) for row in cursor.execute(_CLAIM, (list(reports),))}
    cursor.execute(_OLD_CLAIMS, (old(newest(reports, known_hour)),))
    return added(reports, new)


def tally(
    cursor: Cursor, site: str, minute: int, drawers: Mapping[int, int], most: int
) -> set[int]:
    """Add to the drawers of a minute and return those over the limit; see `Store.tally`."""
    # Older drawers may be in use by a slow clock; `forget` deletes them.
    cursor.execute(_OLD_DRAWERS, (site, minute - MINUTES, minute - 1))
    cursor.execute(_TALLY, (site, minute, list(drawers), list(drawers.values())))
    return {int(row[0]) for row in cursor.execute(_FULL, (site, minute, most))}


def forget(cursor: Cursor, now_hour: int) -> Iterator[int]:
    """Delete expired claims and drawers; yield 0 after each step, to commit it."""
    if is_there(cursor):
        while cursor.execute(_OLD_CLAIMS, (old(now_hour),)).rowcount:
            yield 0
        cursor.execute("DELETE FROM detector_drawers WHERE minute < %s", (now_hour * 60,))
