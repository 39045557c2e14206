"""Joins the hours of old days in a SQLite file, deletes expired rows and sums days and months.

Each step is a short transaction of its own, of about `BATCH` rows or one dimension of a site:
other writers wait for one step at most, and whichever process ends or is killed in the midst, the
next one goes on with what is left. Deleting comes first, and does not depend on joining.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from detector.core.counting.store import borders
from detector.stores.present_hour import is_compacted, present_hour
from detector.stores.sqlite import claims, rollups
from detector.stores.sqlite.present import known, newest

BATCH = 5_000
"""After how many rows a step ends, with the hour of a dimension that it has begun."""

_LOOKING = 500
"""As how many rows it counts to walk over the days of one dimension of a site."""

_MARK = "SELECT max(n) FROM marks WHERE name = 'compacted'"
_DONE = "INSERT INTO marks VALUES ('compacted', ?) ON CONFLICT (name) DO UPDATE SET n = excluded.n"
_PAIR = "site = :site AND dimension = :dimension"
# From one hour of the pair to the next, each by an index lookup.
_HOURS = f"""WITH RECURSIVE found(hour) AS (
    SELECT min(hour) FROM counts WHERE {_PAIR} AND hour < :before
    UNION ALL SELECT (SELECT min(hour) FROM counts
        WHERE {_PAIR} AND hour > found.hour AND hour < :before)
        FROM found WHERE found.hour IS NOT NULL
) SELECT hour FROM found WHERE hour IS NOT NULL AND (hour % 24 <> 0 OR :all)"""
_JOIN = f"""INSERT INTO counts (site, dimension, hour, value, state, action, n)
    SELECT site, dimension, :day, value, state, action, n FROM counts
    WHERE {_PAIR} AND hour = :hour
    ON CONFLICT (site, dimension, hour, value, state, action)
    DO UPDATE SET n = n + excluded.n"""
_DELETE = f"DELETE FROM counts WHERE {_PAIR} AND hour = :hour"
_OF_DAY = f"SELECT count(*) FROM counts WHERE {_PAIR} AND hour = :day"
# Joining the hours of a day changes no sum.
_FRESH_AT = "SELECT span FROM summed WHERE fresh = 1 AND start <= :day AND until > :day"
_FRESH_AGAIN = "UPDATE summed SET fresh = 1 WHERE span IN (SELECT value FROM json_each(?))"

Pair = tuple[str, str]


def compaction(connection: sqlite3.Connection, now_hour: int, *, again: bool) -> Iterator[int]:
    """Yield after each step how many rows went; commit it before the next one.

    Nothing is left to do once the iterator ends, nor if it is done for the day and not `again`.
    """
    present = known(connection)
    now_hour = present_hour(now_hour, present, newest(connection))
    mark = connection.execute(_MARK).fetchone()[0]
    if not again and is_compacted(mark or 0, now_hour, present):
        return
    daily, gone = borders(now_hour)
    pairs = list(rollups.pairs(connection))
    yield from rollups.forget(connection, now_hour, pairs)
    yield from _by_hour(_expire(connection, pairs, gone))
    claims.forget(connection, now_hour)
    yield 0
    yield from _by_hour(_join(connection, pairs, daily))
    yield from rollups.sum_up(connection, now_hour)
    connection.execute(_DONE, (daily,))
    yield 0


def _by_hour(parts: Iterator[tuple[int, int]]) -> Iterator[int]:
    """Make steps of parts, which are how many rows were touched, and how many of them went."""
    touched = went = 0
    for rows, gone in parts:
        touched, went = touched + rows, went + gone
        if touched >= BATCH:
            yield went
            touched = went = 0
    yield went


def _hours(connection: sqlite3.Connection, pair: Pair, before: int, every: bool) -> list[int]:
    asked = {"site": pair[0], "dimension": pair[1], "before": before, "all": every}
    return [row[0] for row in connection.execute(_HOURS, asked)]


def _expire(
    connection: sqlite3.Connection, pairs: list[Pair], gone: int
) -> Iterator[tuple[int, int]]:
    for site, dimension in pairs:
        yield _LOOKING, 0
        for hour in _hours(connection, (site, dimension), gone, True):
            asked = {"site": site, "dimension": dimension, "hour": hour}
            went = connection.execute(_DELETE, asked).rowcount
            yield went, went


def _join(
    connection: sqlite3.Connection, pairs: list[Pair], daily: int
) -> Iterator[tuple[int, int]]:
    for site, dimension in pairs:
        yield _LOOKING, 0
        for hour in _hours(connection, (site, dimension), daily, False):
            day = hour - hour % 24
            asked = {"site": site, "dimension": dimension, "hour": hour, "day": day}
            fresh = [row[0] for row in connection.execute(_FRESH_AT, asked)]
            before = connection.execute(_OF_DAY, asked).fetchone()[0]
            connection.execute(_JOIN, asked)
            went = connection.execute(_DELETE, asked).rowcount
            new = connection.execute(_OF_DAY, asked).fetchone()[0] - before
            connection.execute(_FRESH_AGAIN, (json.dumps(fresh),))
            yield went, went - new
