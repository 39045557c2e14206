"""Intervals of proportions and of their differences, by closed formulas with their sources.

A fixed interval holds if one looks once, at a time chosen beforehand; an always-valid one holds at
all times together, however often one looks and whenever one stops.
"""

from __future__ import annotations

from functools import lru_cache
from math import erfc, exp, log, log1p, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95

_TIGHTEST = 500
_LOG = -2 * log(1 - CONFIDENCE)
MIXTURE = (_LOG + log(_LOG + 1)) / _TIGHTEST
"""The mixture's variance in units of one observation's: always-valid intervals are tightest, in
relation to fixed ones, at 1,000 observations in each of two equal groups, by the formula of
Waudby-Smith et al. (see `always_valid_z`)."""


@lru_cache(maxsize=64)
def fixed_z(confidence: float = CONFIDENCE) -> float:
    """Return the two-sided quantile of the normal distribution, 1.96 for 95 %."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def always_valid_z(of: float, base_of: float, confidence: float = CONFIDENCE) -> float:
    """Return what replaces `fixed_z` where one may look at any time, 3 to 4 for usual sizes.

    The mixture sequential probability ratio test with a normal mixture: R. Johari, P. Koomen,
    L. Pekelis and D. Walsh, "Always valid inference: continuous monitoring of A/B tests",
    Operations Research 70 (2022), 1806-1821, after H. Robbins, "Statistical methods related to the
    law of the iterated logarithm", Annals of Mathematical Statistics 41 (1970), 1397-1409. That the
    variance may be estimated: I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy and A. Ramdas,
    "Time-uniform central limit theory and asymptotic confidence sequences", Annals of Statistics
    52 (2024), 2613-2640. With V the variance of the difference, T that of the mixture and
    c = T / V:  z² = (1 + 1/c) (2 ln(1/error) + ln(1 + c)).
    """
    ratio = _information(of, base_of)
    return sqrt((1 + 1 / ratio) * (log1p(ratio) - 2 * log(1 - confidence)))


def fixed_p(distance: float) -> float:
    """Return the p-value of a difference that is `distance` (see there) away from zero."""
    return erfc(distance / sqrt(2))


def always_valid_p(distance: float, of: float, base_of: float) -> float:
    """Return the always-valid p-value: 1 over the likelihood ratio of `always_valid_z`'s test."""
    ratio = _information(of, base_of)
    return min(1.0, sqrt(1 + ratio) * exp(-(distance**2) * ratio / (1 + ratio) / 2))


def _information(of: float, base_of: float) -> float:
    # Two groups know as much of their difference as one of this size does of a mean.
    return MIXTURE / (1 / of + 1 / base_of)


def wilson(done: float, of: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the score interval of a proportion, without continuity correction.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal
    of the American Statistical Association 22 (1927), 209-212. With `of` 0 it is (0, 1).
    """
    return _wilson(done, of, fixed_z(confidence))


def newcombe(
    done: int, of: int, base_done: int, base_of: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return the fixed interval of the first proportion minus the second.

    Method 10 of R. G. Newcombe, "Interval estimation for the difference between independent
    proportions: comparison of eleven methods", Statistics in Medicine 17 (1998), 873-890: the
    square root of the summed squared distances to both Wilson intervals' ends.
    """
    return _difference(done, of, base_done, base_of, fixed_z(confidence))


def always_valid(
    done: int, of: int, base_done: int, base_of: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return the always-valid interval of the first proportion minus the second.

    It is Newcombe's with the quantile of `always_valid_z`; (-1, 1) where a group is empty.
    """
    if not of or not base_of:
        return -1.0, 1.0
    return _difference(done, of, base_done, base_of, always_valid_z(of, base_of, confidence))


def distance(done: int, of: int, base_done: int, base_of: int) -> float:
    """Return the quantile at which the interval of the difference has zero for one of its ends."""
    counts = (done, of, base_done, base_of)
    if done * base_of == base_done * of:
        return 0.0
    if done * base_of < base_done * of:
        counts = (base_done, base_of, done, of)
    low, high = 0.0, 1.0
    while _difference(*counts, high)[0] > 0:
        low, high = high, 2 * high
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if _difference(*counts, middle)[0] > 0 else (low, middle)
    return low


def _wilson(done: float, of: float, z: float) -> tuple[float, float]:
    if not of:
        return 0.0, 1.0
    z2 = z * z
    share = done / of
    middle = share + z2 / (2 * of)
    half = z * sqrt((share * (1 - share) + z2 / (4 * of)) / of)
    scale = 1 + z2 / of
    low, high = (middle - half) / scale, (middle + half) / scale
    return (low if done else 0.0), (high if done < of else 1.0)


def _difference(done: int, of: int, base_done: int, base_of: int, z: float) -> tuple[float, float]:
    one, two = _wilson(done, of, z), _wilson(base_done, base_of, z)
    p, q = done / of if of else 0.5, base_done / base_of if base_of else 0.5
    low = p - q - sqrt((p - one[0]) ** 2 + (two[1] - q) ** 2)
    high = p - q + sqrt((one[1] - p) ** 2 + (q - two[0]) ** 2)
    return max(-1.0, low), min(1.0, high)
