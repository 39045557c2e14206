"""Learns of a shutdown that a server announces only to its own signal handler.

uvicorn handles SIGTERM itself: it finishes running requests, restores the previous handler and
sends itself the signal again, which ends the process without `atexit`. An app with a lifespan is
notified first; Django has none, so the signal is the only notice.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType


def hear(stopping: Callable[[], object]) -> None:
    """Call `stopping` in the running event loop at the next SIGTERM.

    Wraps the present handler, which is called afterwards. Where there is none, or where no loop
    runs in the main thread, nothing is changed.
    """
    before = signal.getsignal(signal.SIGTERM)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        return
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    process = os.getpid()

    def handler(number: int, frame: FrameType | None) -> None:
        # A forked child inherits this handler and its parent's loop. Nothing is written here: a
        # handler interrupts the main thread, which may hold locks.
        if os.getpid() == process:
            with suppress(Exception):  # the loop has ended before its process
                loop.call_soon_threadsafe(stopping)
        before(number, frame)

    with suppress(ValueError):  # a subinterpreter
        signal.signal(signal.SIGTERM, handler)
