"""Limits guesses of the password without locking out the owner who knows it.

Nothing but the password distinguishes the owner from a stranger behind the same address, so past
the limits a guess is still checked, only slowly. See OWASP's authentication cheat sheet.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from detector.dashboard.password import Password


class Turn(NamedTuple):
    """When a guess may be checked: after `pause` seconds, or not at all (None).

    `retry` is 0 within the budget, else the seconds until the budget allows another guess.
    """

    pause: float | None
    retry: int


class Guesses:
    """Counts guesses: five per client, then one a minute; fifty overall, then ten a minute.

    Beyond that a guess is still checked, so that a stranger who guesses all the time does not lock
    the owner out, but in a slow lane shared by all: one each half second, and no more may wait than
    get their turn within that time. A guess is counted before it is checked, so that many at once
    gain nothing.
    """

    CLIENT, ALL, MINUTES = 5, 50, 1
    SLOW = 0.5
    _CLIENTS = 1000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: OrderedDict[str, float] = OrderedDict()
        self._slow_due = 0.0
        self._lock = threading.Lock()

    def turn(self, client: str) -> Turn:
        """Count one guess and return when it may be checked."""
        now = self._clock()
        pause = self.MINUTES * 60.0
        with self._lock:
            both = ((client or "?", self.CLIENT, pause), ("", self.ALL, pause / 10))
            waits = [self._due.get(who, now) - now - (most - 1) * each for who, most, each in both]
            if max(waits) > 0:
                return self._slow_turn(now, int(max(waits)) + 1)
            for who, _, each in both:
                self._due[who] = max(self._due.pop(who, now), now) + each
            while len(self._due) > self._CLIENTS:
                self._due.popitem(last=False)
        return Turn(0.0, 0)

    def _slow_turn(self, now: float, retry: int) -> Turn:
        due = max(self._slow_due, now)
        if due - now > self.SLOW:
            return Turn(None, 1)
        self._slow_due = due + self.SLOW
        return Turn(due - now, retry)

    def right(self, client: str, turn: Turn) -> None:
        """Delete the guesses of a client that knew the password, and subtract one overall."""
        with self._lock:
            self._due.pop(client or "?", None)
            if "" in self._due and not turn.retry:
                self._due[""] -= self.MINUTES * 6.0


class Outcome(NamedTuple):
    """The result of a guess; `retry` is for Retry-After, 0 where none is due."""

    right: bool
    checked: bool
    retry: int


class Gatekeeper:
    """Checks the guesses of all clients: slowly past a budget, and never in all threads at once."""

    THREADS = 2

    def __init__(
        self,
        password: Password,
        guesses: Guesses | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.password = password
        self._guesses = guesses or Guesses()
        self._sleep = sleep
        self._threads = threading.BoundedSemaphore(self.THREADS)

    def check(self, client: str, password: str) -> Outcome:
        """Check one guess, in its turn."""
        turn = self._guesses.turn(client)
        if turn.pause is None:
            return Outcome(False, False, turn.retry)
        if turn.pause:
            self._sleep(turn.pause)
        if not self._threads.acquire(blocking=False):
            return Outcome(False, False, 1)
        try:
            right = self.password.fits(password)
        finally:
            self._threads.release()
        if right:
            self._guesses.right(client, turn)
        return Outcome(right, True, turn.retry)
