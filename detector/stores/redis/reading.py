"""Reads sums from Redis for one page: what the sites have is asked for once.

Compacting moves counts from key to key, and each such step changes the site's turn. What is read
between two equal turns belongs together, else it is read again.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from detector.stores.redis import keys
from detector.stores.redis.state import State, load
from detector.stores.rollup_ranges import Hours, cover

Found = Counter[tuple[int, str, str, str]]
Fields = dict[str, int]

_SITES_AT_ONCE = 10
_SECONDS = 4.0
"""How long to try: a flusher compacts for two seconds at a time."""
_PAUSE = 0.005
_WHOLE = 1_000_000
"""A count by which HSCAN returns a whole hash at once."""


class Moved(Exception):
    """Raised where counts were moved at each try to read them."""


class _Place(NamedTuple):
    """A key with counts: its hour or its span's, its name, and its form."""

    hour: int
    name: str
    form: str


class Reader:
    """Answers the questions of one page."""

    def __init__(self, client: Any, *, first: bool = True) -> None:
        """Without `first`, what schema version 1 left is not counted."""
        self._client = client
        self._first = first
        self._states: dict[str, State] = {}

    def sums(
        self, dimension: str, sites: list[str], hours: Hours, step: int, value: str | None = None
    ) -> Found:
        """Return the sums of one dimension, by start of the step, value, state and action.

        With `value` only those of this one.
        """
        added: defaultdict[int, Fields] = defaultdict(dict)
        for first in range(0, len(sites), _SITES_AT_ONCE):
            some = sites[first : first + _SITES_AT_ONCE]
            for hour, fields in self.fields(dimension, some, hours, step):
                if value is not None:
                    begin = f"{value}{keys.APART}"
                    fields = [each for each in fields if each[0].startswith(begin)]
                add_to(added[hour - hour % step if step else 0], fields)
        found: Found = Counter()
        for start, of_step in added.items():
            for field, count in of_step.items():
                of, status, action = field.split(keys.APART)
                found[start, of, status, action] = count
        return found

    def fields(
        self, dimension: str, sites: list[str], hours: Hours, step: int = 0
    ) -> list[tuple[int, Iterable[tuple[str, int]]]]:
        """Return the fields and counts of some sites, each with the hour that they belong to."""
        found: list[tuple[int, Any]] = []
        deadline = time.monotonic() + _SECONDS
        while True:
            self.know(sites)
            places = self._places(dimension, sites, hours, step)
            answers = iter(self._read(dimension, places))
            again = []
            for site in sites:
                before, *texts, after = (next(answers) for _ in range(len(places[site]) + 2))
                if before == after == self._states[site].turn:
                    found += zip((at.hour for at in places[site]), texts, strict=True)
                else:
                    again.append(site)
            if not again:
                return [(hour, _parsed(text)) for hour, text in found if text]
            for site in again:
                del self._states[site]
            sites = again
            if time.monotonic() > deadline:
                raise Moved
            time.sleep(_PAUSE)

    def know(self, sites: list[str]) -> dict[str, State]:
        """Return the states of some sites, asked for at the first time."""
        self._states |= load(self._client, [site for site in sites if site not in self._states])
        return self._states

    def _places(
        self, dimension: str, sites: list[str], hours: Hours, step: int
    ) -> dict[str, list[_Place]]:
        found: dict[str, list[_Place]] = {}
        covers = {site: cover(self._states[site].ready, *hours, step) for site in sites}
        self._find({site: gaps for site, (_, gaps) in covers.items()})
        for site, (spans, gaps) in covers.items():
            state = self._states[site]
            places = found[site] = []
            for span in spans:
                names = state.names((span.start, span.until))
                if dimension in names:
                    places.append(_Place(span.start, names[dimension], "packed"))
            for gap in gaps:
                hourly, days = state.found[gap]
                places += [_Place(at, keys.hour(site, at, dimension), "hash") for at in hourly]
                places += [_Place(at, keys.day(site, at, dimension), "packed") for at in days]
            if self._first:
                old = [at for at in state.first_hours if hours[0] <= at < hours[1]]
                places += [_Place(at, keys.first_hour(site, at), "first") for at in old]
        return found

    def _find(self, gaps: dict[str, list[Hours]]) -> None:
        """Ask for the hours of spans that are not known yet."""
        new = [(s, gap) for s, of in gaps.items() for gap in of if gap not in self._states[s].found]
        asked = self._client.pipeline(transaction=False)
        for site, (since, until) in new:
            asked.zrangebyscore(keys.hours(site), since, f"({until}")
            asked.zrangebyscore(keys.days(site), since, f"({until}")
        answers = [[int(hour) for hour in one] for one in (asked.execute() if new else [])]
        for number, (site, gap) in enumerate(new):
            self._states[site].found[gap] = (answers[2 * number], answers[2 * number + 1])

    def _read(self, dimension: str, places: dict[str, list[_Place]]) -> list[Any]:
        asked = self._client.pipeline(transaction=False)
        for site, some in places.items():
            asked.get(keys.turn(site))
            for place in some:
                if place.form == "packed":
                    asked.get(place.name)
                elif place.form == "hash":
                    asked.hgetall(place.name)
                else:
                    asked.hscan(place.name, 0, match=f"{dimension}{keys.APART}*", count=_WHOLE)
            asked.get(keys.turn(site))
        answers: list[Any] = asked.execute()
        return answers


def _parsed(found: Any) -> Iterable[tuple[str, int]]:
    if isinstance(found, str):
        return unpacked(found)
    if isinstance(found, dict):
        return ((field, int(count)) for field, count in found.items())
    return ((field.partition(keys.APART)[2], int(count)) for field, count in found[1].items())


def add_to(added: Fields, fields: Iterable[tuple[str, int]]) -> None:
    """Add fields to others."""
    for field, count in fields:
        added[field] = added.get(field, 0) + count


def unpacked(text: str) -> Iterator[tuple[str, int]]:
    """Yield the fields and counts of a packed text."""
    parts = text.split(keys.BETWEEN) if text else []
    return zip(parts[::2], map(int, parts[1::2]), strict=True)


def packed(fields: Fields) -> str:
    """Return fields and counts as a text."""
    return keys.BETWEEN.join(f"{field}{keys.BETWEEN}{count}" for field, count in fields.items())
