"""Notifies objects with locks and connections of a fork, so that parent and child share nothing.

A child of `os.fork` (gunicorn with preload) inherits counts that its parent will write, locks that
none of its threads will ever release, and SQLite's records of locks that it does not hold.
"""

from __future__ import annotations

import os
import threading
import weakref


class ForkAware:
    """An object that must prepare for a fork, or be renewed in the child."""

    def before_fork(self) -> None:
        """Prepare for the fork; called in the forking thread before it."""

    def after_fork_in_parent(self) -> None:
        """Continue as before."""

    def after_fork_in_child(self) -> None:
        """Replace what a child must not share with its parent."""


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

    def _drop(self) -> None:
        raise NotImplementedError


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

_watched: weakref.WeakSet[ForkAware] = weakref.WeakSet()
_resting: list[ForkAware] = []
_lock = threading.Lock()


def watch(thing: ForkAware) -> None:
    """Call the three methods of `thing` around every fork, as long as it is referenced."""
    with _lock:
        _watched.add(thing)


def _before() -> None:
    _lock.acquire()
    _resting.extend(_watched)
    for thing in _resting:
        thing.before_fork()


def _after_in_parent() -> None:
    for thing in _resting:
        thing.after_fork_in_parent()
    _resting.clear()
    _lock.release()


def _after_in_child() -> None:
    for thing in _resting:
        thing.after_fork_in_child()
    _resting.clear()
    _lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
    )
