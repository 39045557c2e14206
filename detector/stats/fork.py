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
    """Something with one connection and a lock around it, which no child inherits open.

    The connection is closed before a fork and opened again at the next use.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        watch(self)

    def before_fork(self) -> None:
        """Wait for a write under way, then leave nothing open for a child to inherit."""
        self._lock.acquire()
        self._drop()

    def after_fork_in_parent(self) -> None:
        """Let the parent's threads go on."""
        self._lock.release()

    def after_fork_in_child(self) -> None:
        """Replace the lock, which no thread of the child could release."""
        self._lock = threading.RLock()

    def close(self) -> None:
        """Close the connection; the next use opens it again."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        raise NotImplementedError


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
