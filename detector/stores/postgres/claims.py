"""Claims and drawers in PostgreSQL: two small tables, made when first used.

They hold nothing that lasts, so no schema version counts them: a program that knows nothing of them
goes on beside one that does. They are unlogged: after a crash of the server they are empty, and a
report that was sent before may then count once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Reports
from detector.core.limits.shared_rate_limiter import MINUTES
from detector.stores.claim_rows import added, newest, old

Cursor = psycopg.Cursor[tuple[Any, ...]]

_THERE: LiteralString = "SELECT to_regclass('detector_drawers') IS NOT NULL"
_TABLES: tuple[LiteralString, ...] = (
    "CREATE UNLOGGED TABLE IF NOT EXISTS detector_claims (claim bytea PRIMARY KEY)",
    """CREATE UNLOGGED TABLE IF NOT EXISTS detector_drawers (
        site text COLLATE "C" NOT NULL, minute bigint NOT NULL, drawer int NOT NULL, n int NOT NULL,
        PRIMARY KEY (site, minute, drawer))""",
)
# All insert in one order, so that two writers never wait for each other.
_CLAIM: LiteralString = """INSERT INTO detector_claims
    SELECT claim FROM unnest(%s::bytea[]) AS found(claim) ORDER BY claim
    ON CONFLICT DO NOTHING RETURNING claim"""
_TALLY: LiteralString = """INSERT INTO detector_drawers AS d
    SELECT %s, %s, drawer, n FROM unnest(%s::int[], %s::int[]) AS found(drawer, n) ORDER BY drawer
    ON CONFLICT (site, minute, drawer) DO UPDATE SET n = d.n + excluded.n"""
_FULL: LiteralString = (
    "SELECT drawer FROM detector_drawers WHERE site = %s AND minute = %s AND n > %s"
)
# What another process is deleting is left to it.
_OLD_CLAIMS: LiteralString = """DELETE FROM detector_claims WHERE claim IN (
    SELECT claim FROM detector_claims WHERE claim < %s LIMIT 10000 FOR UPDATE SKIP LOCKED)"""
_OLD_DRAWERS: LiteralString = """DELETE FROM detector_drawers WHERE (site, minute, drawer) IN (
    SELECT site, minute, drawer FROM detector_drawers
    WHERE site = %s AND minute >= %s AND minute < %s
    LIMIT 10000 FOR UPDATE SKIP LOCKED)"""


def prepare(cursor: Cursor, lock: LiteralString) -> None:
    """Make the tables, one process at a time."""
    if not is_there(cursor):
        cursor.execute(lock)
        for table in _TABLES:
            cursor.execute(table)


def is_there(cursor: Cursor) -> bool:
    """Whether the tables have been made."""
    row = cursor.execute(_THERE).fetchone()
    return bool(row and row[0])


def claim(cursor: Cursor, reports: Reports, known_hour: int | None) -> Mapping[Key, int]:
    """Keep the claims that are new, within the transaction under way; give what is to be added."""
    new = {bytes(row[0]) for row in cursor.execute(_CLAIM, (list(reports),))}
    cursor.execute(_OLD_CLAIMS, (old(newest(reports, known_hour)),))
    return added(reports, new)


def tally(
    cursor: Cursor, site: str, minute: int, drawers: Mapping[int, int], most: int
) -> set[int]:
    """Add to the drawers of a minute, and give those that are too full; see `Store.tally`."""
    # Those of a clock that is far behind this one are in use; `forget` has what is older.
    cursor.execute(_OLD_DRAWERS, (site, minute - MINUTES, minute - 1))
    cursor.execute(_TALLY, (site, minute, list(drawers), list(drawers.values())))
    return {int(row[0]) for row in cursor.execute(_FULL, (site, minute, most))}


def forget(cursor: Cursor, now_hour: int) -> None:
    """Let go of what is of no use any more, within the transaction under way."""
    if is_there(cursor):
        cursor.execute("DELETE FROM detector_claims WHERE claim < %s", (old(now_hour),))
        cursor.execute("DELETE FROM detector_drawers WHERE minute < %s", (now_hour * 60,))
