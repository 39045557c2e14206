"""`python -m bench.engines [LIST…]`: engines for filter lists on the same requests and rules.

Lists are files; without any, those of Debian's uBlock Origin package. Nothing is downloaded:
engines that are not installed are printed as not run, with what they need.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.engines.asked import Request, from_rules, in_files, of_the_pool, sample
from bench.engines.compare import OURS, Answers, ask, difference
from detector.filter_lists.fetch import ListError
from detector.lint.files import LintError
from detector.lint.lists import sources


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare and print; 0 also where an engine is missing or differs."""
    asked = _parser().parse_args(arguments)
    try:
        lists = sources(asked.lists)
    except (ListError, LintError) as error:
        print(f"engines: {error}", file=sys.stderr)
        return 1
    lines = [line for one in lists for line in one.lines]
    # Each address once, of whichever rules it is made.
    made = list(dict.fromkeys(from_rules(lines)))
    parts = sample(in_files(asked.addresses), made, asked.count)
    parts["pool"], classes = of_the_pool()
    requests = [one for part in parts.values() for one in part]
    found = ask(lines, requests, classes, asked.npm, asked.python)
    rules = sum(one.rules for one in lists)
    print(f"lists: {', '.join(one.label for one in lists)}; {rules:,} rules")
    print(
        f"requests: {', '.join(f'{name} {len(part):,}' for name, part in parts.items())}; ", end=""
    )
    print(f"classes of the pool: {len(classes)}")
    print("\n".join(_table(found, parts)))
    print("\n".join(_examples(found, requests, asked.show)))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(one) for one in found]) + "\n", "utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/bench engines", description="Engines for filter lists, compared."
    )
    add = parser.add_argument
    add("lists", nargs="*", metavar="LIST", help="filter lists (those of Debian's uBlock Origin)")
    npm = "folder in which npm installed adblock-rs, @ghostery/adblocker and @gorhill/ubo-core"
    add("--npm", type=Path, metavar="FOLDER", help=npm)
    add("--python", default=sys.executable, metavar="PROGRAM", help="a Python with braveblock")
    folder = "a folder with texts to find addresses in, any number of times"
    add("--addresses", type=Path, action="append", default=[], metavar="FOLDER", help=folder)
    add("--count", type=int, default=20_000, metavar="N", help="requests (%(default)s)")
    add("--show", type=int, default=0, metavar="N", help="examples of differences per engine")
    add("--json", type=Path, metavar="FILE", help="also save the answers here")
    return parser


def _table(found: Sequence[Answers], parts: Mapping[str, Sequence[Request]]) -> Iterator[str]:
    """Yield a row for each engine; `parts` are the requests by their sort."""
    ours = next(one for one in found if one.name == OURS)
    heads = ("compile s", "us/request", *parts, "classes", "not read")
    yield f"{'engine':<28}" + "".join(f"{head:>20}" for head in heads)
    for one in found:
        if one.missing:
            yield f"{one.name:<28}  not run: {one.missing}"
            continue
        cells = [f"{one.compile:.1f}", f"{1e6 * one.match / max(1, len(one.blocked)):.1f}"]
        at = 0
        for part in parts.values():
            told = difference(*(each.blocked[at : at + len(part)] for each in (ours, one)))
            at += len(part)
            cells.append(f"{told.blocked:,} +{told.only_it:,} -{told.only_ours:,}")
        cells.append("-" if one.hidden is None else f"{sum(one.hidden):,}")
        cells.append("-" if one.unread is None else f"{one.unread:,}")
        yield f"{one.name} {one.version}".ljust(28) + "".join(f"{cell:>20}" for cell in cells)
    yield f"blocked; +: it alone blocks, -: {OURS} alone does (a yardstick, not the truth)"


def _examples(found: Sequence[Answers], requests: Sequence[Request], most: int) -> Iterator[str]:
    ours = next(one for one in found if one.name == OURS)
    for one in found:
        for sign, wanted in (("+", (False, True)), ("-", (True, False))):
            pairs = zip(requests, ours.blocked, one.blocked, strict=False)
            hits = [request for request, a, b in pairs if (a, b) == wanted]
            for url, page, kind in hits[:: max(1, len(hits) // max(1, most))][:most]:
                yield f"{one.name} {sign} {kind} {url} on {page}"


if __name__ == "__main__":
    sys.exit(main())
