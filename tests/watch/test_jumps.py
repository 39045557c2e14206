"""Tests of detector.watch.jumps: what is a jump, and how often one is seen that is none."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import pytest

from detector.watch.jumps import LEAST, WEEK, WINDOW, Count, Jump, jump

END = 480_000
START = END - 4 * WEEK - WINDOW


def even(part: int, whole: int) -> dict[int, Count]:
    """Return the same count for every hour of four weeks."""
    return dict.fromkeys(range(START, END), Count(part, whole))


def last(hours: dict[int, Count], part: int, whole: int, many: int = WINDOW) -> dict[int, Count]:
    """Return the hours with other counts in the latest of them."""
    return {**hours, **dict.fromkeys(range(END - many, END), Count(part, whole))}


@pytest.mark.parametrize(
    ("part", "sign"), [(20, 0), (24, 0), (40, 1), (100, 1), (6, -1), (0, -1), (16, 0)]
)
def test_jump(part: int, sign: int) -> None:
    """A share that doubles or falls to a third has jumped; one that moves a little has not."""
    found = jump(last(even(20, 100), part, 100), END)
    assert (0 if found is None else 1 if found.score > 0 else -1) == sign
    if found:
        assert found.now == Count(part * WINDOW, 100 * WINDOW)
        assert found.before == Count(20 * WINDOW * 4, 100 * WINDOW * 4)


def test_what_was_never_there() -> None:
    """A share that was always 0 jumps as well, once it is more than a few."""
    assert jump(last(even(0, 100), 0, 100), END) is None
    assert jump(last(even(0, 100), 20, 100), END)


def test_too_little() -> None:
    """Nothing is said of few views, or of a site without three weeks of history."""
    few = (LEAST - 1) // WINDOW
    assert jump(last(even(20, 100), few, few), END) is None
    young = {hour: count for hour, count in even(20, 100).items() if hour > END - 2 * WEEK}
    assert jump(last(young, 90, 100), END) is None
    assert jump({}, END) is None


def test_a_large_site_that_moves_a_little() -> None:
    """A change by less than a quarter is no jump, however many views there are."""
    assert jump(last(even(20_000, 100_000), 24_000, 100_000), END) is None
    assert jump(last(even(20_000, 100_000), 26_000, 100_000), END)


def test_weeks_that_differ() -> None:
    """Where weeks differ by more than chance, a jump must exceed that."""
    chance = random.Random(3)
    hours: dict[int, Count] = {}
    for start in range(START, END, WINDOW):
        part = chance.choice((15, 20, 25))
        hours |= dict.fromkeys(range(start, start + WINDOW), Count(part, 100))
    assert jump(last(hours, 30, 100), END) is None
    assert jump(last(hours, 100, 100), END)


def test_an_incident_does_not_hide_itself() -> None:
    """A jump that has lasted for three days is still one, and so is another after it."""
    assert jump(last(even(20, 100), 60, 100, many=72), END)
    hours = last(last(even(20, 100), 60, 100, many=72), 0, 100)
    assert jump(hours, END)


def test_it_lasts_until_it_is_clearly_over() -> None:
    """A jump that was told ends at a lower value than it began, so that it does not flap."""
    hours = last(even(20, 100), 27, 100)
    assert jump(hours, END) is None
    assert jump(hours, END, told=1)
    assert jump(hours, END, told=-1) is None
    assert jump(last(even(20, 100), 21, 100), END, told=1) is None


def drawn(chance: random.Random, share: float, whole: int, spread: float) -> Count:
    """Draw one window, whose share itself varies between windows by `spread` of it."""
    share = min(0.99, max(0.0001, chance.gauss(share, spread * share)))
    part = at = 0
    # From one success to the next: faster than a draw for each view.
    while (at := at + 1 + int(math.log(1 - chance.random()) / math.log(1 - share))) <= whole:
        part += 1
    return Count(part, whole)


def looks(share: float, whole: int, spread: float, many: int) -> Iterator[Jump | None]:
    """Yield what each look sees, one every six hours, at a site where nothing changes."""
    chance = random.Random(11)
    first = END - many * WINDOW
    hours = {
        end - 1: drawn(chance, share, whole, spread)
        for end in range(first - 4 * WEEK, END + 1, WINDOW)
    }
    return (jump(hours, end) for end in range(first, END, WINDOW))


@pytest.mark.parametrize(
    ("share", "whole", "spread"),
    [(0.2, 400, 0.0), (0.2, 400, 0.15), (0.01, 400, 0.0), (0.01, 60, 0.3), (0.3, 60, 0.1)],
)
def test_false_alarms(share: float, whole: int, spread: float) -> None:
    """Where nothing changes no look sees a jump, in two years of looks at each of five sites."""
    assert [found for found in looks(share, whole, spread, 3000) if found] == []


def test_found() -> None:
    """A share that rises from 20 to 50 % of 400 views in six hours is found nearly always."""
    chance = random.Random(12)
    found = 0
    for _ in range(100):
        hours = {end - 1: drawn(chance, 0.2, 400, 0.1) for end in range(END, START, -WINDOW)}
        found += jump({**hours, END - 1: drawn(chance, 0.5, 400, 0.1)}, END) is not None
    assert found >= 90
