"""Sums in a SQLite file: from those of days and months where they are fresh, else from rows.

Call every function within a transaction, so that all its reads are consistent.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections import Counter
from collections.abc import Iterator

from detector.stores.rollup_ranges import Hours, Ready, cover, wanted
from detector.stores.sqlite.schema import SITES

Found = Counter[tuple[int, str, str, str]]

_ROWS = (
    "SELECT CASE WHEN :step THEN hour - hour % :step ELSE 0 END, value, state, action, sum(n) "
    "FROM counts WHERE site = :site AND dimension = :dimension "
    "AND hour >= :since AND hour < :until GROUP BY 1, 2, 3, 4"
)
_OF_SPANS = (
    "FROM sums WHERE site = :site AND dimension = :dimension "
    "AND span IN (SELECT value FROM json_each(:spans))"
)
_WHOLE = (
    f"SELECT sums.value, state, action, sum(n) {_OF_SPANS} "
    "GROUP BY site, dimension, sums.value, state, action"
)
_BY_SPAN = f"SELECT span, sums.value, state, action, n {_OF_SPANS}"
_EVERY = (_BY_SPAN, _WHOLE, _ROWS)
_ONE = tuple(
    text.replace(":dimension ", f":dimension AND {column} = :value ", 1)
    for text, column in zip(_EVERY, ("sums.value", "sums.value", "value"), strict=True)
)
_FRESH = "SELECT span, start, until FROM summed WHERE fresh = 1"
_AMONG = "span IN (SELECT value FROM json_each(?))"
_BEGIN = (
    "INSERT INTO summed (start, until, fresh) VALUES (?, ?, ?) "
    "ON CONFLICT (until, start) DO UPDATE SET fresh = excluded.fresh"
)
_IS_OURS = "SELECT 1 FROM summed WHERE span = ? AND fresh = ?"
_OURS = "span IN (SELECT span FROM summed WHERE fresh = ?)"
_CLEAR = "DELETE FROM sums WHERE site = :site AND dimension = :dimension AND span = :span"
_FIRST = (
    "SELECT min((SELECT min(hour) FROM counts WHERE counts.site = found.site "
    f"AND dimension = 'all')) FROM ({SITES}) AS found"
)
# By (site, dimension) > (?, ?) SQLite would read all rows of the dimension it comes from.
_NEXT = "SELECT dimension FROM counts WHERE site = ? AND dimension > ? ORDER BY dimension LIMIT 1"
_NEXT_SITE = "SELECT site, dimension FROM counts WHERE site > ? ORDER BY site, dimension LIMIT 1"
_ADD = "INSERT INTO sums (site, dimension, value, state, action, span, n) "
_ADDED = "ON CONFLICT (site, dimension, value, state, action, span) DO UPDATE SET n=n+excluded.n"
_FROM_SPANS = (
    f"{_ADD} SELECT site, dimension, sums.value, state, action, :span, sum(n) {_OF_SPANS} "
    f"GROUP BY site, dimension, sums.value, state, action {_ADDED}"
)
_FROM_ROWS = (
    f"{_ADD} SELECT site, dimension, value, state, action, :span, sum(n) FROM counts "
    "WHERE site = :site AND dimension = :dimension AND hour >= :since AND hour < :until "
    f"GROUP BY value, state, action {_ADDED}"
)


def add_up(
    connection: sqlite3.Connection,
    site: str,
    dimension: str,
    hours: Hours,
    step: int,
    value: str | None = None,
) -> Found:
    """Return the sums of one dimension of a site, by start of the step, value, state and action.

    With `value` only those of this one.
    """
    by_span, whole, rows = _EVERY if value is None else _ONE
    found: Found = Counter()
    spans, gaps = cover(_fresh(connection), *hours, step)
    asked = {"site": site, "dimension": dimension, "spans": _numbers(spans), "value": value}
    if spans and step:
        start = {span.number: span.start - span.start % step for span in spans}
        for span, *key, count in connection.execute(by_span, asked):
            found[start[span], key[0], key[1], key[2]] += count
    elif spans:
        for *key, count in connection.execute(whole, asked):
            found[0, key[0], key[1], key[2]] += count
    for since, until in gaps:
        more = {"step": step, "since": since, "until": until}
        for *key, count in connection.execute(rows, asked | more):
            found[key[0], key[1], key[2], key[3]] += count
    return found


def forget(
    connection: sqlite3.Connection, now_hour: int, every: list[tuple[str, str]]
) -> Iterator[int]:
    """Delete the spans that are no longer needed, pair by pair; yield 0 after each step.

    One that another process sums meanwhile, by another hour, is left to that.
    """
    keep = set(wanted(now_hour, _first(connection)))
    known = connection.execute("SELECT span, start, until FROM summed").fetchall()
    gone = json.dumps([span for span, *hours in known if tuple(hours) not in keep])
    if gone == "[]":
        return
    ours = _attempt()
    connection.execute(f"UPDATE summed SET fresh = ? WHERE {_AMONG}", (ours, gone))
    yield 0
    for pair in every:
        connection.execute(
            f"DELETE FROM sums WHERE site = ? AND dimension = ? AND {_OURS}", (*pair, ours)
        )
        yield 0
    # Of pairs without rows too.
    connection.execute(f"DELETE FROM sums WHERE {_OURS}", (ours,))
    connection.execute("DELETE FROM summed WHERE fresh = ?", (ours,))
    yield 0


def sum_up(connection: sqlite3.Connection, now_hour: int) -> Iterator[int]:
    """Sum the spans that are stale, one pair of site and dimension after the other."""
    for hours in wanted(now_hour, _first(connection)):
        # Another process may have summed it meanwhile.
        if hours not in {(span.start, span.until) for span in _fresh(connection)}:
            yield from _sum_span(connection, hours)


def _attempt() -> str:
    # No other attempt's; as a text it is false, as triggers and other releases expect.
    return f"by {secrets.token_hex(8)}"


def _sum_span(connection: sqlite3.Connection, hours: Hours) -> Iterator[int]:
    """Sum one span, until it changes or another process begins to sum or to delete it."""
    ours = _attempt()
    connection.execute(_BEGIN, (*hours, ours))
    asked = "SELECT span FROM summed WHERE (start, until) = (?, ?)"
    span = connection.execute(asked, hours).fetchone()[0]
    yield 0
    for pair in list(pairs(connection)):
        if not connection.execute(_IS_OURS, (span, ours)).fetchone():
            return
        _sum_pair(connection, span, hours, pair)
        yield 0
    connection.execute("UPDATE summed SET fresh = 1 WHERE span = ? AND fresh = ?", (span, ours))
    yield 0


def _sum_pair(
    connection: sqlite3.Connection, span: int, hours: Hours, pair: tuple[str, str]
) -> None:
    spans, gaps = cover(_fresh(connection), *hours)
    asked = {"site": pair[0], "dimension": pair[1], "span": span, "spans": _numbers(spans)}
    connection.execute(_CLEAR, asked)
    connection.execute(_FROM_SPANS, asked)
    for since, until in gaps:
        connection.execute(_FROM_ROWS, asked | {"since": since, "until": until})


def _first(connection: sqlite3.Connection) -> int | None:
    found: int | None = connection.execute(_FIRST).fetchone()[0]
    return found


def _fresh(connection: sqlite3.Connection) -> list[Ready]:
    return [Ready(*row) for row in connection.execute(_FRESH)]


def following(connection: sqlite3.Connection, pair: tuple[str, str]) -> tuple[str, str] | None:
    """Return the next site and dimension after a pair, by an index lookup."""
    found: tuple[str] | None = connection.execute(_NEXT, pair).fetchone()
    if found:
        return pair[0], found[0]
    other: tuple[str, str] | None = connection.execute(_NEXT_SITE, pair[:1]).fetchone()
    return other


def pairs(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield each site with each of its dimensions."""
    pair = following(connection, ("", ""))
    while pair:
        yield pair
        pair = following(connection, pair)


def _numbers(spans: list[Ready]) -> str:
    return json.dumps([span.number for span in spans])
