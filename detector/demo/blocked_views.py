"""Blocked views for simulations: which baits each one reports as failed.

The day's choice and the counting are the real ones. The blockers are simulated: the reach at which
they act, and which baits they let pass because their rules have gone.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from detector.core.baits.pool import Pool, load
from detector.core.baits.site_baits import Baits
from detector.core.reports.asked_baits import asked_baits, bait_name
from detector.core.reports.parser import Report
from detector.core.served_names import ServedNames

BLOCKERS = {"full": 0.72, "hiding": 0.1, "brave": 0.13, "keeper": 0.05}
"""Shares of blocked views: full lists; the same, heard before all requests were; Brave's standard
mode; full lists whose maintainers keep rules that others drop."""
LOST = 0.03
"""So often a request that a blocker stops is not reported, because its control failed too."""

Dead = Callable[[int, int], bool]
"""Whether a bait, by its number in the pool, is dead on a day since 1970."""


class BlockedViews:
    """The blocked views of one site, which any number of baits may leave."""

    def __init__(self, secret: str, chance: random.Random, dead: Dead | None = None) -> None:
        self.pool: Pool = load()
        self._baits = Baits(ServedNames(secret), self.pool)
        self._chance = chance
        self._dead = dead or (lambda number, day: False)
        self._asked: dict[int, list[int]] = {}
        self._told: dict[tuple[int, tuple[int, ...]], dict[str, str]] = {}

    def name(self, number: int) -> str:
        """Return the name of a bait in the counts."""
        entry = self.pool.requests[number]
        return bait_name(entry.path, entry.everywhere)

    def view(self, day: int) -> dict[str, str]:
        """Return the dimension `bait` of one blocked view on a day since 1970."""
        blocker = self._chance.choices([*BLOCKERS], [*BLOCKERS.values()])[0]
        event = (day, self._failed(day, blocker))
        if event not in self._told:
            report = Report("", "", "blocked", "", failed=event[1])
            told = asked_baits([self._baits], day * 86_400, report, frozenset())
            self._told[event] = dict(told)
        return self._told[event]

    def _failed(self, day: int, blocker: str) -> tuple[int, ...]:
        """Return the baits that a view's report names, as static/src/probes/requests.js does."""
        if day not in self._asked:
            self._asked[day] = [bait.number for bait, _ in self._baits.choose(day).requests]
        asked = self._asked[day]
        missing: list[int] = []
        for some in (asked[:2], asked[2:]):
            stopped = [number for number in some if self._acts(blocker, number, day)]
            missing += [number for number in stopped if self._chance.random() > LOST]
            if not stopped or len(missing) > 1 or blocker == "hiding":
                break
        return tuple(missing)

    def _acts(self, blocker: str, number: int, day: int) -> bool:
        if self._dead(number, day) and blocker != "keeper":
            return False
        return blocker != "brave" or self.pool.requests[number].everywhere
