"""The records of a comparison of variants, and what they say in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

from detector.analytics.figures import LEAST
from detector.analytics.intervals import CONFIDENCE, wilson
from detector.analytics.sample_size import always_valid_size, sample_size

_MOST = 100_000_000
"""More notices than that are not asked for: the number would only look like a promise."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One variant: `done` of its `shown` notices reached the goal; ValueError if more than all."""

    name: str
    done: int
    shown: int

    def __post_init__(self) -> None:
        if not 0 <= self.done <= self.shown:
            raise ValueError(
                f"variant {self.name!r}: {self.done:,} of {self.shown:,} notices cannot have "
                "reached the goal: pass counts of 0 or more, and no more successes than notices"
            )

    @property
    def rate(self) -> float:
        """The share that reached the goal, 0 to 1; 0 if none were shown."""
        return self.done / self.shown if self.shown else 0.0

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Return Wilson's interval of the rate."""
        return wilson(self.done, self.shown, confidence)


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much one variant's rate exceeds another's, as a fraction, with both intervals.

    Their confidence is such that all claims of one comparison together are wrong in at most 5 % of
    comparisons (Holm's method); each holds with 95 % or more by itself.
    """

    base: Arm
    other: Arm
    always_valid: tuple[float, float]
    """Holds at all times together: it may be looked at every day."""
    fixed: tuple[float, float]
    """Holds on one day that was chosen beforehand."""
    level: float
    """The error level at which Holm's method will test it, once clearer differences are seen."""
    total: int
    """The notices of all variants that are compared."""

    @property
    def more(self) -> int | None:
        """How many more notices, of all variants together, are needed to see it in daily looks.

        With 80 % power; None if it is seen, or the number would be too large to be of use.
        """
        return None if self.seen else self._more(always_valid_size)

    @property
    def more_fixed(self) -> int | None:
        """The same for one look, on a day chosen beforehand."""
        return None if self.seen_fixed else self._more(sample_size)

    def _more(self, size: Callable[..., int | None]) -> int | None:
        ratio = self.other.shown / self.base.shown
        rates = (self.base.rate, self.other.rate)
        each = size(*rates, confidence=1 - self.level, ratio=ratio)
        if each is None:
            return None
        missing = (each / self.base.shown - 1) * self.total
        return _rounded(missing) if 0 < missing <= _MOST else None

    @property
    def value(self) -> float:
        """The other's rate minus the base's."""
        return self.other.rate - self.base.rate

    @property
    def seen(self) -> bool:
        """Whether the always-valid interval excludes zero."""
        return _excludes_zero(self.always_valid)

    @property
    def seen_fixed(self) -> bool:
        """Whether the fixed interval excludes zero."""
        return _excludes_zero(self.fixed)

    @property
    def title(self) -> str:
        """Both names, the one that it is subtracted from first."""
        return f"{self.other.name} against {self.base.name}"

    @property
    def size(self) -> str:
        """The difference in points, with its sign."""
        return f"{'+' if self.value > 0 else ''}{points(self.value)[0]}"

    @property
    def names(self) -> str:
        """Both names, in order."""
        return " and ".join(sorted((self.base.name, self.other.name)))

    @property
    def sentence(self) -> str:
        """The difference in plain words."""
        best, worse, turn = self.other, self.base, 1
        if self.value < 0:
            best, worse, turn = self.base, self.other, -1
        size = points(abs(self.value))[0]
        if self.seen:
            low, high = points(*sorted(turn * end for end in self.always_valid))
            return (
                f"{best.name} is better than {worse.name}: {size} points, between {low} and "
                f"{high} (95 % certain, on whatever day you look)."
            )
        if self.seen_fixed:
            later = f": about {self.more:,} more notices" if self.more else ""
            return (
                f"{best.name} may be better than {worse.name} ({size} points). That counts only if "
                f"today is the one day that you had chosen to look; otherwise wait{later}."
            )
        return f"No difference between {self.names} can be seen yet.{self.needed}"

    @property
    def needed(self) -> str:
        """How many more notices it would take, as a sentence; "" if that is not known."""
        if self.more is None or self.more_fixed is None:
            return ""
        size = points(abs(self.value))[0]
        return (
            f" If the present one ({size} points) is real, it takes about {self.more_fixed:,} more "
            f"notices to see it on one day that you choose now, or about {self.more:,} to see it "
            "while looking every day."
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it with plain types, for JSON."""
        return {
            "base": self.base.name,
            "other": self.other.name,
            "difference": self.value,
            "always_valid": list(self.always_valid),
            "fixed": list(self.fixed),
            "seen": self.seen,
            "seen_fixed": self.seen_fixed,
            "more_needed": self.more,
            "more_needed_fixed": self.more_fixed,
            "sentence": self.sentence,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of `compare`."""

    goal: str
    arms: tuple[Arm, ...]
    """The variants that are compared, by name."""
    differences: tuple[Difference, ...]
    """Those of all pairs."""
    small: tuple[str, ...] = ()
    """The names of variants with fewer than ten notices, which are left out."""
    warnings: tuple[str, ...] = ()
    """Why the counts cannot be compared, in plain words: then no variant is called better."""
    split: float | None = None
    """How likely the split is by chance, or None if it was not checked; see `sample_ratio`."""

    @property
    def sentence(self) -> str:
        """All of it in plain words."""
        return " ".join([*self.warnings, *self._found(), *self._left_out()])

    def _found(self) -> list[str]:
        if len(self.arms) < 2:
            return ["There are no two variants to compare yet."]
        if self.warnings:
            return ["So no variant is called better."]
        open_ = [each for each in self.differences if not (each.seen or each.seen_fixed)]
        clear = sorted(self.differences, key=lambda each: not each.seen)
        found = [each.sentence for each in clear if each not in open_]
        if len(open_) < 2:
            return found + [each.sentence for each in open_]
        if len(open_) == len(self.differences):
            between = f"any of the {len(self.arms)} variants"
        else:
            between = "these: " + ", ".join(each.names for each in open_)
        nearest = min(open_, key=lambda each: each.more or _MOST)
        more = f" {nearest.names} are nearest to it.{nearest.needed}" if nearest.needed else ""
        return [*found, f"No difference can be seen yet between {between}.{more}"]

    def _left_out(self) -> list[str]:
        if not self.small:
            return []
        is_ = "has" if len(self.small) == 1 else "have"
        names = " and ".join(self.small)
        return [f"{names} {is_} fewer than {LEAST} notices: left out."]

    def as_dict(self) -> dict[str, Any]:
        """Return it with plain types, for JSON."""
        return {
            "goal": self.goal,
            "of": "notices shown",
            "confidence": CONFIDENCE,
            "left_out": list(self.small),
            "warnings": list(self.warnings),
            "split_p_value": self.split,
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
            "differences": [each.as_dict() for each in self.differences],
        }


def _excludes_zero(interval: tuple[float, float]) -> bool:
    return interval[0] > 0 or interval[1] < 0


def points(*shares: float) -> list[str]:
    """Return shares as points with a common number of digits, such that none but 0 reads as 0."""
    sizes = [abs(share) * 100 for share in shares if share] or [1.0]
    digits = 1 if max(sizes) >= 0.5 else 1 - floor(log10(max(sizes)))
    while digits < 6 and round(min(sizes), digits) == 0:
        digits += 1
    return [f"{share * 100 + 0.0:.{digits}f}" for share in shares]


def _rounded(number: float) -> int:
    """Round up to two significant digits: more would suggest precision."""
    unit = int(10 ** max(0, len(str(ceil(number))) - 2))
    return -(-ceil(number) // unit) * unit
