"""`bench/matrix/run [--only WORD…] [--ours] [--list] [--out DIR]`: environments × detectors."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.matrix.bundles import NotInstalled, peers
from bench.matrix.rows import environments
from bench.matrix.run_rows import Result, run
from bench.matrix.saved import line, save, totals

OUT = Path(__file__).parents[1] / "out"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the requested rows; return 1 if the detector is wrong in one."""
    parser = argparse.ArgumentParser(prog="bench/matrix/run", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", metavar="WORD", help="rows with a word in their name, browser or group"
    )
    parser.add_argument("--ours", action="store_true", help="without the other detectors")
    parser.add_argument("--list", action="store_true", help="print the rows and run none")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the saved results")
    asked = parser.parse_args(arguments)
    try:
        rows = environments()
        others = () if asked.ours else peers()
    except NotInstalled as error:
        print(f"matrix: {error}", file=sys.stderr)
        return 2
    if asked.only:
        rows = [
            row
            for row in rows
            if any(w in f"{row.group}: {row.name} [{row.browser}]" for w in asked.only)
        ]
        if not rows:
            parser.error("--only: no row has such a word in it; see --list")
    if asked.list:
        for row in rows:
            print(f"{row.group:12}{row.name:32}{row.browser:30}{row.label:11}{row.how}")
        return 0
    results: list[Result] = []
    for result in run(rows, others):
        results.append(result)
        print(line(result, others), flush=True)
    save(asked.out, results, others)
    print("", *totals(results, others), f"saved: {asked.out}/matrix.json and matrix.html", sep="\n")
    return 0 if all(result.right or result.not_run for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
