"""A PostgreSQL connection with a limit on every wait, which a forked child may inherit.

`statement_timeout` needs a working server, and TCP's own limits only detect a lost machine: for a
frozen process the kernel still acknowledges packets.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from typing import Any

import psycopg

from detector.stores.value_caps import ValueCaps

_Waiting = Generator[Any, Any, Any]


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection whose every wait ends after `answer_seconds`, as an OperationalError."""

    answer_seconds = 35.0
    has_claims = False
    """Whether the tables of claims are known to exist."""
    caps: ValueCaps | None = None
    """What is known of the values of open dimensions."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._made_by = os.getpid()

    def __del__(self, *args: Any) -> None:
        # psycopg warns of a connection left open. A child's copy of its parent's must stay open:
        # only the process that created it may close it.
        if getattr(self, "_made_by", None) == os.getpid():
            super().__del__(*args)

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        """Wait for the server as psycopg does, but not indefinitely."""
        return super().wait(self._bounded(gen), *args, **kwargs)

    def _bounded(self, waiting: _Waiting) -> _Waiting:
        # psycopg resumes the generator every tenth of a second, with 0 while nothing has arrived.
        deadline = time.monotonic() + self.answer_seconds
        try:
            wanted = next(waiting)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > deadline:
                    raise psycopg.OperationalError(f"no answer in {self.answer_seconds:g} s")
                wanted = waiting.send(ready)
        except StopIteration as done:
            return done.value
