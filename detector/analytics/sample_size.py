"""How many observations it takes to see a difference of two proportions, in groups of any split."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, sqrt
from statistics import NormalDist

from detector.analytics.intervals import CONFIDENCE, always_valid_z, fixed_z

POWER = 0.80
_POWER_AT_THE_END = 0.75
"""A difference that is seen at the planned end with this power is seen by then, on one of the days
that lead to it, with about `POWER`: `scripts/bench variants` simulates it."""


def sample_size(
    one: float,
    two: float,
    confidence: float = CONFIDENCE,
    power: float = POWER,
    ratio: float = 1.0,
) -> int | None:
    """Return the size that the first of two groups needs; None if there is no difference.

    The second is `ratio` times as large. J. L. Fleiss, A. Tytun and H. K. Ury, "A simple
    approximation for calculating sample sizes for comparing independent proportions", Biometrics 36
    (1980), 343-346: two-sided, here without continuity correction. With `ratio` 1 R's
    power.prop.test is the same formula.
    """
    if one == two:
        return None
    return ceil(_size(one, two, fixed_z(confidence), power, ratio))


def always_valid_size(
    one: float, two: float, confidence: float = CONFIDENCE, ratio: float = 1.0
) -> int | None:
    """Return the same for always-valid intervals: by then one of daily looks sees it at 80 %."""
    if one == two:
        return None
    size = 1000.0
    # The quantile depends on the size; the geometric mean converges where it falls as 1 / size.
    for _ in range(30):
        z = always_valid_z(size, size * ratio, confidence)
        size = sqrt(size * _size(one, two, z, _POWER_AT_THE_END, ratio))
    return ceil(size)


@lru_cache(maxsize=64)
def _quantile(share: float) -> float:
    return NormalDist().inv_cdf(share)


def _size(one: float, two: float, z: float, power: float, ratio: float) -> float:
    mean = (one + ratio * two) / (1 + ratio)
    apart = z * sqrt((1 + ratio) * mean * (1 - mean))
    spread = _quantile(power) * sqrt(ratio * one * (1 - one) + two * (1 - two))
    return ((apart + spread) / (one - two)) ** 2 / ratio
