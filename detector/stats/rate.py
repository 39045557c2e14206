"""How many reports of one client count; whoever sends more is not counted.

A client is told from others by a keyed hash whose key is in memory only and new every day.
"""

from __future__ import annotations

import hmac
import os
from collections import OrderedDict
from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING

from detector.stats.fork import ForkAware, watch

if TYPE_CHECKING:
    from detector.stats.store import Store

PER_SECOND = 4.0
BURST = 20
CLIENTS = 20_000
_DAY = 24 * 3600


class Rate(ForkAware):
    """Lets `PER_SECOND` reports of a client pass, and `BURST` at once; bounded, in memory only.

    One number is kept for each client: the time at which its reports would have come, had they
    come at the steady rate (known as the generic cell rate algorithm, ITU-T I.371).
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
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
        """Say whether one more report of this client counts; "" is nobody in particular."""
        if not client:
            return True
        now = self._clock()
        with self._lock:
            if now // _DAY != self._day:
                self._day, self._key = now // _DAY, os.urandom(32)
                self._due.clear()
            who = hmac.digest(self._key, client.encode(), "sha256")[:16]
            due = max(self._due.pop(who, now), now)
            taken = due - now <= (BURST - 1) / PER_SECOND
            # A clock that was set back must not shut anybody out for long.
            self._due[who] = due + 1 / PER_SECOND if taken else min(due, now + BURST / PER_SECOND)
            if len(self._due) > CLIENTS:
                self._due.popitem(last=False)
            return taken
