"""A simulated field: the blocked views of one site, day by day, and what its store would count."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

from detector.core.counting.dimensions import bait_rows
from detector.core.counting.store import Sum
from detector.demo.blocked_views import BlockedViews, Dead

FIRST_DAY = 20_000


class Field:
    """One site, with `views` blocked views a day; `dead` counts its days from 0."""

    def __init__(self, seed: int, dead: Dead | None = None, views: int = 60) -> None:
        def is_dead(number: int, day: int) -> bool:
            return dead is not None and dead(number, day - FIRST_DAY)

        secret = f"a secret of the simulated site {seed}"
        self.blocked = BlockedViews(secret, random.Random(seed), is_dead)
        self._views = views

    def name(self, number: int) -> str:
        """Return the name of a bait in the counts."""
        return self.blocked.name(number)

    def days(self, days: int) -> Iterator[list[Sum]]:
        """Yield the counts of each day."""
        for day in range(FIRST_DAY, FIRST_DAY + days):
            found: Counter[tuple[str, str]] = Counter()
            for _ in range(self._views):
                found.update(bait_rows(self.blocked.view(day)))
            yield [Sum(day * 24, value, "", what, n) for (value, what), n in found.items()]
