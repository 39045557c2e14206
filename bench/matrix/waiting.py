"""Waiting for a condition; nothing in the matrix waits for a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from bench.matrix.environment import NotRun

Found = TypeVar("Found")
# Between two checks, so that polling does not slow the page.
PAUSE = 0.02


def until(look: Callable[[], Found], seconds: float, otherwise: str) -> Found:
    """Poll until there is a result, and return it; raise `NotRun` after some seconds."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise NotRun(otherwise)
        time.sleep(PAUSE)
    return found
