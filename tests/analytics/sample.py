"""Counts of an hour for the tests: views, verdicts and notices in known numbers."""

from __future__ import annotations

from detector.core.counting.counters import Counters
from detector.stores.sqlite.store import SqliteStore

DAY = 20_300
"""2025-07-31, a Thursday."""


def fill(store: SqliteStore, hour: int, times: int = 1, site: str = "site", **dims: str) -> None:
    """Count ten views and their reports, this many times."""
    counters = Counters(site, clock=lambda: hour * 3600.0, pairs=[("kind", "browser")])
    for _ in range(times):
        for _ in range(10):
            counters.count("view", **dims)
        for _ in range(4):
            counters.count("verdict", "blocked", kind="extension", **dims)
        for _ in range(3):
            counters.count("verdict", "clear", kind="none", **dims)
        counters.count("verdict", "unreachable", kind="network", **dims)
        for _ in range(3):
            counters.count("shown", "blocked", mode="corner", **dims)
        counters.count("allowed", "blocked", mode="corner", **dims)
        for _ in range(2):
            counters.count("recovered", **dims)
    store.add(counters.drain())
