"""Limits how many reports of one client count over all processes of a site.

The store knows no clients. Each minute a keyed hash assigns them anew to 16,384 drawers (hash
buckets); the store is sent how many reports fell into each drawer, and returns which drawers are
over the limit. An address shares its drawer with 260,000 others.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

from detector.core.counting.store import Store
from detector.core.limits.rate_limiter import BURST, PER_SECOND, RateLimiter

DRAWERS = 2**14
MINUTES = 60
"""Age in minutes at which drawers are deleted, as are those two or more minutes in the future."""
MOST = BURST + round(60 * PER_SECOND)
"""The most that a drawer may hold: what one client may send to a single process in a minute."""


class SharedRateLimiter(RateLimiter):
    """The limit of this process, and in addition that of all processes for the present minute."""

    def __init__(self, clock: Callable[[], float], site: str, secret: str) -> None:
        super().__init__(clock)
        self._shared_key = hmac.digest(
            secret.encode(), f"detector.drawers:{site}".encode(), "sha256"
        )
        self._site = site
        self._begin(-1)

    def after_fork_in_child(self) -> None:
        """Drop also the counts that the parent will send to the store."""
        super().after_fork_in_child()
        self._begin(-1)

    def _begin(self, minute: int) -> None:
        self._minute = minute
        self._unsent: dict[int, int] = {}
        self._full: frozenset[int] = frozenset()

    def takes(self, client: str) -> bool:
        """Whether one more report of this client counts; "" is an unknown client."""
        if not client or not super().takes(client):
            return not client
        minute = int(self._clock() // 60)
        digest = hmac.digest(self._shared_key, f"{minute}:{client}".encode(), "sha256")
        drawer = int.from_bytes(digest[:4]) % DRAWERS
        with self._lock:
            if minute != self._minute:
                self._begin(minute)
            if drawer in self._full:
                return False
            self._unsent[drawer] = self._unsent.get(drawer, 0) + 1
            return True

    def tell(self, store: Store) -> None:
        """Send the counts to the store; refuse full drawers for the rest of the minute."""
        with self._lock:
            minute, sent, self._unsent = self._minute, self._unsent, {}
        full = store.tally(self._site, minute, sent, MOST) if sent else set()
        with self._lock:
            if sent and minute == self._minute:
                self._full = frozenset(full)
