"""A circuit breaker: keeps our errors from the page, and stops tagging for a while after too many.

Closed while pages are tagged, open while they are left alone, half open while it tries again, when
one error is enough to open it.
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

    Ten errors within ten minutes open the circuit for ten minutes; in the ten minutes after that,
    one error does. `clock` is monotonic, in seconds.
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
        """Replace a lock that a thread of the parent may have held."""
        self._lock = Lock()

    def is_open(self) -> bool:
        """Whether pages are left alone for now, because too many errors happened."""
        # Called for every page, so the usual case takes no lock.
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
        """Count the exception being handled; never raises. Only page errors open the circuit."""
        with self._lock:
            now = self._clock()
            opened = self._opens(now) if in_page else ""
            due = now - self._logged >= _LOG_EVERY
            if due:
                self._logged = now
        if due:
            log.exception("detector: an error in %s was kept from the page", where)
        if opened:
            log.error("detector: " + opened)
        try:
            self._count("error")
        except Exception:
            log.debug("detector: the error could not be counted", exc_info=True)

    def _opens(self, now: float) -> str:
        """Count an error of a page, and return the log message if it opens the circuit."""
        if self._open:  # the page began before the circuit opened
            return ""
        self._errors.append(now)
        full = len(self._errors) == _CIRCUIT and now - self._errors[0] <= _WINDOW
        if now < self._trial_ends:
            text = f"another error: pages are left alone for {_MINUTES} minutes"
        elif full:
            text = f"{_CIRCUIT} errors within {_MINUTES} minutes: pages are left alone for as long"
        else:
            return ""
        self._open, self._opened = True, now
        return text
