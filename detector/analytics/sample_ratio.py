"""Whether the variants were shown as often as their weights ask for (sample ratio mismatch)."""

from __future__ import annotations

from collections.abc import Mapping
from math import erfc, exp, gamma, sqrt

THRESHOLD = 0.0005
"""A split that chance makes more seldom is reported. It is strict because one looks often: see
`scripts/bench variants`. What such a split means: A. Fabijan et al., "Diagnosing sample ratio
mismatch in online controlled experiments", KDD 2019, 2156-2164."""

_EXPECTED = 5
"""Pearson's test needs that many expected in each group, by Cochran's rule."""


def mismatch(shown: Mapping[str, int], weights: Mapping[str, int]) -> float | None:
    """Return the p-value of Pearson's chi-square test; None where there is too little to test.

    `shown` are the counts of variants, `weights` theirs: a variant without a count has none.
    """
    counts = {name: shown.get(name, 0) for name in weights}
    whole, parts = sum(counts.values()), sum(weights.values())
    if len(weights) < 2 or whole * min(weights.values()) < _EXPECTED * parts:
        return None
    expected = {name: whole * weight / parts for name, weight in weights.items()}
    statistic = sum((counts[name] - ideal) ** 2 / ideal for name, ideal in expected.items())
    return chi_square_tail(statistic, len(weights) - 1)


def chi_square_tail(statistic: float, degrees: int) -> float:
    """Return the chance of at least that chi-square, with 1 or more degrees of freedom.

    M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions" (1964), 26.4.4 and 26.4.5.
    """
    half = statistic / 2
    odd = degrees % 2
    first = erfc(sqrt(half)) if odd else 0.0
    powers = [step + odd / 2 for step in range(degrees // 2)]
    rest: float = sum(half**power / gamma(power + 1) for power in powers)
    return first + exp(-half) * rest
