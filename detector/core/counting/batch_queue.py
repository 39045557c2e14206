"""What came in and was not looked at yet.

A server's own work pushes our code out of the processor's caches, so that a report looked at by
itself costs up to three times what it costs among others. Nobody waits for the counting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from detector.core.fork import ForkAware, watch

MOST: Final = 32
"""So many are looked at together, in the request that brings the last of them."""

T = TypeVar("T")


class BatchQueue(ForkAware, Generic[T]):
    """Holds fewer than `most` things for `take`, and gives it each once, under threads too.

    Whoever reads what is counted calls `settle` first. A forked child starts empty: what came in
    before is its parent's to count.
    """

    def __init__(self, take: Callable[[T], object], most: int = MOST) -> None:
        self._take, self._most = take, most
        self._waiting: deque[T] = deque()
        watch(self)

    def after_fork_in_child(self) -> None:
        """Leave to the parent what the parent took."""
        self._waiting.clear()

    def put(self, came: T) -> None:
        """Keep one for later; with `most` 1 it is taken at once."""
        self._waiting.append(came)
        if len(self._waiting) >= self._most:
            self.settle()

    def settle(self) -> None:
        """Look at all that wait."""
        while True:
            try:
                came = self._waiting.popleft()
            except IndexError:
                return
            self._take(came)
