"""Events awaiting processing.

A server's own work evicts our code from the CPU caches, so that a report processed on its own costs
up to three times what it costs in a batch. No response waits for the counting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from detector.core.fork import ForkAware, watch

MOST: Final = 32
"""Size of a batch, which is processed in the request that completes it."""

T = TypeVar("T")


class BatchQueue(ForkAware, Generic[T]):
    """Holds fewer than `most` items and passes each to `take` exactly once, also under threads.

    Call `settle` before reading the counts. A forked child starts empty: its parent counts what was
    queued before the fork.
    """

    def __init__(self, take: Callable[[T], object], most: int = MOST) -> None:
        self._take, self._most = take, most
        self._waiting: deque[T] = deque()
        watch(self)

    def after_fork_in_child(self) -> None:
        """Drop the items that the parent will process."""
        self._waiting.clear()

    def put(self, item: T) -> None:
        """Queue an item; process the batch if it is complete, with `most` 1 at once."""
        self._waiting.append(item)
        if len(self._waiting) >= self._most:
            self.settle()

    def settle(self) -> None:
        """Process all waiting items."""
        while True:
            try:
                item = self._waiting.popleft()
            except IndexError:
                return
            self._take(item)
