"""Forks a process while one of its threads holds a lock, as a server that preloads its app does."""

from __future__ import annotations

import os
import signal
import threading
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

SECONDS = 30
"""How long a child may take: one that waits for a lock of its parent would never end."""


def in_child(lock: AbstractContextManager[object], check: Callable[[], bool]) -> bool:
    """Return what a check returns in a child that is forked while another thread holds a lock."""
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks with threads
        child = os.fork()
    if not child:
        well = False
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(SECONDS)
            well = check()
        finally:
            os._exit(0 if well else 1)
    status = os.waitpid(child, 0)[1]
    done.set()
    thread.join()
    return os.waitstatus_to_exitcode(status) == 0
