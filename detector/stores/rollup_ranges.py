"""Whole days and months whose sums a store precomputes, so that long queries read few rows.

They are copies: the rows stay unchanged, and a span whose rows change is no longer fresh, and not
read until it is summed again. So results are the same with and without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from detector.core.counting.store import borders

Hours = tuple[int, int]
"""From an hour up to but excluding another."""


class Ready(NamedTuple):
    """A span whose sums can be read, with its number in the store."""

    number: int
    start: int
    until: int


def wanted(now_hour: int, first_hour: int | None) -> list[Hours]:
    """Return the spans to precompute, days before the months that are built from them.

    Each whole day of the rows kept by the hour, and each whole month of all rows, from the first
    hour with a count on; today and this month would be stale at once.
    """
    if first_hour is None:
        return []
    today = now_hour - now_hour % 24
    daily, gone = borders(now_hour)
    first = max(first_hour - first_hour % 24, gone)
    days = [(day, day + 24) for day in range(max(first, daily), today, 24)]
    return days + list(_months(first, gone, today))


def _months(first: int, gone: int, today: int) -> Iterator[Hours]:
    at = datetime.fromtimestamp(first * 3600, UTC).replace(day=1)
    while True:
        start = int(at.timestamp()) // 3600
        at = next_month(at)
        until = int(at.timestamp()) // 3600
        if until > today:
            return
        # A month whose rows have begun to expire is correct only by days.
        if start >= gone:
            yield start, until


def next_month(at: datetime) -> datetime:
    """Return the start of the month after the one that begins at `at`."""
    return at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)


def cover(
    ready: Iterable[Ready], since: int, until: int, step: int = 0
) -> tuple[list[Ready], list[Hours]]:
    """Return the spans that answer a query, and the hours whose rows have to be read.

    A span is usable if all of it is requested, and all of it is in one step.
    """
    chosen: list[Ready] = []
    gaps: list[Hours] = []
    at = since
    # Longest first: the days of a chosen month begin before its end.
    for span in sorted(ready, key=lambda span: (span.start, -span.until)):
        if span.start < at or span.until > until:
            continue
        if step and span.start // step != (span.until - 1) // step:
            continue
        if span.start > at:
            gaps.append((at, span.start))
        chosen.append(span)
        at = span.until
    if at < until:
        gaps.append((at, until))
    return chosen, gaps
