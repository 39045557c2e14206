"""The simulations of `scripts/bench variants` in small, each with its own seed."""

from __future__ import annotations

import random

import pytest

from bench.table import Row, lines
from bench.variants import APART, SAME, Case, binomial, false_winners, plan, power, run
from detector.analytics.intervals import wilson


def test_false_winners() -> None:
    """Looks on 30 days name a false winner in 5 % at most, where fixed intervals do in 15 %."""
    for case in (SAME[1], Case((1, 1, 1), (0.05,) * 3, 1000)):
        valid, fixed, split = false_winners(case, 100)
        assert valid[0] <= 0.05 * valid[1]
        assert fixed[0] >= 0.15 * fixed[1]
        assert split[0] <= 0.02 * split[1]


@pytest.mark.parametrize("case", APART, ids=lambda case: case.name)
def test_power(case: Case) -> None:
    """The notices that are said to be needed give the promised power, in every split."""
    once, _ = plan(case)
    low, high = wilson(*power(case, once, 1, 1600 // len(case.rates) ** 2))
    assert low < 0.86
    assert high > 0.78
    assert high - low < 0.2


def test_power_of_daily_looks() -> None:
    """So do those for looks on every day."""
    case = APART[1]
    low, high = wilson(*power(case, plan(case)[1], 30, 150))
    assert low < 0.86
    assert high > 0.78


def test_binomial() -> None:
    """The draws have the mean and the variance of the distribution, and stay within it."""
    chance = random.Random(3)
    drawn = [binomial(chance, 200, 0.05) for _ in range(20_000)]
    mean = sum(drawn) / len(drawn)
    assert mean == pytest.approx(10, abs=0.1)
    assert sum((n - mean) ** 2 for n in drawn) / len(drawn) == pytest.approx(9.5, rel=0.05)
    assert {binomial(chance, 1, 0.5) for _ in range(50)} == {0, 1}
    assert binomial(chance, 0, 0.5) == 0
    assert binomial(chance, 7, 1.0) == 7


def test_run() -> None:
    """Every simulated share has its budget, and the interval that its number of runs leaves."""
    rows = run(quick=True)
    assert len({row.what for row in rows}) == len(rows)
    winners = [row for row in rows if row.what.startswith("false winners")]
    assert {row.at_most for row in winners} == {5}
    powers = [row for row in rows if row.what.startswith(("power", "  looking daily"))]
    assert {(row.at_least, row.at_most) for row in powers} == {(78, 86)}
    assert len(powers) == 2 * len(APART)
    assert all(" to " in row.note for row in rows)


def test_budget_with_two_ends() -> None:
    """A figure can have to lie between two others."""
    rows = [Row("power", value, "%", at_most=86, at_least=78) for value in (77, 80, 87)]
    assert [row.met for row in rows] == [False, True, False]
    assert lines(rows)[1] == "  power  80 %  78 to 86  met"
