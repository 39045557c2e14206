"""The rule by which a request bait is silent: its rate against that of baits with the same reach.

Pure: counts by day in, findings out. docs/decisions/0073-silent-baits.md has the reasons, and
tests/core/baits/test_silence.py the simulation behind the numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from detector.core.counting.store import Sum

LEAST_ASKED = 200
LEAST_DAYS = 3
PART = 1 / 3
"""A bait is silent at or below this part of the others' rate."""
DAYS = 90
"""How many days are looked at; so long a bait stays out before it is tried again."""

Days = Mapping[int, "Day"]
"""By the first hour of the day (unix seconds // 3600)."""


class Day(NamedTuple):
    """One bait on one day."""

    asked: int
    missed: int


@dataclass(frozen=True, slots=True)
class Bait:
    """The counts of one bait, and when it fell silent."""

    name: str
    asked: int
    missed: int
    silent: Silence | None = field(default=None)

    @property
    def reach(self) -> str:
        """Where it acts: "everywhere", "full", or "" for a name without reach."""
        return _reach(self.name)


@dataclass(frozen=True, slots=True)
class Silence:
    """Why a bait is silent: its latest days, against the others with its reach on those days."""

    since: int
    """The first hour of the first of these days."""
    asked: int
    missed: int
    others: float
    """The share that the others missed, 0 to 1."""
    last: int
    """The first hour of the last day on which it was asked for."""


def by_bait(sums: Iterable[Sum]) -> dict[str, dict[int, Day]]:
    """Return each bait's days, from the sums of the dimension `bait` in steps of 24 hours."""
    found: dict[str, dict[int, Day]] = defaultdict(dict)
    for row in sums:
        day = found[row.value].get(row.hour, Day(0, 0))
        if row.action == "asked":
            day = day._replace(asked=day.asked + row.n)
        elif row.action == "missed":
            day = day._replace(missed=day.missed + row.n)
        found[row.value][row.hour] = day
    return found


def baits(found: Mapping[str, Days]) -> list[Bait]:
    """Return every bait that has a reach, by name, with its silence."""
    out = []
    for name, days in sorted(found.items()):
        if not _reach(name):
            continue
        asked, missed = _total(days.values())
        others = [each for each in found if each != name and _reach(each) == _reach(name)]
        silent = _silence(days, [found[each] for each in others])
        out.append(Bait(name, asked, missed, silent))
    return out


def _silence(days: Days, others: Iterable[Days]) -> Silence | None:
    """Judge the latest days of a bait, as few as have enough counts."""
    asked = missed = looked = 0
    for day in sorted(days, reverse=True):
        asked, missed, looked = asked + days[day].asked, missed + days[day].missed, looked + 1
        if asked >= LEAST_ASKED and looked >= LEAST_DAYS:
            of, hit = _total(one for each in others for at, one in each.items() if at >= day)
            rate = hit / of if of >= LEAST_ASKED else 0.0
            silent = rate and missed / asked <= PART * rate
            return Silence(_since(days, rate), asked, missed, rate, max(days)) if silent else None
    return None


def _since(days: Days, rate: float) -> int:
    """Return the day after the last one on which the bait was missed about as often as others."""
    since = max(days)
    for day in sorted(days, reverse=True):
        one = days[day]
        if one.asked >= 10 and one.missed > one.asked * rate / 2:
            break
        since = day
    return since


def _total(days: Iterable[Day]) -> Day:
    each = list(days)
    return Day(sum(day.asked for day in each), sum(day.missed for day in each))


def _reach(name: str) -> str:
    reach, colon, _ = name.partition(":")
    return reach if colon and reach in ("everywhere", "full") else ""
