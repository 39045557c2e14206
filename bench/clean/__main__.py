"""`bench/clean/run [--loads N] [--engine NAME…]`: loads without a blocker, and who is accused."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from bench.clean.loads import Count, count_loads
from bench.matrix.bundles import NotInstalled
from detector.qa.browsers import BrowserMissing

LOADS = {"chromium": 1000, "firefox": 1000, "webkit": 200}
# Of a thousand loads whose ads arrive, so many must say `clear`.
ENOUGH = 0.995


def main(arguments: Sequence[str] | None = None) -> int:
    """Count what is asked for; 1 when somebody was accused or too few were clear."""
    parser = argparse.ArgumentParser(prog="bench/clean/run", description=__doc__)
    parser.add_argument("--loads", type=int, metavar="N", help="of each engine; webkit: a fifth")
    parser.add_argument("--engine", nargs="+", choices=tuple(LOADS), default=list(LOADS))
    asked = parser.parse_args(arguments)
    if asked.loads is not None and asked.loads < 1:
        parser.error(f"--loads {asked.loads}: give a number above 0")
    good = True
    for engine in asked.engine:
        loads = LOADS[engine]
        if asked.loads is not None:
            loads = max(1, asked.loads // 5) if engine == "webkit" else asked.loads
        began = time.monotonic()
        try:
            count = count_loads(engine, loads, lambda so_far: print(".", end="", flush=True))
        except (BrowserMissing, NotInstalled) as error:
            print(f"{engine}: not run: {error}")
            good = False
            continue
        print("", *report(engine, count, time.monotonic() - began), sep="\n", flush=True)
        good = good and is_good(count)
    return 0 if good else 1


def is_good(count: Count) -> bool:
    """Say whether nobody was accused and nearly all were clear whose ads arrive."""
    share = count.arriving["clear"] / max(1, count.arriving.total())
    return not count.states["blocked"] and share >= ENOUGH


def report(engine: str, count: Count, seconds: float) -> list[str]:
    """Return what was counted, in words."""
    states = ", ".join(f"{state} {number}" for state, number in count.states.most_common())
    arriving = count.arriving.total()
    lines = [
        f"{engine}: {count.loads} loads in {seconds:.0f} s: {states}",
        f"  accusations: {count.states['blocked']}",
        f"  clear where ads arrive: {count.arriving['clear']} of {arriving}",
    ]
    lines += [f"  left out {number} times: {name!r}" for name, number in count.left_out.items()]
    return lines + [f"  not wanted in {name!r}: {answer}" for name, answer in count.odd[:20]]


if __name__ == "__main__":
    sys.exit(main())
