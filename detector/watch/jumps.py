"""Whether a share has jumped against the same hours of the last four weeks.

The statistic is the signed root of the likelihood ratio of a two-by-two table (the G-test: Sokal
and Rohlf, Biometry, 4th edition, 17.4), divided by the dispersion of the weeks before, as for
quasi-binomial counts (McCullagh and Nelder, Generalized Linear Models, 4.5). The dispersion is the
median over all hours of the week, so that an incident does not hide itself or the next one.

tests/watch/test_jumps.py simulates how often it is wrong: less than once in 10,000 looks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from statistics import median
from typing import NamedTuple

WINDOW = 6
"""Hours that are looked at together."""
WEEK = 7 * 24
WEEKS = 4
RISES = 5.0
"""The statistic from which a share has jumped: 5 standard deviations."""
LASTS = 3.0
"""And from which a jump that was reported still lasts."""
LEAST = 50
"""Fewer views in a window are not judged."""
_PART = 0.25
"""A jump is a change by at least a quarter, however many views there are."""
# The median of a chi-squared variable with 3 degrees of freedom, divided by 3.
_MEDIAN = 0.789


class Count(NamedTuple):
    """A part of a whole, such as the blocked views of the measured ones."""

    part: int
    whole: int


class Jump(NamedTuple):
    """A share that differs from its past."""

    now: Count
    before: Count
    """The same hours of the last four weeks together."""
    score: float
    """In standard deviations; above 0 when the share has risen."""


def jump(hours: Mapping[int, Count], end: int, *, told: int = 0) -> Jump | None:
    """Compare the window that ends before the hour `end` with those of four weeks.

    `hours` are counts by hour since 1970. None when there is no jump, or too little to judge by.
    `told` is 1 or -1 where a rise or a fall was reported, which is now to last or not.
    """
    now, weeks = _window(hours, end), [_window(hours, end - WEEK * n) for n in range(1, WEEKS + 1)]
    before = Count(*map(sum, zip(*weeks, strict=True)))
    if now.whole < LEAST or sum(week.whole >= LEAST for week in weeks) < 3:
        return None
    share, past = now.part / now.whole, before.part / before.whole
    if abs(share - past) < _PART * past:
        return None
    least = LASTS if told * (share - past) > 0 else RISES
    score = math.sqrt(_g(now, before))
    # The dispersion takes long, and only lowers the score.
    if score < least or (score := score / math.sqrt(_dispersion(hours, end))) < least:
        return None
    return Jump(now, before, math.copysign(score, share - past))


def _window(hours: Mapping[int, Count], end: int) -> Count:
    counts = [hours.get(hour, Count(0, 0)) for hour in range(end - WINDOW, end)]
    return Count(sum(one.part for one in counts), sum(one.whole for one in counts))


def _g(one: Count, other: Count) -> float:
    """Return the G statistic of two shares."""
    part, whole = one.part + other.part, one.whole + other.whole
    g = 0.0
    for count in (one, other):
        for seen, total in ((count.part, part), (count.whole - count.part, whole - part)):
            if seen:
                g += 2 * seen * math.log(seen * whole / (count.whole * total))
    return max(0.0, g)


def _dispersion(hours: Mapping[int, Count], end: int) -> float:
    """Return how much more the same hours of weeks differ than chance alone would have it."""
    return max(1.0, median([1.0, *_dispersions(hours, end)]))


def _dispersions(hours: Mapping[int, Count], end: int) -> Iterator[float]:
    for slot in range(0, WEEK, WINDOW):
        first = 1 if slot == 0 else 0
        weeks = [_window(hours, end - slot - WEEK * n) for n in range(first, first + WEEKS)]
        if min(week.whole for week in weeks) < LEAST:
            continue
        share = sum(week.part for week in weeks) / sum(week.whole for week in weeks)
        if 0 < share < 1:
            squares = [
                (week.part - week.whole * share) ** 2 / (week.whole * share * (1 - share))
                for week in weeks
            ]
            yield sum(squares) / (WEEKS - 1) / _MEDIAN
