"""Families of properties, and how their cases are run, counted and printed.

Each case has its own random generator, seeded by the seed, the family and the case's number:
a failed one can be repeated alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import ClassVar

_DETAIL = 300


@dataclass(slots=True)
class Outcome:
    """How often a property was checked and failed, and its first failing case."""

    checked: int = 0
    broken: int = 0
    case: int = -1
    detail: str = ""


class Tally:
    """Counts the checks of one family; `case` is the number of the current case."""

    def __init__(self, properties: Mapping[str, str]) -> None:
        self.texts = properties
        self.outcomes = {name: Outcome() for name in properties}
        self.figures: dict[str, object] = {}
        self.case = 0

    @property
    def good(self) -> bool:
        """Whether every property held in each case."""
        return not any(found.broken for found in self.outcomes.values())

    def check(self, name: str, good: bool, detail: object = "") -> None:
        """Count one check of a property; `detail` describes the request and the response."""
        found = self.outcomes[name]
        found.checked += 1
        if not good:
            found.broken += 1
            if found.case < 0:
                found.case, found.detail = self.case, str(detail)[:_DETAIL]

    def lines(self, repeat: str) -> list[str]:
        """Return a line for each property, with the first case that broke it, and the figures."""
        out = []
        for name, found in self.outcomes.items():
            if not found.checked:
                out.append(f"  no case         {self.texts[name]}")
            elif not found.broken:
                out.append(f"  held {found.checked:>10,} {self.texts[name]}")
            else:
                out.append(f"  BROKEN {found.broken:>8,} {self.texts[name]} (of {found.checked:,})")
                out.append(f"      first: {found.detail}")
                out.append(f"      repeat: {repeat} --case {found.case}")
        return out + [f"  {name}: {figure}" for name, figure in self.figures.items()]


class Family:
    """Properties of one part, checked by random cases.

    `count` is the number of cases of a whole run. `case` generates and checks one, `finish` checks
    what concerns all of them together.
    """

    name: ClassVar[str]
    count: ClassVar[int]
    properties: ClassVar[Mapping[str, str]]

    def __init__(self) -> None:
        self.tally = Tally(self.properties)
        self.check = self.tally.check

    def case(self, rng: Random) -> None:
        """Generate and check one case."""
        raise NotImplementedError

    def finish(self) -> None:
        """Check what concerns all cases together."""

    def close(self) -> None:
        """Release the family's resources."""


def run(family: Family, cases: range, seed: int) -> list[str]:
    """Run the cases of a family; return the lines to print."""
    tally = family.tally
    try:
        for number in cases:
            tally.case = number
            try:
                family.case(Random(f"{seed} {family.name} {number}"))
            except Exception as error:
                error.add_note(f"in {family.name}, seed {seed}, case {number}")
                raise
        family.finish()
    finally:
        family.close()
    head = f"{family.name}: {len(cases):,} cases, seed {seed}"
    return [head, *tally.lines(f"scripts/bench attack --only {family.name} --seed {seed}")]
