"""Limits how many requests of one client count; any more are not counted.

A client is identified by a keyed hash whose key is only in memory and changes every day.
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
    """What one client may send: requests per second, and at once.

    `networks` is the multiple for an IPv6 /48 network, whose 65,536 /64 networks may belong to one
    customer or to as many phones.
    """

    per_second: float
    burst: int
    networks: int


REPORTS = Budget(PER_SECOND, BURST, 16)
# In a company of 500 people behind one address, all reading, each opens a page every 25 seconds: 20
# views a second. If a link goes around and all open two pages at once, that is 1,000. A flood is
# limited to the same: of 21,001 views in 17 seconds 1,340 count. Reports have a smaller budget,
# since each may carry a verdict, whereas a view alone says nothing.
VIEWS = Budget(20.0, 1000, 4)


class RateLimiter(ForkAware):
    """Accepts as many requests of a client as its budget allows; bounded, in memory only.

    One number is kept per client: the theoretical arrival time of its requests at the steady rate
    (the generic cell rate algorithm, ITU-T I.371).
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
        """Replace a lock that a thread of the parent may have held."""
        self._lock = RLock()

    def tell(self, store: Store) -> None:
        """Do nothing: this limit is not shared with other processes."""

    def takes(self, client: str) -> bool:
        """Whether one more request of this client counts; "" is an unknown client."""
        if not client:
            return True
        now = self._clock()
        with self._lock:
            if now // _DAY != self._day:
                self._day, self._key = now // _DAY, os.urandom(32)
                self._due.clear()
            # In this order a client's excess requests do not use up its neighbours' budget.
            if not self._takes(client, now, 1):
                return False
            larger = network(client)
            return not larger or self._takes(larger, now, self._budget.networks)

    def _takes(self, client: str, now: float, times: int) -> bool:
        """Whether one more request counts for a client with `times` the budget."""
        pace, burst = self._budget.per_second * times, self._budget.burst * times
        who = hmac.digest(self._key, client.encode(), "sha256")[:16]
        due = max(self._due.pop(who, now), now)
        taken = due - now <= (burst - 1) / pace
        # A clock that is set back must not lock anyone out for long.
        self._due[who] = due + 1 / pace if taken else min(due, now + burst / pace)
        if len(self._due) > CLIENTS:
            self._due.popitem(last=False)
        return taken
