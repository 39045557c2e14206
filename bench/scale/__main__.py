"""`python -m bench.scale [--reports N]`: see docs/explanation/scale.md."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from bench.scale.feed import PER_SECOND, PROCESSES, WORKERS, events, feed
from detector.core.counting.dimensions import Key
from detector.core.counting.store_url import open_store
from tests.support.servers import Missing, Postgres, Redis, Server


def expected(reports: int) -> Counter[tuple[str, str]]:
    """Count the sent reports independently of the counters: by dimension and action."""
    found: Counter[tuple[str, str]] = Counter()
    for seed in range(PROCESSES):
        for action, _, dims in events(reports, seed):
            found["all", action] += 1
            for name in dims:
                found[name, action] += 1
    return found


def measure(server: Server, reports: int, sent: Counter[tuple[str, str]]) -> list[str]:
    """Feed one server and return the result."""
    each = PROCESSES // WORKERS
    began = time.perf_counter()
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        jobs = [
            pool.submit(feed, server.url, number * each, each, reports) for number in range(WORKERS)
        ]
        done = [job.result() for job in jobs]
    seconds = time.perf_counter() - began
    store = open_store(server.url, readonly=True)
    rows: dict[Key, int] = dict(store.rows())
    store.close()
    found: Counter[tuple[str, str]] = Counter()
    for key, count in rows.items():
        found[key[2], key[5]] += count
    flushes, written, waited = (sum(column) for column in zip(*done, strict=True))
    simulated = reports / PER_SECOND
    return [
        f"  reports {PROCESSES * reports:,} in {flushes:,} flushes, {seconds:.0f} s in all",
        f"  rows in the store {len(rows):,}, over {len({key[0] for key in rows})} hours",
        f"  rows written {written:,}: {written / flushes:.0f} a flush; in true time "
        f"{written / simulated:,.0f} a second by {flushes / simulated:.1f} flushes a second",
        f"  one flush {waited / flushes * 1000:.1f} ms; the store takes {written / waited:,.0f} "
        "rows a second from each writer",
        "  exact: "
        + ("yes" if found == sent else f"NO: {sent - found} lacks, {found - sent} more"),
    ]


def main() -> int:
    """Run both; return 1 if a count is missing or doubled."""
    parser = argparse.ArgumentParser(prog="scripts/bench scale")
    parser.add_argument("--reports", type=int, default=10_000_000, help="in all (%(default)s)")
    asked = parser.parse_args()
    reports = max(1, asked.reports // PROCESSES)
    sent = expected(reports)
    good = True
    for make in (Postgres, Redis):
        try:
            server = make()
            server.start()
        except Missing as missing:
            print(f"bench: {missing}", file=sys.stderr)
            return 1
        try:
            lines = measure(server, reports, sent)
        finally:
            server.remove()
        good &= lines[-1].endswith("yes")
        print("\n".join([make.__name__, *lines, ""]), flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
