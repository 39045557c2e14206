"""How long the dashboard's queries take on SQLite: 25 months, 100 path groups."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from bench.table import Row
from detector.analytics.query import query
from detector.core.counting.dimensions import Key
from detector.core.counting.store import HOURLY_DAYS, KEPT_DAYS
from detector.dashboard.choice import read
from detector.dashboard.overview import overview
from detector.stores.sqlite.store import SqliteStore

_NOW = 480_000
_Hour = tuple[int, random.Random]
GROUPS = 100
_VALUES = {
    "all": ("",),
    "kind": ("extension", "browser", "network", "none"),
    "browser": ("chrome", "firefox", "safari", "edge", "opera", "samsung", "other"),
    "device": ("desktop", "phone", "tablet"),
    "variant": ("A", "B"),
    "group": tuple(f"/section-{number}/<slug>" for number in range(GROUPS)),
}
_EVENTS = (
    *(("page", ""), ("view", ""), ("verdict", "blocked"), ("verdict", "clear")),
    *(("verdict", "unreachable"), ("verdict", "unknown"), ("shown", "blocked")),
    *(("allowed", "clear"), ("dismissed", "blocked")),
)


def run(quick: bool) -> list[Row]:
    """Measure the queries of one page on a full store in its usual state."""
    months = 3 if quick else 25
    days = min(KEPT_DAYS, months * 31)
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "counts.sqlite")
        rows = 0
        # The newest first: the store takes them for the present, by which it sums days and months.
        for hours in _batches(list(_hours(days))[:: -6 if quick else -1], 50):
            part = {key: n for hour, chance in hours for key, n in _rows(hour, chance)}
            rows += len(part)
            store.add(part)
        # As a site does each day.
        store.compact(_NOW)
        now = _NOW * 3600.0
        span = read({"range": "25m"}, [], now)
        month = read({"range": "30d"}, [], now)
        times = 2 if quick else 5
        found = [
            Row("rows in the store", rows, "rows"),
            Row(
                "one question, by browser",
                _ms(
                    lambda: query(
                        store, by="browser", pages=False, since=span.since, until=span.until
                    ),
                    times,
                ),
                "ms",
                200,
            ),
            Row(
                "one question, by path group",
                _ms(
                    lambda: query(
                        store, by="group", pages=False, since=span.since, until=span.until
                    ),
                    times,
                ),
                "ms",
                200,
            ),
            Row("the whole page, 25 months", _ms(lambda: overview(store, span), times), "ms"),
            Row("the whole page, 30 days", _ms(lambda: overview(store, month), times), "ms"),
        ]
        store.close()
    return found


def _hours(days: int) -> Iterator[_Hour]:
    chance = random.Random(1)
    first = _NOW - _NOW % 24 - days * 24
    for day in range(days):
        start = first + day * 24
        for hour in range(start, start + 24, 24 if days - day > HOURLY_DAYS else 1):
            yield hour, chance


def _batches(hours: list[_Hour], size: int) -> Iterator[list[_Hour]]:
    for at in range(0, len(hours), size):
        yield hours[at : at + size]


def _rows(hour: int, chance: random.Random) -> Iterator[tuple[Key, int]]:
    for dimension, values in _VALUES.items():
        for value in values:
            for action, state in _EVENTS:
                yield (hour, "site", dimension, value, state, action), chance.randint(10, 500)


def _ms(ask: Callable[[], object], times: int) -> float:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        found.append((time.perf_counter() - began) * 1000)
    return median(found)
