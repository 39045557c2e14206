"""Sums of whole days and months in PostgreSQL, as copies of the counts.

A trigger counts up the version of each span that a change touches. A span keeps the version that it
had before it was summed; once they differ, it is not read until it is summed again. Joining the
hours of a day changes no sum, and no version. Each step is a short transaction. Sums of all sites
together are made of those of each.
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
# What is being written while a span is new would not count up its version: such writers end first.
_NEW: LiteralString = "INSERT INTO detector_summed (start, until) VALUES (%s, %s)"
_WAIT: LiteralString = "LOCK TABLE detector_counts IN SHARE MODE"
_BEGIN: LiteralString = """UPDATE detector_summed SET fresh = NULL
    WHERE start = %s AND until = %s RETURNING version"""
_END: LiteralString = """UPDATE detector_summed SET fresh = version
    WHERE start = %s AND until = %s AND version = %s"""
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


def forget(cursor: Cursor, now_hour: int, pairs: list[tuple[str, str]]) -> Iterator[int]:
    """Delete the spans that are no longer needed; yield 0 after each step."""
    keep = set(wanted(now_hour, _first(cursor)))
    for start, until in cursor.execute(_SPANS).fetchall():
        if (start, until) not in keep:
            cursor.execute(_BEGIN, (start, until))
            yield 0
            for site, dimension in [*pairs, *_of_all(pairs), ALL_SITES]:
                asked = {"site": site, "dimension": dimension, "start": start, "end": until}
                cursor.execute(_CLEAR, asked)
            gone = "DELETE FROM detector_summed WHERE start = %s AND until = %s"
            cursor.execute(gone, (start, until))
            yield 0


def sum_up(cursor: Cursor, now_hour: int, pairs: list[tuple[str, str]]) -> Iterator[int]:
    """Sum the spans that are stale, one pair of site and dimension after the other."""
    ready = {(span.start, span.until) for span in fresh(cursor)}
    all_ready = {(span.start, span.until) for span in whole(cursor)}
    known = set(cursor.execute(_SPANS).fetchall())
    for hours in wanted(now_hour, _first(cursor)):
        if hours not in ready:
            yield from _sum_span(cursor, hours, pairs, new=hours not in known)
        if hours not in all_ready:
            yield from _sum_all(cursor, hours, pairs)


def _sum_span(
    cursor: Cursor, hours: Hours, pairs: list[tuple[str, str]], *, new: bool
) -> Iterator[int]:
    if new:
        cursor.execute(_NEW, hours)
        yield 0
        cursor.execute(_WAIT)
        yield 0
    version = cursor.execute(_BEGIN, hours).fetchone()
    parts = cover(fresh(cursor), *hours)
    yield 0
    for site, dimension in pairs:
        _sum(cursor, hours, {"site": site, "dimension": dimension}, *parts)
        yield 0
    cursor.execute(_END, (*hours, version and version[0]))
    yield 0


def _sum_all(cursor: Cursor, hours: Hours, pairs: list[tuple[str, str]]) -> Iterator[int]:
    """Sum all sites together, from the sums of each, some at a time."""
    version = cursor.execute(_VERSION, hours).fetchone()
    if not version:
        return
    sites = sorted({site for site, _ in pairs})
    for pair in _of_all(pairs):
        asked = dict(zip(("site", "dimension"), pair, strict=True))
        more = {"start": hours[0], "end": hours[1]}
        for first in range(0, len(sites), _SITES_AT_ONCE):
            if not first:
                cursor.execute(_CLEAR, asked | more)
            some = sites[first : first + _SITES_AT_ONCE]
            cursor.execute(_SUM_SITES, asked | more | {"sites": some})
            yield 0
    cursor.execute(_MARK, (*hours, version[0]))
    yield 0


def _of_all(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return each dimension with the name that stands for all sites."""
    return [("", dimension) for dimension in sorted({dimension for _, dimension in pairs})]


def _sum(
    cursor: Cursor, hours: Hours, pair: dict[str, str], spans: list[Ready], gaps: list[Hours]
) -> None:
    asked = {**pair, "sites": [pair["site"]], "start": hours[0], "end": hours[1]}
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
