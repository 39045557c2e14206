"""The limits on path groups, languages and variants, for a store as a whole.

Each process already limits what it distinguishes; several of them may meet different values. So a
flush also looks at the values that the store has: a site gets at most as many of a dimension in a
day as one process may distinguish (`OPEN`), and what comes after those counts as "other". Rows
without a batch, such as sample data, have no limit, but take places.

A store asks which of the values are new to this process (`new`), and for those, while no other
process can add any, which ones it has (`take`). After a write that failed it begins anew: another
process may have got what was taken for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from detector.core.counting.dimensions import JOIN, OPEN, Key
from detector.core.counting.store import Event, Reports
from detector.core.vocabulary import OTHER

_PLACES = 64
"""How many sites' days and dimensions a process remembers, apart from those of one flush."""


class Place(NamedTuple):
    """Where values are limited."""

    site: str
    day: int
    """Its first hour."""
    dimension: str


class ValueCaps:
    """What one process knows of the values in a store."""

    def __init__(self) -> None:
        self._known: dict[Place, set[str]] = {}

    def new(self, rows: Iterable[Key]) -> dict[Place, set[str]]:
        """Return the values that may have to be taken."""
        found: dict[Place, set[str]] = {}
        values = list(_values(rows))
        self._forget({place for place, _ in values})
        for place, value in values:
            known = self._known.get(place, ())
            if value not in known and len(known) < OPEN[place.dimension]:
                found.setdefault(place, set()).add(value)
        return found

    def take(self, place: Place, wanted: set[str], held: Iterable[str]) -> set[str]:
        """Return which of the wanted values are taken, given those that the store has."""
        known = self._known[place] = set(held) - {OTHER}
        room = max(0, OPEN[place.dimension] - len(known))
        taken = set(sorted(wanted - known)[:room])
        known |= taken
        return taken

    def capped(self, rows: Mapping[Key, int]) -> Mapping[Key, int]:
        """Return rows with the values that were not taken as "other"."""
        changed = {key: self._capped(key) for key in rows if _is_open(key[2])}
        if all(key == made for key, made in changed.items()):
            return rows
        found: Counter[Key] = Counter()
        for key, count in rows.items():
            found[changed.get(key, key)] += count
        return found

    def capped_reports(self, reports: Reports) -> Reports:
        """Return reports with the values that were not taken as "other"."""
        # Many reports share a few events, which must stay one object each.
        made: dict[int, Event] = {}
        for event in reports.values():
            if id(event) not in made:
                parts = (tuple(self.capped(dict.fromkeys(part, 1))) for part in event)
                made[id(event)] = Event(*parts)
        return {claim: made[id(event)] for claim, event in reports.items()}

    def _forget(self, used: set[Place]) -> None:
        """Make room for places, before any of their values is taken: until then, not after."""
        others = sorted(self._known.keys() - used, key=lambda place: place.day)
        for place in others[: max(0, len(self._known.keys() | used) - _PLACES)]:
            del self._known[place]

    def _capped(self, key: Key) -> Key:
        hour, site, dimension, value, *rest = key
        parts = [
            value if name not in OPEN or self._has(site, hour, name, value) else OTHER
            for name, value in _parts(dimension, value)
        ]
        return (hour, site, dimension, JOIN.join(parts), rest[0], rest[1])

    def _has(self, site: str, hour: int, dimension: str, value: str) -> bool:
        return value == OTHER or value in self._known.get(_place(site, hour, dimension), ())


class Unlimited(ValueCaps):
    """Takes every value, for rows without a batch: they have no limit, but take places."""

    def take(self, place: Place, wanted: set[str], held: Iterable[str]) -> set[str]:
        """Return the wanted values that the store does not have."""
        return wanted.difference(held)

    def capped(self, rows: Mapping[Key, int]) -> Mapping[Key, int]:
        """Return the rows as they are."""
        return rows


def _is_open(dimension: str) -> bool:
    return any(name in OPEN for name in dimension.split(JOIN))


def _parts(dimension: str, value: str) -> Iterator[tuple[str, str]]:
    names = dimension.split(JOIN)
    # The last value of a pair may contain the separator.
    return zip(names, value.split(JOIN, len(names) - 1), strict=False)


def _place(site: str, hour: int, dimension: str) -> Place:
    return Place(site, hour - hour % 24, dimension)


def _values(rows: Iterable[Key]) -> Iterator[tuple[Place, str]]:
    """Yield the values of rows that are limited, each with its place."""
    for hour, site, dimension, value, *_ in rows:
        if _is_open(dimension):
            for name, part in _parts(dimension, value):
                if name in OPEN and part != OTHER:
                    yield _place(site, hour, name), part
