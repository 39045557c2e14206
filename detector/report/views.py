"""What this process knows of recent views: which baits arrived, which reports were counted.

Bounded and in memory only; a view id is random, made by the script and lives as long as its page.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import RLock

from detector.core.vocabulary import NOTICE_ACTIONS
from detector.report.parse import MAX_BAITS
from detector.stats.fork import ForkAware, watch

CAP = 20_000
_KINDS = {kind: 1 << n for n, kind in enumerate(("verdict", *NOTICE_ACTIONS), MAX_BAITS)}


class Views(ForkAware):
    """The recent views of one site, oldest forgotten first.

    Each is one number, which costs no room of its own in the garbage collector: a bit for each
    bait that arrived, and above them one for each kind of report that was counted.
    """

    def __init__(self, cap: int = CAP) -> None:
        self._cap = cap
        # Re-entrant, because a signal handler may flush, and so count what waits.
        self._lock = RLock()
        self._views: OrderedDict[str, int] = OrderedDict()
        watch(self)

    def after_fork_in_child(self) -> None:
        """Let go of a lock that a thread of the parent may have held."""
        self._lock = RLock()

    def start(self, view: str) -> bool:
        """Note that a view's control arrived; False when it is known already."""
        with self._lock:
            if view in self._views:
                return False
            self._note(view, 0)
            return True

    def arrive(self, view: str, bait: int) -> None:
        """Note that a bait of a known view arrived."""
        with self._lock:
            if view in self._views:
                self._views[view] |= 1 << bait

    def arrived(self, view: str) -> frozenset[int]:
        """Give the baits that arrived; none for a view whose control this process did not see."""
        with self._lock:
            bits = self._views.get(view, 0)
        return frozenset(n for n in range(MAX_BAITS) if bits >> n & 1)

    def once(self, view: str, kind: str) -> bool:
        """Say whether this is the first report of its kind for a view, and remember it."""
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
            self._views.popitem(last=False)
