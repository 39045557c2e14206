"""Reports that came in and were not looked at yet.

A server's own work pushes our code out of the processor's caches, so that a report looked at by
itself costs up to three times what it costs among others. The answer is the same for all, and
nobody waits for the counting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from detector.report.take import Came
from detector.stats.fork import ForkAware, watch

MOST: Final = 32
"""So many are looked at together, in the request that brings the last of them."""


class Tray(ForkAware):
    """Holds fewer than `MOST` reports for `take`, and gives it each once, under threads too.

    Whoever reads what is counted calls `settle` first. A forked child starts empty: what came in
    before is its parent's to count.
    """

    def __init__(self, take: Callable[[Came], object]) -> None:
        self._take = take
        self._waiting: deque[Came] = deque()
        watch(self)

    def after_fork_in_child(self) -> None:
        """Leave to the parent what the parent took."""
        self._waiting.clear()

    def put(self, came: Came) -> None:
        """Keep a report for later."""
        self._waiting.append(came)
        if len(self._waiting) >= MOST:
            self.settle()

    def settle(self) -> None:
        """Look at all that wait."""
        while True:
            try:
                came = self._waiting.popleft()
            except IndexError:
                return
            self._take(came)
