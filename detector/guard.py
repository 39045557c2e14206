"""What keeps our errors from the page, and leaves pages alone after too many of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic

from detector.stats.fork import ForkAware, watch

log = logging.getLogger("detector")
_CIRCUIT = 10
_LOG_EVERY = 60.0


class Guard(ForkAware):
    """Keeps our errors from the page: counts them, logs one a minute, opens after ten."""

    def __init__(self, count: Callable[..., None]) -> None:
        self._count = count
        self._lock = Lock()
        self._errors = 0
        self._logged = -_LOG_EVERY
        watch(self)

    def after_fork_in_child(self) -> None:
        """Let go of a lock that a thread of the parent may have held."""
        self._lock = Lock()

    def is_open(self) -> bool:
        """Say whether so many errors happened that pages are left alone from now on."""
        return self._errors >= _CIRCUIT

    def caught(self, where: str, *, in_page: bool = True) -> None:
        """Note the exception being handled; never raises. Only those of pages open the circuit."""
        with self._lock:
            self._errors += in_page
            now = monotonic()
            speak = now - self._logged >= _LOG_EVERY
            if speak:
                self._logged = now
            opened = in_page and self._errors == _CIRCUIT
        if speak:
            log.exception("detector: an error in %s was kept from the page", where)
        if opened:
            log.error("detector: %d errors; pages are left alone until a restart", _CIRCUIT)
        try:
            self._count("error")
        except Exception:
            log.debug("detector: the error could not be counted", exc_info=True)
