"""Hear of a stop that a server tells nobody but its own signal handler.

uvicorn answers SIGTERM by a handler of its own, finishes what it has begun, puts the handler from
before back and sends itself the signal again, which ends the process without `atexit`. An app with
a lifespan is told before; Django has none, so the signal is all there is to hear.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType


def hear(stopping: Callable[[], object]) -> None:
    """Have `stopping` called in the running event loop at the next SIGTERM.

    Goes in front of the handler that is there, which then does what it would have done. Where there
    is none, or where no loop runs in the main thread, nothing is changed.
    """
    before = signal.getsignal(signal.SIGTERM)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        return
    if "asyncio" not in sys.modules:  # no loop then, and no need to pay for the import
        return
    import asyncio

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    process = os.getpid()

    def told(number: int, frame: FrameType | None) -> None:
        # A forked child has this handler too, and its parent's loop. Nothing is written here: a
        # handler runs in the midst of whatever the main thread does, with its locks held.
        if os.getpid() == process:
            with suppress(Exception):  # the loop has ended before its process
                loop.call_soon_threadsafe(stopping)
        before(number, frame)

    with suppress(ValueError):  # a subinterpreter
        signal.signal(signal.SIGTERM, told)
