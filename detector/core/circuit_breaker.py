"""What keeps our errors from the page, and leaves pages alone for a while after too many.

A circuit breaker: closed while pages are tagged, open while they are left alone, half open while it
tries again, when one error is enough to open it.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from threading import Lock
from time import monotonic

from detector.core.fork import ForkAware, watch

log = logging.getLogger("detector")
_CIRCUIT = 10
_MINUTES = 10
_WINDOW = _MINUTES * 60.0
_LOG_EVERY = 60.0


class CircuitBreaker(ForkAware):
    """Keeps our errors from the page: counts them, logs one a minute, opens after ten.

    Ten errors within ten minutes open the circuit for ten minutes, and in the ten minutes that
    follow one does. `clock` returns seconds that never go back.
    """

    def __init__(
        self, count: Callable[..., object], clock: Callable[[], float] = monotonic
    ) -> None:
        self._count = count
        self._clock = clock
        self._lock = Lock()
        self._errors: deque[float] = deque(maxlen=_CIRCUIT)
        self._open = False
        self._opened = 0.0
        self._trial_ends = -1.0
        self._logged = -_LOG_EVERY
        watch(self)

    def after_fork_in_child(self) -> None:
        """Let go of a lock that a thread of the parent may have held."""
        self._lock = Lock()

    def is_open(self) -> bool:
        """Whether pages are left alone for now, because too many errors happened."""
        # Asked for every page, so that the usual answer takes no lock.
        if not self._open:
            return False
        with self._lock:
            now = self._clock()
            if not self._open or now - self._opened < _WINDOW:
                return self._open
            self._open = False
            self._errors.clear()
            self._trial_ends = now + _WINDOW
        log.warning(
            "detector: pages are tagged again; one error within %d minutes ends it", _MINUTES
        )
        return False

    def caught(self, where: str, *, in_page: bool = True) -> None:
        """Note the exception being handled; never raises. Only those of pages open the circuit."""
        with self._lock:
            now = self._clock()
            opened = self._opens(now) if in_page else ""
            speak = now - self._logged >= _LOG_EVERY
            if speak:
                self._logged = now
        if speak:
            log.exception("detector: an error in %s was kept from the page", where)
        if opened:
            log.error("detector: " + opened)
        try:
            self._count("error")
        except Exception:
            log.debug("detector: the error could not be counted", exc_info=True)

    def _opens(self, now: float) -> str:
        """Note an error of a page, and return what to log if it opens the circuit."""
        if self._open:  # of a page that began before
            return ""
        self._errors.append(now)
        full = len(self._errors) == _CIRCUIT and now - self._errors[0] <= _WINDOW
        if now < self._trial_ends:
            told = f"another error: pages are left alone for {_MINUTES} minutes"
        elif full:
            told = f"{_CIRCUIT} errors within {_MINUTES} minutes: pages are left alone for as long"
        else:
            return ""
        self._open, self._opened = True, now
        return told
