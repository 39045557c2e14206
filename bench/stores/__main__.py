"""`python -m bench.stores [--rows N] [NAME…]`: see bench/README.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench.stores.rows import NOW, SITES, batches, groups, late
from bench.table import Row, lines
from detector.analytics.query import query
from detector.core.counting.store import KEPT_DAYS, Store
from detector.core.counting.store_url import open_store
from detector.dashboard.choice import read
from detector.dashboard.overview import overview
from tests.support.servers import Missing, Postgres, Redis

MAKERS = {"postgres": Postgres, "redis": Redis}
NAMES = ("sqlite", *MAKERS)
RANGES = ("24h", "30d", "25m")


@contextmanager
def opened(name: str) -> Iterator[Store]:
    """Yield an empty store of a kind."""
    with tempfile.TemporaryDirectory() as folder:
        server = MAKERS[name]() if name in MAKERS else None
        if server:
            server.start()
        store = open_store(server.url if server else str(Path(folder) / "counts.sqlite"))
        try:
            yield store
        finally:
            store.close()
            if server:
                server.remove()


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """Return the median time of some calls."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return median(found)


def longest(store: Store) -> list[float]:
    """Return a list that grows by the seconds of each statement, where psycopg runs them."""
    found: list[float] = []
    if "psycopg" in sys.modules:
        import psycopg

        execute: Any = psycopg.Cursor.execute

        def timed(*given: object, **more: object) -> object:
            began = time.perf_counter()
            try:
                return execute(*given, **more)
            finally:
                found.append(time.perf_counter() - began)

        psycopg.Cursor.execute = timed  # type: ignore[assignment, method-assign]
    return found


def measure(store: Store, rows: int, times: int) -> list[Row]:
    """Fill a store and measure it."""
    number = groups(rows)
    written = 0

    def fill() -> None:
        nonlocal written
        for batch in batches(number):
            store.add(batch)
            written += len(batch)

    filling = seconds(fill)
    found = [
        Row("rows of 5 sites", written, "rows", note=f"{number} path groups, {filling:.0f} s"),
        Row("first compaction", seconds(lambda: store.compact(NOW)), "s"),
    ]
    budgets = (1.0, None) if "redis" in type(store).__name__.lower() else (0.5, 1.0)
    for site, budget in zip((SITES[2], None), budgets, strict=True):
        who = "one site" if site else "all sites"
        for span in RANGES:
            asked = {"range": span} | ({"site": site} if site else {})
            choice = read(asked, list(SITES), NOW * 3600.0)
            took = seconds(lambda choice=choice: overview(store, choice), times)  # type: ignore[misc]
            began = time.process_time()
            overview(store, choice)
            cpu = f"CPU of the reader {time.process_time() - began:.2f} s"
            found.append(Row(f"page, {span}, {who}", took, "s", budget, note=cpu))
    since = (NOW - KEPT_DAYS * 24) * 3600
    took = seconds(
        lambda: query(store, by="group", site=SITES[2], since=since, step="day", pages=False)
    )
    found.append(Row("by path group and day, 25 months, one site", took, "s"))
    for batch in late(number):
        store.add(batch)
    statements = longest(store)
    took = seconds(lambda: store.compact(NOW, again=True))
    found.append(Row("joining one day of 5 sites", took, "s", 300.0))
    if statements:
        found.append(Row("its longest statement", max(statements), "s", 5.0))
    return found


def main() -> int:
    """Measure the stores that were named; a missed budget is printed and is no failure."""
    parser = argparse.ArgumentParser(prog="scripts/bench stores")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--rows", type=int, default=1_000_000, help="about (%(default)s)")
    parser.add_argument("--times", type=int, default=3, help="readings of a page (%(default)s)")
    asked = parser.parse_args()
    for name in asked.names or NAMES:
        if name not in NAMES:
            parser.error(f"no store is called {name!r}: there are {', '.join(NAMES)}")
        try:
            with opened(name) as store:
                found = measure(store, asked.rows, asked.times)
        except Missing as missing:
            print(f"bench: {missing}", file=sys.stderr)
            return 1
        print("\n".join([name, *lines(found), ""]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
