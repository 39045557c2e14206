"""Whether pages are tagged right now; an owner can change it while the site runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import monotonic

_CHECK_EVERY = 1.0


class Switch:
    """On, unless the option `enabled` is False, `file` exists, or `pause` was called.

    The file is checked at most once a second, and only when a page is served.
    """

    def __init__(self, enabled: bool, file: str, clock: Callable[[], float] = monotonic) -> None:
        self._enabled = enabled
        self._file = os.path.expanduser(file)
        self._clock = clock
        self._check_at = clock()
        self._file_exists = False
        self._paused = False

    def pause(self) -> None:
        """Switch off in this process."""
        self._paused = True

    def resume(self) -> None:
        """Undo `pause`; the option and the file still apply."""
        self._paused = False

    def is_on(self) -> bool:
        """Whether pages are tagged."""
        if self._paused or not self._enabled:
            return False
        if self._file:
            now = self._clock()
            if now >= self._check_at:
                self._check_at = now + _CHECK_EVERY
                self._file_exists = os.path.lexists(self._file)
        return not self._file_exists
