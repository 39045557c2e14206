"""Sorts names that lists block into lanes: names in two lanes share no keyword.

Each of a day's baits comes from another lane, so no keyword of a device on the way takes two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from detector.core.baits.pool import SLOTS, Type, keywords

STACK = 3
"""Families that a lane has, and rules that one bait stacks."""
_NAMES = 4
# Images that act everywhere are scarce, so they come first.
_SCRIPT: tuple[Type, ...] = ("script",)
_EVERYWHERE: tuple[tuple[Type, ...], ...] = (("image",), *[_SCRIPT] * 4)
_SLOTS = sum(everywhere for everywhere, _ in SLOTS)
_FULL: tuple[tuple[Type, ...], ...] = (("image", "fetch", "script"),) * 5


@dataclass(frozen=True, slots=True)
class Name:
    """A path that one rule blocks as a type; `lists` counts the large lists that do."""

    type: Type
    path: str
    everywhere: bool
    lists: int
    pattern: str
    fragility: int

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """Sort key: the best ones first."""
        return self.fragility, -self.lists, len(self.path), self.path


Group = tuple[frozenset[str], list[Name]]


@dataclass(eq=False)
class Lane:
    """Names by their family, each with its keywords; its first STACK families act everywhere."""

    types: tuple[Type, ...]
    everywhere: bool
    families: dict[frozenset[str], list[Name]] = field(default_factory=dict)

    @property
    def marks(self) -> frozenset[str]:
        """Return all keywords of its names."""
        return frozenset().union(*self.families)

    def stack(self, kind: Type, number: int) -> list[Name]:
        """Return the names of a type that one bait stacks: of every family in turn, each once."""
        lists = [[name for name in names if name.type == kind] for names in self.families.values()]
        most = max(STACK, len(lists))
        turns = [names[(number + turn) % len(names)] for turn in range(most) for names in lists]
        return list(dict.fromkeys(turns))[:most]


def sort_into_lanes(names: Iterable[Name], good: Callable[[Name], bool]) -> list[Lane]:
    """Return the lanes of the best names that are `good`.

    A lane that acts everywhere gets several families, so that it outlives the end of one; then
    every lane gets one that need not.
    """
    groups: defaultdict[frozenset[str], list[Name]] = defaultdict(list)
    for name in sorted(names, key=lambda name: name.rank):
        groups[keywords(name.path)].append(name)
    groups.pop(frozenset(), None)
    best = sorted(groups.items(), key=_worth)
    made = [_lanes(best, good, depth) for depth in range(STACK, 0, -1)]
    return max(made, key=lambda lanes: min(_SLOTS, sum(lane.everywhere for lane in lanes)))


def _lanes(best: Sequence[Group], good: Callable[[Name], bool], depth: int) -> list[Lane]:
    """Return lanes where the first one gets so many families before the others get theirs."""
    wide = [Lane(types, True) for types in _EVERYWHERE]
    full = [Lane(types, False) for types in _FULL]
    every = [*wide, *full]
    for lane in (*wide[:1] * depth, *wide[1:] * STACK):
        _extend(lane, True, best, every, good)
    for lane in (*full, *(lane for lane in wide if lane.families)):
        _extend(lane, False, best, every, good)
    for group in best:
        _vary(*group, every, good)
    return [lane for lane in every if lane.families]


def _worth(group: Group) -> tuple[int, int, tuple[int, int, int, str]]:
    """Sort key: names that last, families with enough rules to stack, then the best names."""
    best = min(name.rank for name in group[1])
    return best[0], -min(STACK, len({name.pattern for name in group[1]})), best


def _extend(
    lane: Lane,
    everywhere: bool,
    groups: Sequence[Group],
    lanes: Sequence[Lane],
    good: Callable[[Name], bool],
) -> None:
    """Add the best family of a lane's types that has no keyword of any lane."""
    for marks, names in groups:
        if any(marks & other.marks for other in lanes):
            continue
        family: list[Name] = []
        for kind in lane.types:
            fit = (n for n in names if n.type == kind and n.everywhere == everywhere and good(n))
            family += islice(fit, _NAMES)
        if {name.type for name in family} == {*lane.types}:
            lane.families[marks] = family
            return


def _vary(
    marks: frozenset[str],
    names: Sequence[Name],
    lanes: Sequence[Lane],
    good: Callable[[Name], bool],
) -> None:
    """Add names to the family that shares keywords with them, where no other does."""
    near = [(lane, one) for lane in lanes for one in lane.families if one & marks]
    if len(near) != 1 or marks == near[0][1]:
        return
    lane, family = near[0]
    has = lane.families[family]
    full = {kind for kind in lane.types if sum(one.type == kind for one in has) >= _NAMES}
    fit = [name for name in names if name.everywhere == has[0].everywhere]
    if more := [n for n in fit if n.type in lane.types and n.type not in full and good(n)]:
        lane.families[family | marks] = lane.families.pop(family) + more
