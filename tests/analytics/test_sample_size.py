"""Tests of detector.analytics.sample_size: the promised power, counted out exactly."""

from __future__ import annotations

from math import comb

import pytest

from detector.analytics.intervals import newcombe
from detector.analytics.sample_size import always_valid_size, sample_size


def test_sample_size() -> None:
    """It is that of R's example, power.prop.test(p1 = .50, p2 = .75, power = .90): 76.7."""
    assert sample_size(0.50, 0.75, power=0.90) == 77
    assert sample_size(0.2, 0.2) is None
    assert always_valid_size(0.2, 0.2) is None


def chances(of: int, rate: float) -> list[float]:
    """Return the chance of each number of successes."""
    return [comb(of, n) * rate**n * (1 - rate) ** (of - n) for n in range(of + 1)]


@pytest.mark.parametrize(
    ("one", "two", "ratio"),
    [
        (0.10, 0.25, 1.0),
        (0.10, 0.25, 4.0),
        (0.10, 0.25, 0.25),
        (0.10, 0.30, 9.0),
        (0.10, 0.30, 1 / 9),
    ],
)
def test_power_of_every_split(one: float, two: float, ratio: float) -> None:
    """Of that size the interval excludes zero in 80 % of all samples, in even and uneven splits."""
    size = sample_size(one, two, ratio=ratio)
    assert size is not None
    base, other = chances(size, one), chances(round(size * ratio), two)
    power = sum(
        p * q
        for m, p in enumerate(base)
        if p > 1e-6
        for n, q in enumerate(other)
        if q > 1e-6 and newcombe(n, len(other) - 1, m, len(base) - 1)[0] > 0
    )
    assert 0.78 < power < 0.83


def test_uneven_splits_take_more() -> None:
    """Nine to one needs three times as many in total as one to one, for looks on any day too."""
    for size in (sample_size, always_valid_size):
        even, uneven = size(0.05, 0.062), size(0.05, 0.062, ratio=9.0)
        assert even is not None
        assert uneven is not None
        assert 2.7 < uneven * 10 / (even * 2) < 3.1


def test_daily_looks_take_more() -> None:
    """Looks on any day take about twice as many observations, however small the difference."""
    for two in (0.0505, 0.062, 0.2, 0.9):
        once, daily = sample_size(0.05, two), always_valid_size(0.05, two)
        assert once is not None
        assert daily is not None
        assert 1.5 < daily / once < 9
