"""`python -m bench [NAME…] [--quick] [--json FILE]`: runs benches and prints their figures."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import (
    chunks,
    dashboard,
    imports,
    inject,
    keywords,
    late,
    latency,
    lint,
    notice,
    oracle,
    pages,
    profiles,
    reports,
    sending,
    sizes,
    variants,
    verdicts,
    views,
    vitals,
    wrk,
)
from bench.table import BenchError, Row, as_json, lines, missed

LOADED = {"pages": pages.run, "reports": reports.run}
"""Those by wrk, which can take longer."""
BENCHES: dict[str, Callable[[bool], list[Row]]] = {
    "sizes": sizes.run,
    "inject": inject.run,
    **LOADED,
    "views": views.run,
    "imports": imports.run,
    "verdicts": verdicts.run,
    "notice": notice.run,
    "dashboard": dashboard.run,
}
ALONE: dict[str, Callable[[bool], list[Row]]] = {
    "chunks": chunks.run,
    "keywords": keywords.run,
    "latency": latency.run,
    "late": late.run,
    "lint": lint.run,
    "oracle": oracle.measure,
    "profile": profiles.run,
    "sending": sending.run,
    "variants": variants.run,
    "vitals": vitals.run,
}
"""Run only where asked for by name: they take minutes, or much of the disk."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the requested benches; return 1 if one could not measure.

    A missed budget is no failure, since machines differ.
    """
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Sizes and speed of the detector, as ratios in one run."
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"of {', '.join(BENCHES)} (none: all), or {', '.join(ALONE)}",
    )
    parser.add_argument("--quick", action="store_true", help="few rounds: meaningless figures")
    parser.add_argument(
        "--times",
        type=int,
        default=1,
        metavar="N",
        help="multiplies the rounds of pages and reports, for noisy machines (1)",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="the first of the oracle (random)")
    parser.add_argument("--json", metavar="FILE", type=Path, help="also save the figures here")
    asked = parser.parse_args(arguments)
    all_ = BENCHES | ALONE
    for name in asked.names:
        if name not in all_:
            parser.error(f"no bench is called {name!r}: there are {', '.join(all_)}")
    if asked.times < 1:
        parser.error(f"--times {asked.times}: use 1 or more")
    if asked.json and not asked.json.absolute().parent.is_dir():
        parser.error(f"--json {asked.json}: its folder does not exist, create it first")
    names = asked.names or list(BENCHES)
    results: dict[str, list[Row]] = {}
    failed = []
    if LOADED.keys() & set(names):
        try:
            wrk.check()
        except BenchError as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
    for name in names:
        try:
            results[name] = _run(name, asked)
        except BenchError as error:
            # The others are measured all the same, after minutes of work.
            print(f"bench: {name}: {error}", file=sys.stderr, flush=True)
            failed.append(name)
            continue
        print("\n".join([name, *lines(results[name]), ""]), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(as_json(results, asked.quick), indent=2) + "\n", "utf-8")
    late = [f"{name}: {one}" for name, rows in results.items() for one in missed(rows)]
    print("\n  ".join(["budgets missed:", *late]) if late else "budgets missed: none")
    if failed:
        print(f"not measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _run(name: str, asked: argparse.Namespace) -> list[Row]:
    if name in LOADED:
        return LOADED[name](asked.quick, asked.times)
    if name == "oracle":
        return oracle.measure(asked.quick, asked.seed)
    return (BENCHES | ALONE)[name](asked.quick)


if __name__ == "__main__":
    sys.exit(main())
