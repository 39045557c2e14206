"""Whole days and months whose sums a store keeps ready, so that a long question reads few rows.

They are copies: the rows stay as they are, and a span to which anything is added, or of which
anything goes, is no longer fresh and not read until it is summed up again. So an answer is the
same with and without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from detector.core.counting.store import borders

Hours = tuple[int, int]
"""From an hour to before another one."""


class Ready(NamedTuple):
    """A span whose sums can be read, with the number by which the store knows it."""

    number: int
    start: int
    until: int


def wanted(now_hour: int, first_hour: int | None) -> list[Hours]:
    """Return the spans that are to be ready, days before the months that are made of them.

    Of what stands by the hour each whole day, of all that is kept each whole month, from the first
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
        # Of a month that has begun to go only days are right.
        if start >= gone:
            yield start, until


def next_month(at: datetime) -> datetime:
    """Return the start of the month after the one that begins at `at`."""
    return at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)


def cover(
    ready: Iterable[Ready], since: int, until: int, step: int = 0
) -> tuple[list[Ready], list[Hours]]:
    """Choose the spans that answer a question, and give the hours whose rows have to be read.

    A span is of use where all of it is asked for, and all of it lies in one step.
    """
    chosen: list[Ready] = []
    gaps: list[Hours] = []
    at = since
    # Longest first: the days of a month that is taken begin before its end.
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
