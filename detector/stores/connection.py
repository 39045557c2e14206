"""A store's connection, which a forked child must not share with its parent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from detector.core.fork import ForkAware, watch


class Connected(ForkAware):
    """An object with one connection guarded by a lock, both renewed in a forked child."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        watch(self)

    def after_fork_in_child(self) -> None:
        """Replace the lock, which no thread of the child could release."""
        self._lock = threading.RLock()

    def close(self) -> None:
        """Close the connection; the next use opens it again."""
        with self._lock:
            self._drop()

    def compact(self, now_hour: int, *, again: bool = False) -> int:
        """Merge the hours of old days; see `Store.compact`."""
        raise NotImplementedError

    def compact_some(self, now_hour: int) -> bool:
        """Compact at once, where that takes no longer; see `Store.compact_some`."""
        self.compact(now_hour)
        return True

    def _drop(self) -> None:
        raise NotImplementedError


class Steps:
    """A compaction that is done step by step, on whichever connection is open."""

    def __init__(self, begin: Callable[[Any], Iterator[int]]) -> None:
        """`begin` returns what is left to do, given a connection."""
        self._begin = begin
        self._on: object = None
        self._rest: Iterator[int] = iter(())

    def next(self, connection: object) -> int | None:
        """Do the next step; return how many rows went, None at the end."""
        # Connections are opened anew now and then: what is left is found by its hours.
        if self._on is not connection:
            self._on, self._rest = connection, self._begin(connection)
        return next(self._rest, None)


class ConnectedToFile(Connected):
    """A connection that no child may inherit open: closed before a fork, and reopened when used.

    The fork waits for a write in progress, so any waiting inside a write must be short.
    """

    def before_fork(self) -> None:
        """Wait for a write in progress, then close the connection."""
        self._lock.acquire()
        self._drop()

    def after_fork_in_parent(self) -> None:
        """Release the lock for the parent's threads."""
        self._lock.release()


class ConnectedToServer(Connected):
    """A connection that the parent keeps open: a fork does not wait for a server.

    The child opens its own at the next use. It does not close the inherited one, since that would
    end the parent's session.
    """

    def after_fork_in_child(self) -> None:
        """Abandon the parent's connection."""
        super().after_fork_in_child()
        _abandoned.append(self._abandon())

    def _abandon(self) -> object:
        """Drop the connection without closing it, and return it."""
        raise NotImplementedError


# Kept referenced, because a driver may close a connection that is garbage-collected, and thereby
# wait for locks of the parent's threads.
_abandoned: list[object] = []
