"""What this process knows of recent views: which baits arrived, which reports were counted.

Bounded and in memory only; a view id is random, made by the script and lives as long as its page.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from detector.stats.fork import ForkAware, watch

CAP = 20_000


class _View:
    __slots__ = ("arrived", "counted")

    def __init__(self) -> None:
        self.arrived: set[int] = set()
        self.counted: set[str] = set()


class Views(ForkAware):
    """The recent views of one site, oldest forgotten first."""

    def __init__(self, cap: int = CAP) -> None:
        self._cap = cap
        self._lock = Lock()
        self._views: OrderedDict[str, _View] = OrderedDict()
        watch(self)

    def after_fork_in_child(self) -> None:
        """Let go of a lock that a thread of the parent may have held."""
        self._lock = Lock()

    def start(self, view: str) -> bool:
        """Note that a view's control arrived; False when it is known already."""
        with self._lock:
            if view in self._views:
                return False
            self._views[view] = _View()
            if len(self._views) > self._cap:
                self._views.popitem(last=False)
            return True

    def arrive(self, view: str, bait: int) -> None:
        """Note that a bait of a known view arrived."""
        with self._lock:
            if found := self._views.get(view):
                found.arrived.add(bait)

    def arrived(self, view: str) -> frozenset[int]:
        """Give the baits that arrived; none for a view whose control this process did not see."""
        with self._lock:
            found = self._views.get(view)
            return frozenset(found.arrived) if found else frozenset()

    def once(self, view: str, kind: str) -> bool:
        """Say whether this is the first report of its kind for a view, and remember it."""
        with self._lock:
            found = self._views.get(view)
            if found is None:
                found = self._views[view] = _View()
                if len(self._views) > self._cap:
                    self._views.popitem(last=False)
            if kind in found.counted:
                return False
            found.counted.add(kind)
            return True
