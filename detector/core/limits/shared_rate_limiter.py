"""How many reports of one client count over all processes of a site.

The store knows no clients. Each minute they fall anew into 16,384 drawers, by a keyed hash; what is
told to the store is how many reports fell into each drawer, and what it answers is which of them
are too full. An address shares its drawer with 260,000 others.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

from detector.core.counting.store import Store
from detector.core.limits.rate_limiter import BURST, PER_SECOND, RateLimiter

DRAWERS = 2**14
MINUTES = 60
"""Drawers that many minutes old, and those from two minutes on, go when a minute is told of."""
MOST = BURST + round(60 * PER_SECOND)
"""What a drawer may hold: all that one client may send to a single process in a minute."""


class SharedRateLimiter(RateLimiter):
    """The rate of this process, and beside it what the others told of the present minute."""

    def __init__(self, clock: Callable[[], float], site: str, secret: str) -> None:
        super().__init__(clock)
        self._shared_key = hmac.digest(
            secret.encode(), f"detector.drawers:{site}".encode(), "sha256"
        )
        self._site = site
        self._begin(-1)

    def after_fork_in_child(self) -> None:
        """Leave what was not told to the parent, too."""
        super().after_fork_in_child()
        self._begin(-1)

    def _begin(self, minute: int) -> None:
        self._minute = minute
        self._untold: dict[int, int] = {}
        self._full: frozenset[int] = frozenset()

    def takes(self, client: str) -> bool:
        """Whether one more report of this client counts; "" is nobody in particular."""
        if not client or not super().takes(client):
            return not client
        minute = int(self._clock() // 60)
        told = hmac.digest(self._shared_key, f"{minute}:{client}".encode(), "sha256")
        drawer = int.from_bytes(told[:4], "big") % DRAWERS
        with self._lock:
            if minute != self._minute:
                self._begin(minute)
            if drawer in self._full:
                return False
            self._untold[drawer] = self._untold.get(drawer, 0) + 1
            return True

    def tell(self, store: Store) -> None:
        """Tell the store what came, and refuse whose drawers are full until the minute is over."""
        with self._lock:
            minute, told, self._untold = self._minute, self._untold, {}
        full = store.tally(self._site, minute, told, MOST) if told else set()
        with self._lock:
            if told and minute == self._minute:
                self._full = frozenset(full)
