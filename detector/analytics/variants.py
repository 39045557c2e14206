"""Which variant of the notice performs better, by closed formulas with their sources.

It knows nothing about stores: `compare` works on counts. It reports significant differences, and
otherwise how many more notices would be needed to detect one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist
from typing import Any

from detector.analytics.figures import LEAST
from detector.analytics.query import Cell

__all__ = [
    *("Arm", "Comparison", "Difference"),
    *("compare", "newcombe", "of_cells", "sample_size", "wilson"),
]

CONFIDENCE = 0.95
POWER = 0.80
GOAL = "allowed"
"""The notice action that a variant is to achieve."""

_MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class Arm:
    """One variant: `done` of its `shown` notices reached the goal."""

    name: str
    done: int
    shown: int

    @property
    def rate(self) -> float:
        """The share that reached the goal, 0 to 1; 0 if none were shown."""
        return self.done / self.shown if self.shown else 0.0

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Return Wilson's interval of the rate."""
        return wilson(self.done, self.shown, confidence)


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much one variant's rate exceeds another's, as a fraction, with its interval."""

    base: Arm
    other: Arm
    low: float
    high: float
    more: int | None
    """How many more notices are needed to detect this difference; None if it is significant."""

    @property
    def value(self) -> float:
        """The other's rate minus the base's."""
        return self.other.rate - self.base.rate

    @property
    def seen(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0 or self.high < 0

    @property
    def sentence(self) -> str:
        """The difference in plain words."""
        one, two = sorted((self.base.name, self.other.name))
        if not self.seen:
            if self.more is None:
                return f"No difference between {one} and {two} can be seen yet."
            more = f"about {self.more:,} more views with a notice are needed"
            return f"No difference between {one} and {two} can be seen yet; {more}."
        best, low, high = self.other, self.low, self.high
        if self.value < 0:
            best, low, high = self.base, -self.high, -self.low
        worse = self.base if best is self.other else self.other
        return (
            f"{best.name} is better than {worse.name}: {abs(self.value) * 100:+.1f} points, "
            f"95 % between {low * 100:.1f} and {high * 100:.1f}."
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of `compare`: the variants that can be shown, each compared with the first."""

    goal: str
    arms: tuple[Arm, ...]
    differences: tuple[Difference, ...]
    hidden: int
    """Variants with fewer than ten notices."""

    @property
    def sentence(self) -> str:
        """All differences in plain words."""
        if len(self.arms) < 2:
            return "There are no two variants to compare yet."
        return " ".join(difference.sentence for difference in self.differences)

    def as_dict(self) -> dict[str, Any]:
        """Return it with plain types, for JSON."""
        return {
            "goal": self.goal,
            "of": "notices shown",
            "confidence": CONFIDENCE,
            "hidden": self.hidden,
            "sentence": self.sentence,
            "variants": [
                {
                    "name": arm.name,
                    "done": arm.done,
                    "shown": arm.shown,
                    "rate": arm.rate,
                    "interval": list(arm.interval()),
                }
                for arm in self.arms
            ],
            "differences": [
                {
                    "base": each.base.name,
                    "other": each.other.name,
                    "difference": each.value,
                    "interval": [each.low, each.high],
                    "seen": each.seen,
                    "more_needed": each.more,
                    "sentence": each.sentence,
                }
                for each in self.differences
            ],
        }


def of_cells(cells: Iterable[Cell], goal: str = GOAL) -> Comparison:
    """Compare the variants of an answer grouped by variant, without steps."""
    arms, hidden = [], 0
    for cell in cells:
        if cell.figures is None:
            hidden += 1
            continue
        shown = cell.figures.actions["shown"]
        # An action on a later page may be in another hour: at a span's edge its notice is missing.
        arms.append(Arm(cell.values[0], min(cell.figures.actions[goal], shown), shown))
    return compare(arms, goal, hidden)


def compare(arms: Sequence[Arm], goal: str = GOAL, hidden: int = 0) -> Comparison:
    """Compare each variant with the first by name; those of fewer than ten notices are hidden.

    With several differences the 95 % confidence is for all intervals together: each is wider, for
    an error of 5 % divided by their number (Bonferroni's correction).
    """
    fit = sorted((arm for arm in arms if arm.shown >= LEAST), key=lambda arm: arm.name)
    hidden += sum(0 < arm.shown < LEAST for arm in arms)
    confidence = 1 - (1 - CONFIDENCE) / max(1, len(fit) - 1)
    differences = tuple(_difference(fit[0], other, confidence) for other in fit[1:])
    return Comparison(goal, tuple(fit), differences, hidden)


def _difference(base: Arm, other: Arm, confidence: float) -> Difference:
    low, high = newcombe(other.done, other.shown, base.done, base.shown, confidence)
    more = None
    if low <= 0 <= high:
        each = sample_size(base.rate, other.rate, 1 - confidence)
        # A number beyond what any site will show would only look like a promise.
        if each is not None and 2 * each <= _MOST:
            missing = sum(max(0, each - arm.shown) for arm in (base, other))
            more = _rounded(missing) if missing else None
    return Difference(base, other, low, high, more)


def wilson(done: int, of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the score interval of a proportion, without continuity correction.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal
    of the American Statistical Association 22 (1927), 209-212. With `of` 0 it is (0, 1).
    """
    if not of:
        return 0.0, 1.0
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    share = done / of
    middle = share + z2 / (2 * of)
    half = sqrt(z2 * (share * (1 - share) + z2 / (4 * of)) / of)
    scale = 1 + z2 / of
    low, high = (middle - half) / scale, (middle + half) / scale
    return (low if done else 0.0), (high if done < of else 1.0)


def newcombe(
    done: int, of: int, base_done: int, base_of: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return the interval of the first proportion minus the second.

    Method 10 of R. G. Newcombe, "Interval estimation for the difference between independent
    proportions: comparison of eleven methods", Statistics in Medicine 17 (1998), 873-890: the
    square root of the summed squared distances to both Wilson intervals' ends.
    """
    one, two = wilson(done, of, confidence), wilson(base_done, base_of, confidence)
    p, q = done / of if of else 0.5, base_done / base_of if base_of else 0.5
    low = p - q - sqrt((p - one[0]) ** 2 + (two[1] - q) ** 2)
    high = p - q + sqrt((one[1] - p) ** 2 + (q - two[0]) ** 2)
    return max(-1.0, low), min(1.0, high)


def sample_size(
    one: float, two: float, error: float = 1 - CONFIDENCE, power: float = POWER
) -> int | None:
    """Return the size each of two groups needs to show a difference; None if there is none.

    J. L. Fleiss, "Statistical Methods for Rates and Proportions", 2nd edition (1981), 3.2:
    two-sided, equal groups, without continuity correction; R's power.prop.test is the same formula.
    """
    if one == two:
        return None
    normal, mean = NormalDist(), (one + two) / 2
    apart = normal.inv_cdf(1 - error / 2) * sqrt(2 * mean * (1 - mean))
    spread = normal.inv_cdf(power) * sqrt(one * (1 - one) + two * (1 - two))
    return ceil(((apart + spread) / (one - two)) ** 2)


def _rounded(number: int) -> int:
    """Round up to two significant digits: more would suggest precision."""
    unit = int(10 ** max(0, len(str(number)) - 2))
    return -(-number // unit) * unit
