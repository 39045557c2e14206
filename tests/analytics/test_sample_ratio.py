"""Tests of detector.analytics.sample_ratio: Pearson's test as SciPy has it."""

from __future__ import annotations

import pytest

from detector.analytics.sample_ratio import chi_square_tail, mismatch


@pytest.mark.parametrize(
    ("statistic", "degrees", "tail"),
    [
        (3.84, 1, 0.0500435),
        (5.99, 2, 0.0500366),
        (7.81, 3, 0.0501061),
        (20, 7, 0.00556968),
        (35, 15, 0.00245903),
        (0, 1, 1),
        (0, 2, 1),
    ],
)
def test_tail(statistic: float, degrees: int, tail: float) -> None:
    """The tail is that of SciPy 1.17's `chi2.sf`, for even and odd degrees of freedom."""
    assert chi_square_tail(statistic, degrees) == pytest.approx(tail, rel=1e-5)


def test_mismatch() -> None:
    """The p-value is that of SciPy 1.17's `chisquare`; a variant never shown counts as none."""
    even = {"a": 1, "b": 1}
    assert mismatch({"a": 5200, "b": 4800}, even) == pytest.approx(6.334248e-5, rel=1e-5)
    uneven = {"a": 9, "b": 1}
    assert mismatch({"a": 905, "b": 95}, uneven) == pytest.approx(0.598161, rel=1e-5)
    four = dict.fromkeys("abcd", 1)
    assert mismatch({"a": 300, "b": 350, "c": 340}, four) == pytest.approx(1.9023e-72, rel=1e-4)


def test_too_little_to_test() -> None:
    """With fewer than five expected in a group, or no weights, nothing is concluded."""
    assert mismatch({"a": 40, "b": 0}, {"a": 9, "b": 1}) is None
    assert mismatch({"a": 50, "b": 0}, {"a": 9, "b": 1}) is not None
    assert mismatch({"a": 50, "b": 0}, {}) is None
    assert mismatch({"a": 50}, {"a": 1}) is None
