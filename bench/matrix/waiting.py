"""Waiting for something to come true; nothing in the matrix waits for a time to pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from bench.matrix.environment import NotRun

Found = TypeVar("Found")
# Between two looks, so that looking takes no time from what is looked at.
PAUSE = 0.02


def until(look: Callable[[], Found], seconds: float, otherwise: str) -> Found:
    """Look until there is something, and give that; after some seconds the row is not run."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise NotRun(otherwise)
        time.sleep(PAUSE)
    return found
