"""Simulated processes of a busy site: each counts in its own table and flushes it."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from detector.core.counting.counters import Counters
from detector.core.counting.store_url import open_store

PROCESSES = 64
WORKERS = 2
PER_SECOND = 100
FLUSH = 5
"""Reports a second of one simulated process, and the seconds between two of its flushes."""

_START = 490_000 * 3600.0
_STATES = (
    *(("clear", "none"), ("blocked", "extension"), ("blocked", "browser")),
    *(("unreachable", "network"), ("unknown", "none")),
)
_WEIGHTS = (60, 25, 5, 7, 3)
_BROWSERS = ("chrome", "firefox", "safari", "edge", "samsung")


def events(reports: int, seed: int) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield reports as of a site with a hundred path groups."""
    dice = random.Random(seed)
    kinds = dice.choices(_STATES, _WEIGHTS, k=reports)
    browsers = dice.choices(_BROWSERS, (60, 10, 15, 10, 5), k=reports)
    devices = dice.choices(("desktop", "phone", "tablet"), (45, 50, 5), k=reports)
    for number, ((state, kind), browser, device) in enumerate(
        zip(kinds, browsers, devices, strict=True)
    ):
        dims = {"browser": browser, "device": device, "group": f"/{number * 7919 % 100}"}
        if state == "blocked" and number % 2:
            yield "shown", state, {**dims, "mode": "corner"}
        else:
            yield "verdict", state, {**dims, "kind": kind}


def feed(url: str, first: int, processes: int, reports: int) -> tuple[int, int, float]:
    """Simulate some processes in turn; return flushes, rows written, and seconds in the store."""
    now = [_START]
    tables = [Counters("site", clock=lambda: now[0]) for _ in range(processes)]
    sources = [events(reports, first + number) for number in range(processes)]
    store = open_store(url)
    flushes = written = 0
    waited = 0.0
    left = reports
    while left > 0:
        chunk = min(left, PER_SECOND * FLUSH)
        left -= chunk
        now[0] += FLUSH
        for number, (table, source) in enumerate(zip(tables, sources, strict=True)):
            for _ in range(chunk):
                action, state, dims = next(source)
                table.count(action, state, **dims)
            rows = table.drain()
            began = time.perf_counter()
            store.add(rows, (f"{first}-{number}", flushes))
            waited += time.perf_counter() - began
            written += len(rows)
        flushes += 1
    store.close()
    return flushes * processes, written, waited
