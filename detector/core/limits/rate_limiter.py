"""How many requests of one client count; whoever sends more is not counted.

A client is told from others by a keyed hash whose key is in memory only and new every day.
"""

from __future__ import annotations

import hmac
import os
from collections import OrderedDict
from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple

from detector.core.fork import ForkAware, watch
from detector.core.reports.client_address import network

if TYPE_CHECKING:
    from detector.core.counting.store import Store

PER_SECOND = 4.0
BURST = 20
CLIENTS = 20_000
_DAY = 24 * 3600


class Budget(NamedTuple):
    """What one client may send: so many a second, and so many at once.

    `networks` is how many times as much a /48 network of IPv6 may, whose 65,536 networks of clients
    (/64) can be one customer's as well as those of as many phones.
    """

    per_second: float
    burst: int
    networks: int


REPORTS = Budget(PER_SECOND, BURST, 16)
# A company of 500 people behind one address, all reading, each opens a page in 25 seconds: 20 views
# a second. A link that goes round has all of them open two pages at once: 1,000. One who floods
# gets as much and no more: of 21,001 views in 17 seconds 1,340 count. Reports have a smaller budget
# of their own, since each of them can say something, and a view alone says nothing.
VIEWS = Budget(20.0, 1000, 4)


class RateLimiter(ForkAware):
    """Lets as much of a client pass as its budget says; bounded, in memory only.

    One number is kept for each client: the time at which its requests would have come, had they
    come at the steady rate (known as the generic cell rate algorithm, ITU-T I.371).
    """

    def __init__(self, clock: Callable[[], float], budget: Budget = REPORTS) -> None:
        self._clock = clock
        self._budget = budget
        self._due: OrderedDict[bytes, float] = OrderedDict()
        self._day = -1.0
        self._key = b""
        # Re-entrant, because a signal handler may flush.
        self._lock = RLock()
        watch(self)

    def after_fork_in_child(self) -> None:
        """Let go of a lock that a thread of the parent may have held."""
        self._lock = RLock()

    def tell(self, store: Store) -> None:
        """Tell other processes what came; this one keeps it for itself."""

    def takes(self, client: str) -> bool:
        """Whether one more request of this client counts; "" is nobody in particular."""
        if not client:
            return True
        now = self._clock()
        with self._lock:
            if now // _DAY != self._day:
                self._day, self._key = now // _DAY, os.urandom(32)
                self._due.clear()
            # In this order what a client sends beyond its own limit costs its neighbours nothing.
            if not self._takes(client, now, 1):
                return False
            larger = network(client)
            return not larger or self._takes(larger, now, self._budget.networks)

    def _takes(self, client: str, now: float, times: int) -> bool:
        """Whether one more counts for a client with so many times the budget."""
        pace, burst = self._budget.per_second * times, self._budget.burst * times
        who = hmac.digest(self._key, client.encode(), "sha256")[:16]
        due = max(self._due.pop(who, now), now)
        taken = due - now <= (burst - 1) / pace
        # A clock that was set back must not shut anybody out for long.
        self._due[who] = due + 1 / pace if taken else min(due, now + burst / pace)
        if len(self._due) > CLIENTS:
            self._due.popitem(last=False)
        return taken
