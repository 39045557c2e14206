"""What this process knows of recent views: which baits arrived, which reports were counted.

Bounded and in memory only; a view id is random, made by the script and lives as long as its page.
"""

from __future__ import annotations

import os
from collections import Counter
from itertools import islice
from threading import RLock

from detector.core.fork import ForkAware, watch
from detector.core.reports.client_address import network
from detector.core.reports.parser import MAX_BAITS
from detector.core.vocabulary import NOTICE_ACTIONS

CAP = 20_000
# Of 20,000 views 500 for each client: 500 people behind one address have one each.
_SHARES = 40
_WHO = 20
_MASK = (1 << _WHO) - 1
_KINDS = {kind: 1 << n for n, kind in enumerate(("verdict", *NOTICE_ACTIONS), _WHO + MAX_BAITS)}


class RecentViews(ForkAware):
    """The recent views of one site; where room is short, the oldest of clients with many go first.

    Each is one number, which costs no room of its own in the garbage collector: twenty bits that
    tell its client from most others, above them one for each bait that arrived, and one for each
    kind of report that was counted.
    """

    def __init__(self, cap: int = CAP) -> None:
        self._cap = cap
        # Nobody outside can choose whose bits he has, and nothing that is kept tells an address.
        self._salt = os.urandom(8).hex()
        # Re-entrant, because a signal handler may flush, and so count what waits.
        self._lock = RLock()
        self._views: dict[str, int] = {}
        watch(self)

    def after_fork_in_child(self) -> None:
        """Let go of a lock that a thread of the parent may have held."""
        self._lock = RLock()

    def start(self, view: str, client: str = "") -> bool:
        """Note that a view's control arrived; False when it is known already.

        `client` is whose view it is, "" for nobody in particular.
        """
        with self._lock:
            if view in self._views:
                return False
            # A whole /48 network of IPv6 is one, and 0 is nobody in particular.
            who = self._salt + (network(client) or client)
            self._note(view, hash(who) % _MASK + 1 if client else 0)
            return True

    def arrive(self, view: str, bait: int) -> None:
        """Note that a bait of a known view arrived."""
        with self._lock:
            if view in self._views:
                self._views[view] |= 1 << _WHO + bait

    def arrived(self, view: str) -> frozenset[int]:
        """Return the baits that arrived; none for a view whose control this process did not see."""
        with self._lock:
            bits = self._views.get(view, 0)
        return frozenset(n for n in range(MAX_BAITS) if bits >> _WHO + n & 1)

    def once(self, view: str, kind: str) -> bool:
        """Whether this is the first report of its kind for a view, and remember it."""
        bit = _KINDS[kind]
        with self._lock:
            bits = self._views.get(view, 0)
            if bits & bit:
                return False
            self._note(view, bits | bit)
            return True

    def _note(self, view: str, bits: int) -> None:
        self._views[view] = bits
        if len(self._views) > self._cap:
            self._forget()

    def _forget(self) -> None:
        """Make room: of each client keep no more than its share, and of all the newest."""
        # A copy, because the same thread's signal handler may note a view meanwhile.
        views, share = self._views.copy(), self._cap // _SHARES
        held = Counter(map(_MASK.__and__, views.values()))
        over = {who: n - share for who, n in held.items() if n > share and who}
        for view, bits in views.items() if over else ():
            if over.get(who := bits & _MASK):
                over[who] -= 1
                self._views.pop(view, None)
        # A sixteenth at a time, because this looks through all views.
        many = len(self._views) - self._cap * 15 // 16
        for view in list(islice(self._views, max(0, many))):
            self._views.pop(view, None)
