"""`python -m bench.stores [--groups N] [--sites N] [--months N] [NAME…]`: see bench/README.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.stores.measure import measure
from bench.stores.rows import Shape
from bench.table import lines
from detector.core.counting.store import Store
from detector.core.counting.store_url import open_store
from tests.support.servers import Missing, Postgres, Redis, Server

# With their own default of shared memory, and each write on the disk: tests need neither.
MAKERS: dict[str, Callable[[], Server]] = {
    "postgres": lambda: Postgres(shared_buffers="128MB", durable=True),
    "redis": lambda: Redis(durable=True),
}
NAMES = ("sqlite", *MAKERS)


@contextmanager
def opened(name: str) -> Iterator[tuple[str, Store]]:
    """Yield the URL of an empty store of a kind, and the store."""
    with tempfile.TemporaryDirectory() as folder:
        server = MAKERS[name]() if name in MAKERS else None
        if server:
            server.start()
        url = server.url if server else f"sqlite:///{Path(folder) / 'counts.sqlite'}"
        store = open_store(url)
        try:
            yield url, store
        finally:
            store.close()
            if server:
                server.remove()


def main() -> int:
    """Measure the stores that were named; return 1 if a limit is missed."""
    parser = argparse.ArgumentParser(prog="scripts/bench stores")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    usual = Shape()
    add = parser.add_argument
    add("--groups", type=int, default=usual.groups, help="path groups of a site (%(default)s)")
    add("--sites", type=int, default=usual.sites, help="(%(default)s)")
    add("--months", type=int, default=usual.months, help="at most 25 (%(default)s)")
    add("--rows", type=int, default=usual.rows, help="of all sites, about (%(default)s)")
    add("--times", type=int, default=5, help="readings of a page (%(default)s)")
    asked = parser.parse_args()
    shape = Shape(asked.groups, asked.sites, asked.months, asked.rows)
    if min(shape.groups, shape.sites) < 1 or not 1 <= shape.months <= 25 or asked.times < 2:
        parser.error("there must be a group, a site, 1 to 25 months, and 2 readings at least")
    missed = 0
    for name in asked.names or NAMES:
        if name not in NAMES:
            parser.error(f"no store is called {name!r}: there are {', '.join(NAMES)}")
        print(name, flush=True)
        try:
            with opened(name) as (url, store):
                for row in measure(url, store, shape, asked.times):
                    print(*lines([row], WIDTHS), flush=True)
                    missed += row.met is False
        except Missing as missing:
            print(f"bench: {missing}", file=sys.stderr)
            return 1
    print(f"{missed} limits missed" if missed else "all limits met")
    return 1 if missed else 0


WIDTHS = (48, 14, 12, 6)

if __name__ == "__main__":
    sys.exit(main())
