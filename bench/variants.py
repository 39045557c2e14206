"""False winners, power and false alarms of the comparison of variants, by seeded simulation.

It calls `compare` as the dashboard does. Notices are assigned to variants at random by weight.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import exp, lgamma, log, sqrt

from bench.table import Row
from detector.analytics.intervals import wilson
from detector.analytics.sample_ratio import THRESHOLD
from detector.analytics.variants import Arm, Comparison, Design, compare

DAYS = 30


@dataclass(frozen=True, slots=True)
class Case:
    """Variants with their weights and true rates; `notices` are those a day, or a pilot's all."""

    weights: tuple[int, ...]
    rates: tuple[float, ...]
    notices: int

    @property
    def name(self) -> str:
        """The split and the rates in words."""
        rates = sorted(set(self.rates))
        shown = " / ".join(f"{rate:.1%}" for rate in (self.rates if len(rates) > 1 else rates))
        return f"{':'.join(map(str, self.weights))}, {shown}"

    @property
    def daily(self) -> str:
        """The same with the notices a day."""
        return f"{self.name}, {self.notices:,} a day, {DAYS} days"

    @property
    def design(self) -> Design:
        """The weights by name."""
        return Design({_name(at): weight for at, weight in enumerate(self.weights)})


SAME = (
    *(Case((1, 1), (rate, rate), 200) for rate in (0.01, 0.05, 0.3)),
    Case((1, 1), (0.05, 0.05), 3000),
    Case((9, 1), (0.05, 0.05), 1000),
    Case((9, 1), (0.01, 0.01), 1000),
    Case((1, 1, 1), (0.05,) * 3, 1000),
    Case((1, 1, 1, 1, 1), (0.05,) * 5, 1000),
)
"""A/A tests: all variants of a case have one rate."""

APART = (
    Case((1, 1), (0.05, 0.062), 2000),
    Case((1, 1), (0.3, 0.34), 1000),
    Case((9, 1), (0.05, 0.062), 10_000),
    Case((1, 9), (0.05, 0.062), 10_000),
    Case((9, 1), (0.01, 0.02), 2000),
    Case((2, 1), (0.05, 0.08), 600),
    Case((1, 1, 1), (0.05, 0.062, 0.05), 3000),
    Case((1, 1, 1), (0.05, 0.06, 0.08), 3000),
    Case((7, 2, 1), (0.05, 0.062, 0.05), 5000),
    Case((1, 1, 1, 1, 1), (0.05, 0.07, 0.05, 0.05, 0.05), 2000),
    Case((1, 1, 1, 1, 1), (0.05, 0.06, 0.05, 0.08, 0.07), 5000),
)
"""The first two variants of a case differ; the plan is for seeing that difference."""


def run(quick: bool) -> list[Row]:
    """Simulate all cases; each share comes with its 95 % interval."""
    times = 8 if quick else 2000
    rows = []
    for case in SAME:
        valid, fixed, split = false_winners(case, times if len(case.rates) < 5 else times // 2)
        rows += [
            _row(f"false winners: {case.daily}", valid, at_most=5),
            _row(f"  by fixed intervals: {case.daily}", fixed),
            _row(f"  split reported: {case.daily}", split, at_most=1),
        ]
    for case in APART:
        once, daily = plan(case)
        rows += [
            _row(f"power after {once:,} notices: {case.name}", power(case, once, 1, times), 86, 78),
            _row(
                f"  looking daily, by {daily:,} notices: {case.name}",
                power(case, daily, DAYS, times // 2),
                86,
                78,
            ),
        ]
    return rows


def false_winners(case: Case, times: int, seed: int = 1) -> tuple[tuple[int, int], ...]:
    """Return how many of how many A/A tests name a winner on any day, and report their split.

    First by the always-valid intervals, then by fixed ones, then the reports of the split.
    """
    chance = random.Random(seed)
    valid = fixed = split = 0
    for _ in range(times):
        wrong = [False] * 3
        for found in _days(case, case.notices, DAYS, chance):
            wrong[0] |= any(each.seen for each in found.differences)
            wrong[1] |= any(each.seen_fixed for each in found.differences)
            wrong[2] |= found.split is not None and found.split < THRESHOLD
        valid, fixed, split = valid + wrong[0], fixed + wrong[1], split + wrong[2]
    return (valid, times), (fixed, times), (split, times)


def plan(case: Case) -> tuple[int, int]:
    """Return the notices in total that a pilot with just these rates is told to need.

    For one look on the last day, and for looks on every day.
    """
    whole = sum(case.weights)
    shown = [case.notices * weight // whole for weight in case.weights]
    arms = [
        Arm(_name(at), round(of * rate), of)
        for at, (of, rate) in enumerate(zip(shown, case.rates, strict=True))
    ]
    first = compare(arms).differences[0]
    assert first.more is not None and first.more_fixed is not None
    return sum(shown) + first.more_fixed, sum(shown) + first.more


def power(case: Case, notices: int, looks: int, times: int, seed: int = 2) -> tuple[int, int]:
    """Return in how many of how many comparisons the difference of the first two is seen."""
    chance = random.Random(seed)
    seen = 0
    for _ in range(times):
        for found in _days(case, -(-notices // looks), looks, chance):
            first = found.differences[0]
            if first.seen if looks > 1 else first.seen_fixed:
                seen += 1
                break
    return seen, times


def _days(case: Case, notices: int, days: int, chance: random.Random) -> Iterator[Comparison]:
    """Yield the comparison as it stands on each day."""
    done, shown = [0] * len(case.rates), [0] * len(case.rates)
    for _ in range(days):
        left, weight_left = notices, sum(case.weights)
        for at, (weight, rate) in enumerate(zip(case.weights, case.rates, strict=True)):
            part = binomial(chance, left, weight / weight_left)
            left, weight_left = left - part, weight_left - weight
            shown[at] += part
            done[at] += binomial(chance, part, rate)
        arms = [Arm(_name(at), *each) for at, each in enumerate(zip(done, shown, strict=True))]
        yield compare(arms, design=case.design)


def binomial(chance: random.Random, of: int, rate: float) -> int:
    """Return how many of `of` trials succeed; Python 3.11 has no such function."""
    if rate >= 1 or not of:
        return of
    first, sums = _table(of, rate)
    return first + bisect(sums, chance.random() * sums[-1])


@lru_cache(maxsize=100_000)
def _table(of: int, rate: float) -> tuple[int, list[float]]:
    """Return the first value and the cumulated chances, of all values that ever occur."""
    far = 9 * sqrt(of * rate * (1 - rate)) + 9
    values = range(max(0, int(of * rate - far)), min(of, int(of * rate + far)) + 1)
    return values[0], list(
        accumulate(
            exp(
                lgamma(of + 1)
                - lgamma(value + 1)
                - lgamma(of - value + 1)
                + value * log(rate)
                + (of - value) * log(1 - rate)
            )
            for value in values
        )
    )


def _name(at: int) -> str:
    return "abcdefgh"[at]


def _row(
    what: str,
    found: tuple[int, int],
    at_most: float | None = None,
    at_least: float | None = None,
) -> Row:
    low, high = wilson(*found)
    note = f"{low * 100:.1f} to {high * 100:.1f}, of {found[1]:,}"
    return Row(what, 100 * found[0] / found[1], "%", at_most, at_least, note)
