"""Whether pages are tagged right now: what an owner can change while the site runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import monotonic

_LOOK_EVERY = 1.0


class Switch:
    """On, unless the option `enabled` is False, `file` exists, or somebody called `pause`.

    The file is looked at once a second at most, and only when a page asks.
    """

    def __init__(self, enabled: bool, file: str, clock: Callable[[], float] = monotonic) -> None:
        self._enabled = enabled
        self._file = os.path.expanduser(file)
        self._clock = clock
        self._look_at = clock()
        self._file_there = False
        self._paused = False

    def pause(self) -> None:
        """Switch off in this process."""
        self._paused = True

    def resume(self) -> None:
        """Take `pause` back; the option and the file keep their say."""
        self._paused = False

    def is_on(self) -> bool:
        """Whether pages are tagged."""
        if self._paused or not self._enabled:
            return False
        if self._file:
            now = self._clock()
            if now >= self._look_at:
                self._look_at = now + _LOOK_EVERY
                self._file_there = os.path.lexists(self._file)
        return not self._file_there
