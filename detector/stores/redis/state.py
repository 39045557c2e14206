"""Where a site's counts are: which spans are summed, and which hours and days have keys."""

from __future__ import annotations

import json
from bisect import bisect_left
from itertools import accumulate
from typing import Any, NamedTuple

from detector.stores.redis import keys
from detector.stores.rollup_ranges import Hours, Ready

PARTS = 4


class Span(NamedTuple):
    """A span that is summed."""

    text: str
    """As it stands in Redis."""
    change: int
    """The sum of its days' changes, from before it was summed."""
    dimensions: list[str]


class State:
    """What a site has, as of its last turn."""

    def __init__(self, site: str, answers: list[Any]) -> None:
        """`answers` are those to what `ask` asked."""
        self.turn, summed, changes, first = answers
        self._site = site
        self._days = sorted(map(int, changes))
        # Their running total.
        self._totals = list(accumulate((int(changes[str(day)]) for day in self._days), initial=0))
        self.spans: dict[Hours, Span] = {}
        for name, text in summed.items():
            start, _, until = name.partition("-")
            self.spans[int(start), int(until)] = Span(text, *json.loads(text))
        self.first_hours = [int(hour) for hour in first]
        """The hours that schema version 1 left."""
        self.ready = [
            Ready(number, *at)
            for number, (at, span) in enumerate(self.spans.items())
            if span.change == self.change(at)
        ]
        """The spans that can be read."""
        self.found: dict[Hours, tuple[list[int], list[int]]] = {}
        """Of spans that were asked for, the hours with hashes and the packed days."""

    def change(self, hours: Hours) -> int:
        """Return the sum of the changes of a span's days."""
        first, last = (self._totals[bisect_left(self._days, hour)] for hour in hours)
        return last - first

    def names(self, hours: Hours) -> dict[str, str]:
        """Return the keys of the sums of a span by their dimension."""
        _, change, dimensions = self.spans[hours]
        return {name: keys.sums(self._site, *hours, change, name) for name in dimensions}


def ask(asked: Any, site: str) -> None:
    """Add the commands for a site's state to a pipeline; they have `PARTS` answers."""
    # The turn first: whatever moves afterwards is noticed by it.
    asked.get(keys.turn(site))
    asked.hgetall(keys.spans(site))
    asked.hgetall(keys.changes(site))
    asked.zrange(keys.first_hours(site), 0, -1)


def load(client: Any, sites: list[str]) -> dict[str, State]:
    """Return the states of some sites."""
    asked = client.pipeline(transaction=False)
    for site in sites:
        ask(asked, site)
    found = asked.execute() if sites else []
    return {
        site: State(site, found[PARTS * number : PARTS * (number + 1)])
        for number, site in enumerate(sites)
    }
