"""`python -m bench.faults [NAME…]`: pages served and slowed, counts sent and found, per fault."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.faults.kinds import FILES, KINDS, LOSSES, SERVERS, Unfit, small_disk
from bench.faults.load import Load
from detector.core.counting.store_url import open_store
from detector.core.errors import StoreError
from tests.support.servers import Missing, Server, until


def found(store: str) -> int:
    """Return the number of verdicts in a store."""
    reader = open_store(store, readonly=True)
    try:
        return sum(row.n for row in reader.sums("all") if row.action == "verdict")
    except StoreError:
        return 0
    finally:
        reader.close()


def run(name: str, load: Load, store: str, fault: Any, seconds: float) -> tuple[bool, str]:
    """Visit for a while before, during and after the fault; return the result."""
    load.start()
    try:
        until(lambda: found(store) > 20, "a first write")
        before = found(store)
        with fault:
            if name in ("read-only", "corrupt"):
                load.reopen()
            time.sleep(seconds)
            inside = load.sent
        until(lambda: load.sent > inside + 50, "visits after the fault")
        until(lambda: found(store) > (0 if name in LOSSES else before), "a write after the fault")
    finally:
        load.stop()
    there = found(store)
    # The content of a damaged or deleted file is lost: at most the counts found before, and
    # those that a flush added between that check and the fault.
    exact = there == load.sent
    if name in LOSSES:
        exact = load.sent - there <= before + 200 and load.left() == 0
    note = "" if exact else "  NOT EXACT"
    if name in LOSSES:
        if name == "corrupt":
            kept = len(list(Path(store).parent.glob("*.damaged-*[0-9]")))
            exact &= kept == 1
            note += f"  ({kept} file kept aside)"
        note += f"  ({load.sent - there:,} were in the file that is gone)"
    return exact, f"{load.served:>8,}{load.slowed:>8,}{load.sent:>9,}{there:>9,}{note}"


def on_files(names: list[str], seconds: float, shared: bool) -> bool:
    """Break SQLite files."""
    good = True
    for name, fault in FILES.items():
        if names and f"sqlite/{name}" not in names:
            continue
        with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
            title = f"{'sqlite/' + name:<20}"
            try:
                if name in ("full", "read-only"):
                    stack.enter_context(small_disk(Path(place)))
                file = Path(place) / "counts.sqlite"
                load = Load(str(file), shared)
                exact, line = run(name, load, str(file), fault(file), seconds)
            except Unfit as unfit:
                print(f"{title}skipped: {unfit}", flush=True)
                continue
            good &= exact
            print(title + line, flush=True)
    return good


def on_servers(names: list[str], seconds: float, shared: bool) -> bool:
    """Break servers."""
    good = True
    for kind, make in KINDS.items():
        wanted = [name for name in SERVERS if not names or f"{kind}/{name}" in names]
        if not wanted:
            continue
        server: Server = make()
        server.start()
        try:
            for name in wanted:
                server.stop()
                server.remove()
                server = make()
                server.start()
                load = Load(server.url, shared)
                exact, line = run(name, load, server.url, SERVERS[name](server), seconds)
                good &= exact
                print(f"{kind + '/' + name:<20}{line}", flush=True)
        finally:
            server.remove()
    return good


def main() -> int:
    """Run all faults, or the given ones; return 1 if a count is missing or doubled."""
    parser = argparse.ArgumentParser(prog="scripts/bench faults")
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as sqlite/full (none: all)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each fault (%(default)s)")
    parser.add_argument("--shared", action="store_true", help="with the option shared_limits")
    asked = parser.parse_args()
    known = [f"sqlite/{n}" for n in FILES] + [f"{k}/{n}" for k in KINDS for n in SERVERS]
    for name in asked.names:
        if name not in known:
            parser.error(f"no fault is called {name!r}: there are {', '.join(known)}")
    logging.getLogger("detector").setLevel(logging.CRITICAL)
    limit = f"slowed: over {Load.LIMIT * 1000:.0f} ms"
    print(f"{'fault':<20}{'pages':>8}{'slowed':>8}{'sent':>9}{'found':>9}  ({limit})")
    try:
        good = on_files(asked.names, asked.seconds, asked.shared)
        good &= on_servers(asked.names, asked.seconds, asked.shared)
    except Missing as missing:
        print(f"bench: {missing}", file=sys.stderr)
        return 1
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
