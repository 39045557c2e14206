"""Claims and drawers in SQLite: two small tables, created when first used.

They hold only short-lived data, so they have no schema version: a program that does not know them
can work beside one that does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Reports
from detector.core.limits.shared_rate_limiter import MINUTES
from detector.stores.claim_rows import added, newest, old

_CLAIMS = "CREATE TABLE IF NOT EXISTS claims (claim BLOB PRIMARY KEY) WITHOUT ROWID"
_DRAWERS = """CREATE TABLE IF NOT EXISTS drawers (
    site TEXT NOT NULL, minute INTEGER NOT NULL, drawer INTEGER NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (site, minute, drawer)
) WITHOUT ROWID"""
_TALLY = """INSERT INTO drawers (site, minute, drawer, n) VALUES (?, ?, ?, ?)
    ON CONFLICT (site, minute, drawer) DO UPDATE SET n = n + excluded.n"""


def claim(
    connection: sqlite3.Connection, reports: Reports, known_hour: int | None
) -> Mapping[Key, int]:
    """Store new claims within the current transaction; return the counts to be added."""
    connection.execute(_CLAIMS)
    keep = "INSERT OR IGNORE INTO claims VALUES (?)"
    new = {one for one in sorted(reports) if connection.execute(keep, (one,)).rowcount}
    connection.execute("DELETE FROM claims WHERE claim < ?", (old(newest(reports, known_hour)),))
    return added(reports, new)


def tally(
    connection: sqlite3.Connection, site: str, minute: int, drawers: Mapping[int, int], most: int
) -> set[int]:
    """Add to the drawers of a minute and return those over the limit; see `Store.tally`."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(_DRAWERS)
    # Older drawers may be in use by a slow clock; `forget` deletes them.
    gone = "DELETE FROM drawers WHERE site = ? AND minute >= ? AND minute < ?"
    connection.execute(gone, (site, minute - MINUTES, minute - 1))
    connection.executemany(_TALLY, ((site, minute, *item) for item in sorted(drawers.items())))
    asked = "SELECT drawer FROM drawers WHERE site = ? AND minute = ? AND n > ?"
    full = {int(row[0]) for row in connection.execute(asked, (site, minute, most))}
    connection.execute("COMMIT")
    return full


def forget(connection: sqlite3.Connection, now_hour: int) -> None:
    """Delete expired claims and drawers within the current transaction."""
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if "claims" in there:
        connection.execute("DELETE FROM claims WHERE claim < ?", (old(now_hour),))
    if "drawers" in there:
        connection.execute("DELETE FROM drawers WHERE minute < ?", (now_hour * 60,))
