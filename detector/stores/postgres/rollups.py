"""Sums of whole days and months in PostgreSQL, as copies of the counts.

A trigger counts up the version of each span that a change touches. A span keeps the version that it
had before it was summed; once they differ, it is not read until it is summed again. Joining the
hours of a day changes no sum, and no version. Each step is a short transaction that looks whether
the span still has the version of its first step. Sums of all sites are made of those of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

from detector.stores.postgres.present import Cursor
from detector.stores.postgres.schema import SITES
from detector.stores.rollup_ranges import Hours, Ready, cover, wanted

Found = tuple[int, str, str, str]
"""Start of the step, value, state and action."""

_WHOLE: LiteralString = """SELECT s.start, s.until FROM detector_summed s JOIN detector_sums m
    ON m.site = '' AND m.dimension = '' AND m.start = s.start AND m.until = s.until
    WHERE s.fresh = s.version AND m.n = s.version"""
_FRESH: LiteralString = "SELECT start, until FROM detector_summed WHERE fresh = version"
_SPANS: LiteralString = "SELECT start, until FROM detector_summed"
_FIRST: LiteralString = f"""SELECT min((SELECT min(hour) FROM detector_counts c
    WHERE c.site = named.site AND dimension = 'all')) FROM ({SITES}) AS named"""
# The key begins with site and dimension: each step is an index lookup of the next pair.
_NEXT: LiteralString = """SELECT site, dimension FROM detector_counts
    WHERE (site, dimension) > (%s, %s) ORDER BY site, dimension LIMIT 1"""
# What is being written while a span is new would not count up its version: such writers end first.
_WAIT: LiteralString = "LOCK TABLE detector_counts IN SHARE MODE"
_NEW: LiteralString = """INSERT INTO detector_summed (start, until) VALUES (%s, %s)
    ON CONFLICT DO NOTHING"""
_BEGIN: LiteralString = """UPDATE detector_summed SET fresh = NULL, version = version + 1
    WHERE start = %s AND until = %s RETURNING version"""
# Earlier releases begin without a new version.
_OURS: LiteralString = "WHERE start = %s AND until = %s AND version = %s AND fresh IS NULL"
_IS_OURS: LiteralString = f"SELECT 1 FROM detector_summed {_OURS}"
_END: LiteralString = f"UPDATE detector_summed SET fresh = version {_OURS}"
_GONE: LiteralString = f"DELETE FROM detector_summed {_OURS}"
_PAIR: LiteralString = "site = %(site)s AND dimension = %(dimension)s"
# A day and a month may begin at once: of each start that is asked for, one of them. An equality of
# two conditions would be taken for rare by the planner, which then sorts instead of hashing.
_OF_SITES: LiteralString = "site = ANY(%(sites)s::text[]) AND dimension = %(dimension)s"
_OF_SPANS: LiteralString = f"""FROM detector_sums WHERE {_OF_SITES}
    AND start = ANY(%(starts)s::bigint[])
    AND CASE WHEN until - start = 24 THEN start = ANY(%(days)s::bigint[])
        ELSE start <> ALL(%(days)s::bigint[]) END"""
_OF_ROWS: LiteralString = f"""FROM detector_counts
    WHERE {_OF_SITES} AND hour >= %(since)s AND hour < %(until)s"""
_CLEAR: LiteralString = f"""DELETE FROM detector_sums
    WHERE {_PAIR} AND start = %(start)s AND until = %(end)s"""
_ADD: LiteralString = "INSERT INTO detector_sums AS s "
_ADDED: LiteralString = """GROUP BY value, state, action
    ON CONFLICT (site, dimension, start, until, value, state, action)
    DO UPDATE SET n = s.n + excluded.n"""
_MADE: LiteralString = (
    "SELECT %(site)s, %(dimension)s, %(start)s, %(end)s, value, state, action, sum(n)"
)
# Sums of all sites together stand under an empty name, which no site has. Releases that do not know
# them leave them unchanged, so a mark says as of which version they are.
ALL_SITES = ("", "")
_SITES_AT_ONCE = 50
_VERSION: LiteralString = """SELECT version FROM detector_summed
    WHERE start = %s AND until = %s AND fresh = version"""
_SUM_SITES: LiteralString = f"""{_ADD} {_MADE} FROM detector_sums
    WHERE {_OF_SITES} AND start = %(start)s AND until = %(end)s {_ADDED}"""
_MARK: LiteralString = """INSERT INTO detector_sums AS s VALUES ('', '', %s, %s, '', '', '', %s)
    ON CONFLICT (site, dimension, start, until, value, state, action)
    DO UPDATE SET n = excluded.n"""
_AT: LiteralString = "CASE WHEN %(step)s > 0 THEN {0} - {0} %% %(step)s ELSE 0 END"
_SUM_SPANS: LiteralString = (
    f"SELECT {_AT.format('start')}, value, state, action, sum(n)::bigint {_OF_SPANS} "
    "GROUP BY 1, 2, 3, 4"
)
_SUM_ROWS: LiteralString = (
    f"SELECT {_AT.format('hour')}, value, state, action, sum(n)::bigint {_OF_ROWS} "
    "GROUP BY 1, 2, 3, 4"
)
_AND_VALUE: LiteralString = "AND value = %(value)s GROUP BY"
_EVERY: tuple[LiteralString, LiteralString] = (_SUM_SPANS, _SUM_ROWS)
_ONE: tuple[LiteralString, LiteralString] = (
    _SUM_SPANS.replace("GROUP BY", _AND_VALUE),
    _SUM_ROWS.replace("GROUP BY", _AND_VALUE),
)


def following(cursor: Cursor, pair: tuple[str, str]) -> tuple[str, str] | None:
    """Return the next site and dimension after a pair, by an index lookup."""
    found: tuple[str, str] | None = cursor.execute(_NEXT, pair).fetchone()
    return found


def pairs(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """Yield each site with each of its dimensions."""
    pair = following(cursor, ("", ""))
    while pair:
        yield pair
        pair = following(cursor, pair)


def fresh(cursor: Cursor) -> list[Ready]:
    """Return the spans that can be read."""
    return [Ready(0, *row) for row in cursor.execute(_FRESH)]


def whole(cursor: Cursor) -> list[Ready]:
    """Return the spans whose sums of all sites together can be read."""
    return [Ready(0, *row) for row in cursor.execute(_WHOLE)]


def add_up(
    cursor: Cursor,
    ready: list[Ready],
    sites: list[str],
    dimension: str,
    hours: Hours,
    step: int,
    value: str | None = None,
) -> Iterator[tuple[Found, int]]:
    """Yield the sums of one dimension of some sites, in parts, by step, value, state and action.

    With `value` only those of this one.
    """
    spans, gaps = cover(ready, *hours, step)
    asked = {"sites": sites, "dimension": dimension, "step": step, "value": value}
    yield from sums_of(cursor, spans, asked)
    of_rows = (_EVERY if value is None else _ONE)[1]
    for since, until in gaps:
        more = {"since": since, "until": until}
        for *key, count in cursor.execute(of_rows, asked | more).fetchall():
            yield (key[0], key[1], key[2], key[3]), count


def sums_of(
    cursor: Cursor, spans: list[Ready], asked: dict[str, Any]
) -> Iterator[tuple[Found, int]]:
    """Yield the sums of some spans, given sites, dimension, step and value."""
    of_spans = (_EVERY if asked["value"] is None else _ONE)[0]
    if spans:
        for *key, count in cursor.execute(of_spans, asked | _numbers(spans)).fetchall():
            yield (key[0], key[1], key[2], key[3]), count


def forget(cursor: Cursor, now_hour: int, every: list[tuple[str, str]]) -> Iterator[int]:
    """Delete the spans that are no longer needed, pair by pair; yield 0 after each step."""
    keep = set(wanted(now_hour, _first(cursor)))
    for start, until in cursor.execute(_SPANS).fetchall():
        if (start, until) in keep:
            continue
        ours = _begin(cursor, (start, until))
        yield 0
        for pair in [*every, *_of_all(every), ALL_SITES]:
            if not _is_ours(cursor, ours):
                break
            cursor.execute(_CLEAR, _asked(pair, (start, until)))
            yield 0
        cursor.execute(_GONE, ours)
        yield 0


def sum_up(cursor: Cursor, now_hour: int) -> Iterator[int]:
    """Sum the spans that are stale, one pair of site and dimension after the other."""
    for hours in wanted(now_hour, _first(cursor)):
        # Another process may have summed it meanwhile.
        if hours not in {(span.start, span.until) for span in fresh(cursor)}:
            yield from _sum_span(cursor, hours)
        if hours not in {(span.start, span.until) for span in whole(cursor)}:
            yield from _sum_all(cursor, hours)


def _begin(cursor: Cursor, hours: Hours) -> tuple[int, int, int | None]:
    """Mark a span as unused; return it with the version by which it is known to be still ours."""
    version = cursor.execute(_BEGIN, hours).fetchone()
    return (*hours, version[0] if version else None)


def _is_ours(cursor: Cursor, ours: tuple[int, int, int | None]) -> bool:
    return cursor.execute(_IS_OURS, ours).fetchone() is not None


def _sum_span(cursor: Cursor, hours: Hours) -> Iterator[int]:
    """Sum one span, until it changes or another process begins to sum or to delete it."""
    if hours not in cursor.execute(_SPANS).fetchall():
        cursor.execute(_WAIT)
        cursor.execute(_NEW, hours)
        # Its versions begin anew, and a release that knows no such marks may have left one.
        cursor.execute(_CLEAR, _asked(ALL_SITES, hours))
        yield 0
    ours = _begin(cursor, hours)
    yield 0
    # What came before has its pair here, what comes later gives the span another version.
    for pair in list(pairs(cursor)):
        if not _is_ours(cursor, ours):
            return
        _sum(cursor, hours, _asked(pair, hours))
        yield 0
    cursor.execute(_END, ours)
    yield 0


def _sum_all(cursor: Cursor, hours: Hours) -> Iterator[int]:
    """Sum all sites together, from the sums of each: a step for each dimension."""
    version = cursor.execute(_VERSION, hours).fetchone()
    if not version:
        return
    every = list(pairs(cursor))
    sites = sorted({site for site, _ in every})
    for pair in _of_all(every):
        if cursor.execute(_VERSION, hours).fetchone() != version:
            return
        asked = _asked(pair, hours)
        cursor.execute(_CLEAR, asked)
        for first in range(0, len(sites), _SITES_AT_ONCE):
            cursor.execute(_SUM_SITES, asked | {"sites": sites[first : first + _SITES_AT_ONCE]})
        yield 0
    if cursor.execute(_VERSION, hours).fetchone() == version:
        cursor.execute(_MARK, (*hours, version[0]))
    yield 0


def _of_all(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return each dimension with the name that stands for all sites."""
    return [("", dimension) for dimension in sorted({dimension for _, dimension in pairs})]


def _asked(pair: tuple[str, str], hours: Hours) -> dict[str, Any]:
    return {"site": pair[0], "dimension": pair[1], "start": hours[0], "end": hours[1]}


def _sum(cursor: Cursor, hours: Hours, asked: dict[str, Any]) -> None:
    # Anew for each pair: another process may have taken a span out of use.
    spans, gaps = cover(fresh(cursor), *hours)
    asked = asked | {"sites": [asked["site"]]}
    cursor.execute(_CLEAR, asked)
    if spans:
        cursor.execute(f"{_ADD} {_MADE} {_OF_SPANS} {_ADDED}", asked | _numbers(spans))
    for since, until in gaps:
        more = {"since": since, "until": until}
        cursor.execute(f"{_ADD} {_MADE} {_OF_ROWS} {_ADDED}", asked | more)


def _numbers(spans: list[Ready]) -> dict[str, list[int]]:
    days = [span.start for span in spans if span.until - span.start == 24]
    return {"starts": [span.start for span in spans], "days": days}


def _first(cursor: Cursor) -> int | None:
    row = cursor.execute(_FIRST).fetchone()
    return row[0] if row else None
