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
