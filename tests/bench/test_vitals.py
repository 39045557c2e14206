"""The arithmetic of Core Web Vitals with and without the detector, by made-up loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest

from bench.table import BenchError, Row
from bench.vitals import METRICS, Loads, Pair, alternate, rows
from bench.vitals_pages import PAGES

CLEAN = PAGES[0]
BLOCKED = PAGES[-1]


def pairs(more: Sequence[float], name: str = "LCP") -> list[Pair]:
    """Return pairs of loads that differ by `more` in one metric, and else are the same."""
    plain = {metric.name: 100.0 for metric in METRICS}
    return [(plain | {name: 100.0 + one}, plain) for one in more]


def row(more: Sequence[float], name: str = "LCP") -> Row:
    """Return one metric's row for such pairs."""
    found = {one.what: one for one in rows(CLEAN, pairs(more, name))}
    return found[f"{CLEAN.name}: {name} more"]


def test_a_difference_has_its_interval() -> None:
    """The value is the median of the pairs' differences, and its interval is by their ranks."""
    found = row([5, 6, 7, 8, 9, 10, 11, 12])
    assert (found.value, found.interval, found.met) == (8.5, (5, 12), True)
    assert found.note == "with 108.5 ms, without 100.0 ms: 8.5 ms more"


def test_no_difference() -> None:
    """An interval with 0 inside, or at its end, is no difference."""
    for more in ([-3, -2, -1, 0, 1, 2, 3], [0] * 8, [0, 0, 0, 1, 1, 1, 1]):
        assert row(more).note.endswith(": no difference within the interval"), more


def test_less() -> None:
    """A difference below 0 is called less."""
    assert row([-9] * 6).note.endswith(": 9.0 ms less")


def test_budgets() -> None:
    """LCP, CLS and INP have one, which is missed beyond it, and undecided within its interval."""
    assert row([60] * 6).met is False
    assert row([40, 45, 48, 52, 55, 60]).decides is False
    assert row([0] * 6, "CLS").met is True
    assert row([0.02] * 6, "CLS").met is False
    assert row([8] * 6, "INP").met is True
    assert row([1] * 6, "FCP").at_most is row([1] * 6, "TTFB").at_most is None
    assert [one.at_most for one in rows(BLOCKED, pairs([60] * 6))] == [None] * len(METRICS)


def test_few_loads() -> None:
    """Fewer than six pairs have no interval, and no verdict."""
    found = row([60])
    assert found.interval is None
    assert found.note.endswith(": too few loads for an interval")


def test_metrics_that_are_not_reported() -> None:
    """A pair without a metric is left out and counted; without any the bench fails."""
    made = pairs([5] * 7)
    made[0] = ({}, made[0][1])
    found = rows(CLEAN, made)[0]
    assert found.value == 5
    assert found.note.endswith("(6 of 7 pairs reported it)")
    with pytest.raises(BenchError, match="the browser reported no LCP"):
        rows(CLEAN, made[:1])


def test_order_alternates() -> None:
    """Every second turn begins with the last side; what is returned has the order of the sides."""
    order: list[str] = []

    def load(side: str) -> dict[str, str]:
        order.append(side)
        return {"side": side}

    loads = Loads(pairs=2, before=1, clicks=1, alone=0)
    sides = ("with", "without", "limit")
    found = alternate([partial(load, side) for side in sides], loads)
    assert order == [*sides, *sides[::-1], *sides]
    assert found == [[{"side": side} for side in sides]] * 3
    assert len(alternate([dict], replace(loads, before=0))) == 2


def test_the_limit_stands_below() -> None:
    """Below each metric's row stands the same of an empty script, which has no budget."""
    found = rows(CLEAN, pairs([60] * 6), pairs([40] * 6))
    assert [one.what for one in found][1::2] == ["  limit: an empty script"] * len(METRICS)
    assert (found[0].value, found[1].value, found[1].at_most) == (60, 40, None)


def test_pages() -> None:
    """Six pages: the newspaper's two, three real apps, and a blocked one."""
    assert len({one.name for one in PAGES}) == len(PAGES) == 6
    assert [one.blocked for one in PAGES] == [False] * 5 + [True]
    assert [one.has_limit for one in PAGES] == [True] + [False] * 5
