"""Which variant of the notice performs better, whenever and however often one looks.

It knows nothing about stores: `compare` works on counts. All pairs are compared. A variant is
called better if the always-valid interval of the difference excludes zero; the fixed interval
stands beside it. Otherwise it says how many more notices it would take.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from math import sqrt
from typing import Any

from detector.analytics import intervals
from detector.analytics.comparison import Arm, Comparison, Difference
from detector.analytics.figures import LEAST
from detector.analytics.intervals import CONFIDENCE
from detector.analytics.query import Cell
from detector.analytics.sample_ratio import THRESHOLD, mismatch

__all__ = ["Arm", "Comparison", "Design", "Difference", "compare", "of_cells"]

GOAL = "allowed"
"""The notice action that a variant is to achieve."""

_BY_VARIANT = ("kind", "mode", "variant")
"""The dimensions whose values depend on the variant: its own mode may differ by kind."""

_CLEARER = 1.3
"""A difference so many times as distinct as another is as good as always seen before that one."""


@dataclass(frozen=True, slots=True)
class Design:
    """The options of the site that a comparison depends on."""

    weights: Mapping[str, int] = field(default_factory=dict)
    """Of each variant that shows a notice; empty if not known, and then no split is checked."""
    once_a_session: bool = True
    """Whether a session has one notice at most; else its notices are not independent."""
    holdout: Mapping[str, int] = field(default_factory=dict)
    """The name and weight of the variant that shows none; empty if there is none, or not known."""
    equally_often: bool = True
    """Whether all variants are shown by the same rules; else they meet different visitors."""

    @classmethod
    def of(
        cls,
        variants: Iterable[Mapping[str, Any]],
        once_a_session: bool = True,
        from_view: int = 2,
        every: int = 1,
    ) -> Design:
        """Return the design of the site's options of these names."""
        weights: dict[str, int] = {}
        held: dict[str, int] = {}
        rules = set()
        for each in variants:
            one = held if each.get("notice") == "none" else weights
            one[each["name"]] = each.get("weight", 1)
            if one is weights:
                once = bool(each.get("once_a_session", once_a_session))
                rules.add((each.get("from_view", from_view), each.get("every", every), once))
        once_a_session = all(once for _, _, once in rules) if rules else once_a_session
        return cls(weights, once_a_session, held, len(rules) < 2)

    def of_value(self, dimension: str) -> Design:
        """Return the design for the counts of one value of a dimension, such as "variant".

        Where the variant itself decides which value a notice has, no split is by the weights.
        """
        return replace(self, weights={}, holdout={}) if dimension in _BY_VARIANT else self

    @property
    def drawn(self) -> Mapping[str, int]:
        """The weights of all variants that a session may draw."""
        return {**self.weights, **self.holdout}


def of_cells(cells: Iterable[Cell], design: Design | None = None, goal: str = GOAL) -> Comparison:
    """Compare the variants of an answer grouped by variant, without steps."""
    figures = {cell.values[0]: cell.figures for cell in cells}
    drawn = {name: each.sessions["drawn"] for name, each in figures.items()}
    # What is held out has sessions and no notice.
    shares = {name: each.action(goal).share for name, each in figures.items()}
    arms = [
        Arm(name, each.part, each.whole)
        for name, each in shares.items()
        if each.whole or not drawn[name]
    ]
    return compare(arms, goal, design, drawn)


def compare(
    arms: Sequence[Arm],
    goal: str = GOAL,
    design: Design | None = None,
    drawn: Mapping[str, int] | None = None,
) -> Comparison:
    """Compare all pairs of variants; those of fewer than ten notices are left out and named.

    The split by weight is checked by the sessions of each variant, `drawn`, where there are any,
    else by its notices.
    """
    fit = sorted((arm for arm in arms if arm.shown >= LEAST), key=lambda arm: arm.name)
    few = {arm.name: arm.shown for arm in arms if arm.shown < LEAST}
    design = design or Design()
    if drawn and any(drawn.values()):
        split = mismatch(drawn, design.drawn)
    else:
        split = mismatch({arm.name: arm.shown for arm in fit} | few, design.weights)
    return Comparison(
        goal,
        tuple(fit),
        differences(list(combinations(fit, 2))),
        tuple(sorted(few)),
        tuple(_warnings(design, split)),
        split,
    )


def _warnings(design: Design, split: float | None) -> Iterable[str]:
    if not design.once_a_session:
        yield (
            "The option once_a_session is off, so that one visitor may count many times: the "
            "intervals are too narrow. Turn it on to compare variants."
        )
    if not design.equally_often:
        yield (
            "The variants are shown by different rules, so that their notices meet different "
            "visitors: compare the sessions won back."
        )
    if split is not None and split < THRESHOLD:
        yield (
            "The variants were not shown as often as their weights ask for, and chance makes such "
            f"a split less than once in {round(1 / THRESHOLD):,} times. The weights were changed "
            "in this time, or one variant often fails to be shown: find out which first."
        )


def differences(pairs: Sequence[tuple[Arm, Arm]]) -> tuple[Difference, ...]:
    """Compare pairs of arms, the base first, such that Holm's method holds for all of them."""
    arms = {arm for pair in pairs for arm in pair}
    away = [intervals.distance(*_counts(pair)) for pair in pairs]
    always = _levels(
        [
            intervals.always_valid_p(z, base.shown, other.shown)
            for z, (base, other) in zip(away, pairs, strict=True)
        ]
    )
    fixed = _levels([intervals.fixed_p(z) for z in away])
    total = sum(arm.shown for arm in arms)
    distinct = [_distinct(*pair) for pair in pairs]
    found = []
    for at, (base, other) in enumerate(pairs):
        counts = _counts((base, other))
        valid = intervals.always_valid(*counts, 1 - always[at])
        once = intervals.newcombe(*counts, 1 - fixed[at])
        level = (1 - CONFIDENCE) / _left(distinct, at)
        found.append(Difference(base, other, valid, once, level, total))
    return tuple(found)


def _levels(p_values: Sequence[float]) -> list[float]:
    """Return the error level at which Holm's method tests each hypothesis, or would have stopped.

    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6 (1979), 65-70.
    """
    levels = [0.0] * len(p_values)
    left, stopped = len(p_values), False
    for at in sorted(range(len(p_values)), key=p_values.__getitem__):
        levels[at] = (1 - CONFIDENCE) / left
        stopped = stopped or p_values[at] > levels[at]
        left -= not stopped
    return levels


def _left(distinct: Sequence[float], at: int) -> float:
    """Return how many hypotheses Holm's method will still hold when it reaches the one at `at`.

    Those less distinct all, those as distinct half, since either may come first.
    """
    this = distinct[at]
    others = [each for place, each in enumerate(distinct) if place != at]
    less = sum(each * _CLEARER < this for each in others)
    alike = sum(this / _CLEARER <= each <= this * _CLEARER for each in others)
    return 1 + less + alike / 2


def _distinct(base: Arm, other: Arm) -> float:
    """Return the difference in standard errors, by rates that are never all or nothing."""
    rates = {arm: (arm.done + 1) / (arm.shown + 2) for arm in (base, other)}
    return abs(other.rate - base.rate) / sqrt(
        sum(rate * (1 - rate) / arm.shown for arm, rate in rates.items())
    )


def _counts(pair: tuple[Arm, Arm]) -> tuple[int, int, int, int]:
    base, other = pair
    return other.done, other.shown, base.done, base.shown
