"""What the notice itself does: sessions of each variant against those that never see a notice.

A session draws its variant on its first view on which a notice is due. It is won back if a later
view is clear, and left if no view follows at all. Without a holdout all pairs are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from detector.analytics.comparison import Arm, Difference, points
from detector.analytics.figures import LEAST
from detector.analytics.intervals import wilson
from detector.analytics.query import Cell
from detector.analytics.sample_ratio import THRESHOLD, mismatch
from detector.analytics.variants import Design, differences

__all__ = ["Sessions", "Variant", "sessions"]


@dataclass(frozen=True, slots=True)
class Variant:
    """The sessions of one variant: `won` and `left` of those `drawn`."""

    name: str
    drawn: int
    won: int
    left: int

    def as_dict(self) -> dict[str, Any]:
        """Return it with plain types; intervals are Wilson's, 95 %."""
        return {
            "name": self.name,
            "drawn": self.drawn,
            "won": self.won,
            "won_interval": list(wilson(self.won, self.drawn)),
            "left": self.left,
            "left_interval": list(wilson(self.left, self.drawn)),
        }


@dataclass(frozen=True, slots=True)
class Sessions:
    """The result of `sessions`."""

    variants: tuple[Variant, ...]
    """By name, the holdout last; those of fewer than ten sessions are left out."""
    holdout: str
    """The name of the variant that shows no notice, or "" without one."""
    won: tuple[Difference, ...]
    """The differences in sessions won back, of each variant to the holdout or to each other."""
    left: tuple[Difference, ...]
    """The same of sessions that ended at the page on which the variant was drawn."""
    small: tuple[str, ...] = ()
    """The names of variants with fewer than ten sessions."""
    wrong_split: bool = False
    """Whether the variants were not drawn by their weights: then no difference is claimed."""

    @property
    def sentence(self) -> str:
        """What can be said, in plain words."""
        if self.wrong_split:
            return "The sessions are not split by the weights, so they are not compared."
        if not self.won:
            return "There are no two variants with ten sessions to compare yet."
        found = [_sentence(each, "are won back") for each in self.won]
        found += [_sentence(each, "end at the page") for each in self.left if each.seen]
        return " ".join(found)

    def as_dict(self) -> dict[str, Any]:
        """Return it with plain types, for JSON."""
        return {
            "holdout": self.holdout or None,
            "variants": [each.as_dict() for each in self.variants],
            "won": [_as_dict(each) for each in self.won],
            "left": [_as_dict(each) for each in self.left],
            "left_out": list(self.small),
            "wrong_split": self.wrong_split,
            "sentence": self.sentence,
        }


def sessions(cells: Iterable[Cell], design: Design | None = None) -> Sessions | None:
    """Compare the sessions of an answer grouped by variant, without steps; None if it has none.

    A holdout that `design` does not know is the only variant that was drawn and never shown.
    """
    figures = {cell.values[0]: cell.figures for cell in cells if cell.figures.sessions["drawn"]}
    if not figures:
        return None
    design = design or Design()
    unseen = [name for name, each in figures.items() if not each.actions["shown"]]
    guess = unseen[0] if len(unseen) == 1 and len(figures) > 1 and not design.drawn else ""
    holdout = next(iter(design.holdout), guess)
    drawn = {name: each.sessions["drawn"] for name, each in figures.items()}
    # What is told after the span began may be of a session that was drawn before it.
    every = [
        Variant(
            name,
            n,
            min(n, figures[name].sessions["won"]),
            max(0, n - figures[name].sessions["stayed"]),
        )
        for name, n in drawn.items()
        if n >= LEAST
    ]
    every.sort(key=lambda each: (each.name == holdout, each.name))
    split = mismatch(drawn, design.drawn)
    return Sessions(
        tuple(every),
        holdout,
        _against(holdout, {each.name: Arm(each.name, each.won, each.drawn) for each in every}),
        _against(holdout, {each.name: Arm(each.name, each.left, each.drawn) for each in every}),
        tuple(sorted(drawn.keys() - {each.name for each in every})),
        split is not None and split < THRESHOLD,
    )


def _against(holdout: str, arms: Mapping[str, Arm]) -> tuple[Difference, ...]:
    if not holdout:
        return differences(list(combinations(arms.values(), 2)))
    base = arms.get(holdout)
    return differences([(base, arm) for arm in arms.values() if base and arm is not base])


def _sentence(each: Difference, what: str) -> str:
    names = f"with {each.other.name} than with {each.base.name}"
    if not each.seen:
        return f"Whether more or fewer sessions {what} {names} cannot be seen yet."
    turn = 1 if each.value > 0 else -1
    size = points(abs(each.value))[0]
    low, high = points(*sorted(turn * end for end in each.always_valid))
    return (
        f"{size} points {'more' if turn > 0 else 'fewer'} sessions {what} {names}, between {low} "
        f"and {high} (95 % certain, on whatever day you look)."
    )


def _as_dict(each: Difference) -> dict[str, Any]:
    return {
        "base": each.base.name,
        "other": each.other.name,
        "difference": each.value,
        "always_valid": list(each.always_valid),
        "fixed": list(each.fixed),
        "seen": each.seen,
        "seen_fixed": each.seen_fixed,
    }
