"""The CPU time of a reader and of its server, which other work on the machine hardly changes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from detector.core.counting.store import Store

_TICKS = os.sysconf("SC_CLK_TCK")


def clock(url: str, store: Store) -> Callable[[], float]:
    """Return a function that returns the seconds used so far, of this process and the server's."""
    server = _server(url, store)
    stat = Path(f"/proc/{server}/stat")

    def used() -> float:
        there = stat.read_text().rpartition(") ")[2].split() if server else []
        return time.process_time() + sum(map(int, there[11:13])) / _TICKS

    return used


def _server(url: str, store: Any) -> int:
    """Return the process that answers a store, 0 for none."""
    if url.startswith("postgres"):
        return int(store._read("SELECT pg_backend_pid()", ())[0][0])
    if url.startswith("redis"):
        with store._using() as client:
            return int(client.info("server")["process_id"])
    return 0
