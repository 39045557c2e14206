"""Joins the hours of old days in PostgreSQL, deletes expired rows and sums days and months.

Each step is a short transaction of its own: whichever process ends or is killed in the midst, the
next one goes on with what is left. A statement touches at most `BATCH` rows, or one dimension of a
site for a day or month, so that none takes long, however many rows wait. Deleting comes first, and
does not depend on joining.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from detector.core.counting.store import borders
from detector.stores.postgres import claims, rollups
from detector.stores.postgres.present import Cursor, known, newest
from detector.stores.present_hour import is_compacted, present_hour

BATCH = 20_000
"""The most rows that one statement deletes."""

_MARK: LiteralString = "SELECT n FROM detector_marks WHERE name = 'compacted'"
_DONE: LiteralString = """INSERT INTO detector_marks VALUES ('compacted', %s)
    ON CONFLICT (name) DO UPDATE SET n = excluded.n"""
_OF_PAIR: LiteralString = "site = %(site)s AND dimension = %(dimension)s"
_EXPIRE: LiteralString = f"""DELETE FROM detector_counts WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM detector_counts WHERE {_OF_PAIR} AND hour < %(gone)s LIMIT %(batch)s))"""
# From one hour of the pair to the next, up to the first that does not begin a day.
_HOUR: LiteralString = f"""WITH RECURSIVE found(hour) AS (
    (SELECT hour FROM detector_counts WHERE {_OF_PAIR} AND hour >= %(since)s AND hour < %(daily)s
        ORDER BY hour LIMIT 1)
    UNION ALL SELECT (SELECT c.hour FROM detector_counts c
        WHERE {_OF_PAIR} AND c.hour > found.hour AND c.hour < %(daily)s ORDER BY c.hour LIMIT 1)
        FROM found WHERE found.hour %% 24 = 0
) SELECT hour FROM found WHERE hour %% 24 <> 0"""
_JOIN: LiteralString = f"""WITH moved AS (
        DELETE FROM detector_counts WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM detector_counts
            WHERE {_OF_PAIR} AND hour > %(day)s AND hour < %(day)s + 24 LIMIT %(batch)s))
        RETURNING *
    ), joined AS (
        INSERT INTO detector_counts AS c (site, dimension, hour, value, state, action, n)
        SELECT site, dimension, %(day)s, value, state, action, sum(n) FROM moved
        GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
        ON CONFLICT (site, dimension, hour, value, state, action)
        DO UPDATE SET n = c.n + excluded.n RETURNING xmax = 0 AS new
    ) SELECT (SELECT count(*) FROM moved) - (SELECT count(*) FROM joined WHERE new)"""
# Until the step is committed: see the trigger.
_JOINING: LiteralString = "SET LOCAL detector.joining = 'on'"
_WRITERS: LiteralString = "DELETE FROM detector_writers WHERE at < now() - interval '7 days'"


def compaction(cursor: Cursor, now_hour: int, *, again: bool) -> Iterator[int]:
    """Yield after each step how many rows went; commit it before the next one.

    Nothing is left to do once the iterator ends, nor if it is done for the day and not `again`.
    """
    present = known(cursor)
    now_hour = present_hour(now_hour, present, newest(cursor))
    mark = cursor.execute(_MARK).fetchone()
    if mark and is_compacted(mark[0], now_hour, present) and not again:
        return
    daily, gone = borders(now_hour)
    pairs = list(rollups.pairs(cursor))
    yield from rollups.forget(cursor, now_hour, pairs)
    for pair in pairs:
        yield from _expire(cursor, _asked(pair) | {"gone": gone})
    yield from claims.forget(cursor, now_hour)
    for pair in pairs:
        yield from _join(cursor, _asked(pair) | {"daily": daily})
    yield from rollups.sum_up(cursor, now_hour)
    cursor.execute(_WRITERS)
    cursor.execute(_DONE, (daily,))
    yield 0


Pair = dict[str, str | int]


def _asked(pair: tuple[str, str]) -> Pair:
    return {"site": pair[0], "dimension": pair[1], "batch": BATCH}


def _expire(cursor: Cursor, asked: Pair) -> Iterator[int]:
    while went := cursor.execute(_EXPIRE, asked).rowcount:
        yield went


def _join(cursor: Cursor, asked: Pair) -> Iterator[int]:
    since = 0
    while row := cursor.execute(_HOUR, asked | {"since": since}).fetchone():
        since = row[0] - row[0] % 24
        cursor.execute(_JOINING)
        joined = cursor.execute(_JOIN, asked | {"day": since}).fetchone()
        yield joined[0] if joined else 0
    yield 0
