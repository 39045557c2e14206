"""`bench/clean/run [--loads N] [--engine NAME…]`: loads without a blocker, and false verdicts."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from bench.clean.loads import Count, count_loads
from bench.matrix.bundles import NotInstalled
from detector.testing.browsers import BrowserMissing

LOADS = {"chromium": 1000, "firefox": 1000, "webkit": 200}
# Of a thousand loads whose ads arrive, this many must be `clear`.
ENOUGH = 0.995
# Loads between two lines of progress.
STEP = 50


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the requested loads; return 1 if a verdict was blocked or too few were clear."""
    parser = argparse.ArgumentParser(prog="bench/clean/run", description=__doc__)
    parser.add_argument("--loads", type=int, metavar="N", help="of each engine; webkit: a fifth")
    parser.add_argument("--engine", nargs="+", choices=tuple(LOADS), default=list(LOADS))
    parser.add_argument(
        "--browsers", type=int, metavar="N", default=2, help="number of parallel browsers (2)"
    )
    asked = parser.parse_args(arguments)
    for name, number in (("--loads", asked.loads), ("--browsers", asked.browsers)):
        if number is not None and number < 1:
            parser.error(f"{name} {number}: use a number above 0")
    good = True
    for engine in asked.engine:
        loads = LOADS[engine]
        if asked.loads is not None:
            loads = max(1, asked.loads // 5) if engine == "webkit" else asked.loads
        began = time.monotonic()
        try:
            count = count_loads(engine, loads, Progress(engine, loads), asked.browsers)
        except (BrowserMissing, NotInstalled) as error:
            print(f"{engine}: not run: {error}")
            good = False
            continue
        print(*report(engine, count, time.monotonic() - began), sep="\n", flush=True)
        good = good and is_good(count) and count.loads == loads
    return 0 if good else 1


class Progress:
    """Prints a line at intervals of loads."""

    def __init__(self, engine: str, loads: int) -> None:
        self._engine = engine
        self._loads = loads
        self._began = time.monotonic()

    def __call__(self, count: Count) -> None:
        """Record one more load."""
        if count.loads % STEP == 0 and count.loads < self._loads:
            seconds = time.monotonic() - self._began
            print(
                f"{self._engine}: {count.loads} of {self._loads} loads after {seconds:.0f} s, "
                f"accusations: {count.accusations}",
                flush=True,
            )


def is_good(count: Count) -> bool:
    """Whether no verdict was blocked and nearly all loads with ads were clear."""
    return not count.accusations and clear_share(count) >= ENOUGH


def clear_share(count: Count) -> float:
    """Return the share of `clear` among the loads whose ads arrive, 0 to 1."""
    return count.arriving["clear"] / max(1, count.arriving.total())


def report(engine: str, count: Count, seconds: float) -> list[str]:
    """Return the counts as text."""
    states = ", ".join(f"{state} {number}" for state, number in count.states.most_common())
    lines = [
        f"{engine}: {count.loads} loads in {seconds:.0f} s: {states}",
        f"  accusations: {count.accusations} (wanted: 0)",
        f"  loads whose ads arrive: {count.arriving.total()}",
        f"  clear among these: {count.arriving['clear']}, {clear_share(count):.1%} "
        f"(wanted: {ENOUGH:.1%} or more)",
    ]
    lines += [f"  left out {number} times: {name!r}" for name, number in count.left_out.items()]
    return lines + [f"  not wanted in {name!r}: {answer}" for name, answer in count.odd[:20]]


if __name__ == "__main__":
    sys.exit(main())
