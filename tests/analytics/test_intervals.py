"""Tests of detector.analytics.intervals: formulas as published, and as other programs have them."""

from __future__ import annotations

import pytest

from detector.analytics.intervals import (
    always_valid,
    always_valid_p,
    always_valid_z,
    distance,
    fixed_p,
    fixed_z,
    newcombe,
    wilson,
)


@pytest.mark.parametrize(
    ("done", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson(done: int, of: int, low: float, high: float) -> None:
    """The interval is the one in Newcombe, Statistics in Medicine 17 (1998), 857-872, table I.

    statsmodels 0.15 agrees: `proportion_confint(done, of, method="wilson")`.
    """
    assert wilson(done, of) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    """The interval is that of method 10 in Newcombe's table II (Statistics in Medicine 17, 873).

    statsmodels 0.15 agrees: `confint_proportions_2indep(…, method="newcomb")`.
    """
    assert newcombe(*counts) == pytest.approx((low, high), abs=5e-5)


def test_nothing_is_known_of_nothing() -> None:
    """Without any count the intervals are as wide as they can be."""
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = newcombe(0, 0, 0, 0)
    assert low < -0.7
    assert high > 0.7
    assert always_valid(0, 0, 5, 10) == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("of", "base_of", "confidence", "z"),
    [
        (10, 10, 0.95, 9.08438),
        (1000, 1000, 0.95, 3.03521),
        (9000, 1000, 0.95, 3.05428),
        (50_000, 100_000, 0.99, 3.93861),
    ],
)
def test_always_valid_quantile(of: int, base_of: int, confidence: float, z: float) -> None:
    """The quantile is where the mixture's likelihood ratio is 1 / error, integrated numerically.

    SciPy 1.17: `quad` over N(t; 0, T) exp((2 d t - t²) / 2 V), solved for d / √V by `brentq`.
    """
    assert always_valid_z(of, base_of, confidence) == pytest.approx(z, abs=1e-5)
    assert always_valid_p(z, of, base_of) == pytest.approx(1 - confidence, rel=1e-4)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), -0.111944, 0.459420),
        ((648, 8000, 400, 8000), 0.018477, 0.043642),
        ((62, 1000, 450, 9000), -0.008878, 0.040353),
    ],
)
def test_always_valid(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    """It is Newcombe's interval at that quantile, which statsmodels 0.15 has with its `alpha`."""
    assert always_valid(*counts) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize("counts", [(56, 70, 48, 80), (400, 8000, 648, 8000), (0, 10, 9, 10)])
def test_distance(counts: tuple[int, int, int, int]) -> None:
    """At the p-value of a difference its interval just touches zero, fixed or always valid."""
    z = distance(*counts)
    for interval, p in (
        (newcombe, fixed_p(z)),
        (always_valid, always_valid_p(z, counts[1], counts[3])),
    ):
        if p < 1:
            ends = interval(*counts, confidence=1 - p)
            assert min(map(abs, ends)) == pytest.approx(0, abs=1e-4)


def test_no_distance() -> None:
    """Equal rates are not apart, and no difference is surer than certain."""
    assert distance(5, 100, 50, 1000) == 0
    assert fixed_p(0) == 1
    assert always_valid_p(0, 10, 10) == 1
    assert fixed_p(fixed_z(0.95)) == pytest.approx(0.05)
