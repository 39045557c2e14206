"""Measures a store that holds months of many sites: pages, and the joining of one more day."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from bench.stores.fill import fill
from bench.stores.processor import clock
from bench.stores.rows import NOW, Shape, late
from bench.stores.statements import longest
from bench.table import Row
from detector.core.counting.store import Store
from detector.dashboard.choice import RANGES, read
from detector.dashboard.overview import overview

MINUTES = 5 * 60.0
STATEMENT = 5.0


def limit(url: str, site: str | None) -> float | None:
    """Return how many seconds a page may take, of one site or of all."""
    if site:
        return 1.0 if url.startswith("redis") else 0.5
    return 1.0 if url.startswith("postgres") else None


def seconds(work: Callable[[], object], times: int, cpu: Callable[[], float]) -> tuple[float, str]:
    """Return the median time of some calls, and as text their range and the CPU time of one."""
    found = []
    used = cpu()
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    used = (cpu() - used) / times
    return median(
        found
    ), f"{min(found):.2f} to {max(found):.2f} s in {times} readings, CPU {used:.2f} s"


def measure(url: str, store: Store, shape: Shape, times: int) -> Iterator[Row]:
    """Fill a store and yield each figure as soon as it is known."""
    began = time.perf_counter()
    rows = fill(url, store, shape)
    yield Row(
        f"rows of {shape.sites} sites", rows, "rows", note=f"{time.perf_counter() - began:.0f} s"
    )
    yield from _memory(url, "memory")
    began = time.perf_counter()
    store.compact(NOW)
    yield Row("first compaction", time.perf_counter() - began, "s")
    yield from _memory(url, "memory, compacted")
    yield from pages(url, store, shape, times)
    yield from joining(url, store, shape)


def pages(url: str, store: Store, shape: Shape, times: int) -> Iterator[Row]:
    """Yield the times of the dashboard's pages: every range, of the largest site and of all."""
    names = shape.site_names()
    cpu = clock(url, store)
    for site in (names[0], None):
        who = "largest site" if site else f"all {len(names)} sites"
        for span in RANGES:
            asked = {"range": span} | ({"site": site} if site else {})
            choice = read(asked, names, NOW * 3600.0)
            took, note = seconds(lambda choice=choice: overview(store, choice), times, cpu)  # type: ignore[misc]
            yield Row(f"page, {span}, {who}", took, "s", limit(url, site), note=note)


KILLED = """
import os, sys, threading
from detector.core.counting.store_url import open_store

threading.Timer(float(sys.argv[3]), lambda: os.kill(os.getpid(), 9)).start()
open_store(sys.argv[1]).compact(int(sys.argv[2]), again=True)
"""


def joining(url: str, store: Store, shape: Shape) -> Iterator[Row]:
    """Yield how long joining a day of all sites takes, after a process was killed amid it."""
    for site in shape.site_names():
        store.add(late(shape, site))
    began = time.perf_counter()
    with longest(url) as statements:
        # It is killed once it has joined for a while: how far it came shows in the rows left.
        command = [sys.executable, "-c", KILLED, url, str(NOW), "2.0"]
        killed = subprocess.run(command, check=False).returncode == -9
        after = time.perf_counter()
        went = store.compact(NOW, again=True)
    what = f"joining a day of {shape.sites} sites"
    note = f"{'killed after 2 s' if killed else 'NOT killed: too fast'}, then {went:,} rows went"
    yield Row(what, time.perf_counter() - began, "s", MINUTES, note=note)
    yield Row("of that after the kill", time.perf_counter() - after, "s", MINUTES)
    yield Row("its longest statement", max(statements, default=0.0), "s", STATEMENT)


def _memory(url: str, what: str) -> Iterator[Row]:
    if url.startswith("redis"):
        import redis

        with redis.Redis.from_url(url) as client:
            info: Any = client.info("memory")
            yield Row(what, info["used_memory"] / 2**20, "MiB")
