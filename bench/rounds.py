"""Two sides measured in turn, so that other load of the machine affects both."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb
from statistics import median, quantiles

from bench.table import BenchError, Row


@dataclass(frozen=True, slots=True)
class Sample:
    """One side's work in one round: things done, seconds, the server's CPU seconds."""

    done: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Return the things done per second."""
        return self.done / self.seconds

    @property
    def cost(self) -> float:
        """Return the CPU time of the server per thing, in µs."""
        return self.cpu / self.done * 1e6


PATIENCE = 28.0
"""Seconds, so that all benches together stay below two minutes."""
FEWEST = 5

Pair = tuple[Sample, Sample]
"""One round: without, with."""


def alternate(
    without: Callable[[], Sample], with_: Callable[[], Sample], rounds: int, times: int = 1
) -> list[Pair]:
    """Measure both sides `rounds` times, or fewer on a slow machine, limited by PATIENCE.

    `times` multiplies both rounds and patience. The order alternates between rounds.
    """
    pairs: list[Pair] = []
    rounds *= times
    until = time.monotonic() + PATIENCE * times
    for number in range(rounds):
        if number >= FEWEST and time.monotonic() > until:
            break
        if number % 2:
            second = with_()
            pairs.append((without(), second))
        else:
            first = without()
            pairs.append((first, with_()))
    if any(not sample.done for pair in pairs for sample in pair):
        raise BenchError("a round ended with nothing done: the machine is too busy to measure")
    return pairs


def rows(
    pairs: Sequence[Pair],
    what: str,
    sides: tuple[str, str] = ("without", "with"),
    at_least: float | None = None,
) -> list[Row]:
    """Return both rates, their ratio with its budget, and the same of the server's CPU time.

    A ratio is the median of the rounds' ratios; above 1 means that the second side is faster.
    """
    rates = [second.rate / first.rate for first, second in pairs]
    costs = [first.cost / second.cost for first, second in pairs if second.cpu]
    ratio = f"{what}, {sides[1]} / {sides[0]}"
    out = [
        Row(f"{what} {name}", median(pair[side].rate for pair in pairs), "/s")
        for side, name in enumerate(sides)
    ]
    out.append(_ratio(ratio, rates, at_least))
    out += [
        Row(f"server's CPU each, {name}", median(pair[side].cost for pair in pairs), "µs")
        for side, name in enumerate(sides)
    ]
    if costs:
        ratio = f"the same by the server's CPU, {sides[1]} / {sides[0]}"
        out.append(_ratio(ratio, costs))
    return out


def _ratio(what: str, ratios: Sequence[float], at_least: float | None = None) -> Row:
    note = ""
    if len(ratios) >= 4:
        low, _, high = quantiles(ratios, n=4)
        note = f"half of {len(ratios)} rounds in {low:.3f}–{high:.3f}"
    return Row(what, median(ratios), "", at_least=at_least, note=note, interval=interval(ratios))


def median_row(
    what: str,
    figures: Sequence[float],
    unit: str = "",
    at_most: float | None = None,
    note: str = "",
) -> Row:
    """Return the median with its interval."""
    return Row(what, median(figures), unit, at_most, note=note, interval=interval(figures))


def interval(ratios: Sequence[float]) -> tuple[float, float] | None:
    """Return the 95 % interval of the median, by the ranks of the sign test; None below six."""
    count = len(ratios)
    below, total = 0, 0.0
    while total + comb(count, below) / 2**count <= 0.025:
        total += comb(count, below) / 2**count
        below += 1
    ordered = sorted(ratios)
    return (ordered[below - 1], ordered[count - below]) if below else None
