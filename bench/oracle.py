"""Random traffic through the middleware, counted a second time by the documented rules.

The rules stand in `tests/oracle/`, written from the documentation and not from the code. A run is
some weeks of a few sites, or 26 months of them; what differs is printed with its seed.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.table import BenchError, Row
from detector.core.baits import pool
from tests.oracle.running import Result, run
from tests.stores.conftest import empty
from tests.support.servers import Missing, Postgres, Redis, Server

RUNS = 10
"""Of each store; one of ten seeds in a row is a run of 26 months."""
SERVERS: dict[str, Callable[[], Server]] = {
    "PostgreSQL": Postgres,
    "Redis": Redis,
    "Redis Cluster": lambda: Redis(cluster=True),
}
STORES = ("memory", "SQLite", *SERVERS)


def measure(quick: bool, seed: int | None = None) -> list[Row]:
    """Compare runs on every store, from `seed` on (None: a random one), with `quick` one each."""
    first = random.SystemRandom().randrange(10**6) if seed is None else seed
    seeds = range(first, first + (1 if quick else RUNS))
    # The clocks of the runs stand in a past year, for which the pool is neither new nor old.
    pool.FRESH_DAYS = 100_000
    print(f"seeds {seeds[0]} to {seeds[-1]}: scripts/bench oracle --seed N --quick repeats one")
    return [_row(store, seeds) for store in STORES]


def _row(store: str, seeds: range) -> Row:
    began = time.monotonic()
    with _urls(store) as url:
        results = [_shown(store, run(seed, url())) for seed in seeds]
    sums = {
        name: f"{sum(getattr(each, name) for each in results):,} {name}"
        for name in ("facts", "events", "rows", "answers")
    }
    took = f"{time.monotonic() - began:.0f} s"
    note = ", ".join([f"{len(results)} runs", *sums.values(), took])
    wrong = sum(len(each.differences) for each in results)
    return Row(f"on {store}", wrong, "differences", at_most=0, note=note)


def _shown(store: str, result: Result) -> Result:
    print(f"{store}, {result}", flush=True)
    return result


@contextmanager
def _urls(store: str) -> Iterator[Callable[[], str]]:
    """Yield a function that returns the URL of an empty store."""
    if store == "memory":
        yield lambda: ""
        return
    if store == "SQLite":
        with tempfile.TemporaryDirectory() as folder:
            numbers = iter(range(RUNS))
            yield lambda: str(Path(folder) / f"{next(numbers)}.sqlite")
        return
    try:
        server = SERVERS[store]()
    except Missing as missing:
        raise BenchError(str(missing)) from None
    server.start()

    def emptied() -> str:
        empty(server)
        return server.url

    try:
        yield emptied
    finally:
        server.remove()
