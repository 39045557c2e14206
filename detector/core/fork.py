"""Tell objects with locks and connections about a fork, so that parent and child stay apart.

A child of `os.fork` (gunicorn with preload) inherits counts that its parent will write, locks that
no thread of its own will ever release, and SQLite's notes about locks that it does not hold.
"""

from __future__ import annotations

import os
import threading
import weakref


class ForkAware:
    """Something that must prepare for a fork, or be made new in the child."""

    def before_fork(self) -> None:
        """Come to rest; called in the thread that forks, before it does."""

    def after_fork_in_parent(self) -> None:
        """Go on as before."""

    def after_fork_in_child(self) -> None:
        """Make new what a child must not share with its parent."""


class Connected(ForkAware):
    """Something with one connection and a lock around it, made anew in a forked child."""

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
    """A connection that no child may inherit open: it is closed before a fork, and opened again.

    The fork waits for a write under way, so each wait of such a write must be short.
    """

    def before_fork(self) -> None:
        """Wait for a write under way, then leave nothing open for a child to inherit."""
        self._lock.acquire()
        self._drop()

    def after_fork_in_parent(self) -> None:
        """Let the parent's threads go on."""
        self._lock.release()


class ConnectedToServer(Connected):
    """A connection that the parent keeps, whatever it is doing: a fork waits for no server.

    The child opens one of its own at its next use. It says no goodbye on the one it inherited,
    since that would end the parent's session.
    """

    def after_fork_in_child(self) -> None:
        """Abandon the parent's connection."""
        super().after_fork_in_child()
        _abandoned.append(self._abandon())

    def _abandon(self) -> object:
        """Forget the connection without a word to the server, and return it."""
        raise NotImplementedError


# Kept, because a driver may close what nobody refers to, and wait for locks of its parent's threads
# for that.
_abandoned: list[object] = []

_watched: weakref.WeakSet[ForkAware] = weakref.WeakSet()
_resting: list[ForkAware] = []
_lock = threading.Lock()


def watch(thing: ForkAware) -> None:
    """Call the three methods of `thing` around every fork, for as long as it is in use."""
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
