"""`scripts/bench attack [--only NAME…] [--count N] [--seed S] [--case N]`: fuzzes in process."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Sequence

from bench.attack.cookies import Cookies
from bench.attack.floods import Floods
from bench.attack.placement import Placement
from bench.attack.reports import Reports
from bench.attack.responses import Responses
from bench.attack.shared import Shared
from bench.attack.tally import Family, run

FAMILIES: dict[str, type[Family]] = {
    made.name: made for made in (Responses, Shared, Placement, Reports, Cookies, Floods)
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the requested families; return 1 if a property did not hold."""
    parser = argparse.ArgumentParser(prog="scripts/bench attack", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=FAMILIES, default=FAMILIES)
    parser.add_argument("--count", type=int, metavar="N", help="cases of each (none: its own)")
    parser.add_argument("--seed", type=int, metavar="S", default=1, help="(%(default)s)")
    parser.add_argument("--case", type=int, metavar="N", help="run this one only")
    asked = parser.parse_args(arguments)
    if asked.count is not None and asked.count < 1:
        parser.error(f"--count {asked.count}: use a number above 0")
    if asked.case is not None and asked.case < 0:
        parser.error(f"--case {asked.case}: use the number that a run printed, 0 or more")
    good = True
    for name in asked.only:
        family = FAMILIES[name]()
        cases = range(asked.count or family.count)
        if asked.case is not None:
            cases = range(asked.case, asked.case + 1)
        began = time.monotonic()
        print(*run(family, cases, asked.seed), sep="\n")
        print(f"  seconds: {time.monotonic() - began:.0f}", flush=True)
        good &= family.tally.good
    return 0 if good else 1


if __name__ == "__main__":
    # Bad requests are logged at most once a minute; here the log would bury the result.
    logging.getLogger("detector").setLevel(logging.CRITICAL)
    sys.exit(main())
