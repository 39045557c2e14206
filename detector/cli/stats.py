"""`detector stats`: what a store holds, as a table, JSON or CSV; `detector stats compact`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from detector.cli.errors import command_errors

if TYPE_CHECKING:
    from detector.analytics.variants import Comparison
    from detector.core.counting.store import Store

HELP = "print the counts of a site"
STEPS = ("hour", "day", "week", "month")
_AGO = r"([0-9]{1,4})([hdw])"
_HOURS = {"h": 1, "d": 24, "w": 24 * 7}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "what",
        nargs="?",
        choices=("compact",),
        help="compact: join hours older than 30 days into days, forget what is over 25 months old",
    )
    parser.add_argument(
        "--db", required=True, metavar="URL", help="the file or URL of the site's option store"
    )
    parser.add_argument("--site", metavar="NAME", help="one site of the store (all)")
    parser.add_argument("--since", type=_moment, metavar="WHEN", help="2026-01-31, or 24h, 7d, 4w")
    parser.add_argument("--until", type=_moment, metavar="WHEN", help="the same; not included")
    parser.add_argument(
        "--by", default="", metavar="NAME", help="a dimension such as browser, or a pair kind+group"
    )
    parser.add_argument("--step", choices=STEPS, help="a row for each")
    parser.add_argument(
        "--per-thousand", type=float, metavar="SUM", help="what a thousand views with ads bring"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON instead of a table")
    form.add_argument("--csv", action="store_true", help="print CSV instead of a table")


def run(args: argparse.Namespace) -> int:
    """Print the counts, or compact the store."""
    from detector.core.counting.store_url import open_store
    from detector.core.errors import StoreError

    with command_errors(StoreError, option="--db"):
        with command_errors(ValueError, option="--db"):
            store = open_store(args.db, readonly=args.what != "compact")
        try:
            with command_errors(ValueError, option="--by"):
                _compact(store) if args.what == "compact" else _print(store, args)
        finally:
            store.close()
    return 0


def _compact(store: Store) -> None:
    import time

    went = store.compact(int(time.time() // 3600), again=True)
    print(f"{went:,} rows fewer.")


def _print(store: Store, args: argparse.Namespace) -> None:
    from detector.core.printable import printable

    print(printable(_shown(store, args), keep="\r\n" if args.csv else "\n"), end="")


def _shown(store: Store, args: argparse.Namespace) -> str:
    from detector.analytics.export import as_csv, as_dict
    from detector.analytics.query import query, summary
    from detector.analytics.table import cells_table, comparison_lines, summary_table

    answer = query(
        store,
        by=args.by,
        step=args.step or "",
        since=args.since,
        until=args.until,
        site=args.site,
        pages=not args.csv and (args.json or not (args.by or args.step)),
    )
    if args.csv:
        return as_csv(answer, args.per_thousand)
    hours = [at if at is None else at // 3600 for at in (args.since, args.until)]
    found = summary(store, hours[0], args.site, hours[1])
    compared = _compared(store, args)
    if args.json:
        import json

        whole = {**found.as_dict(), **as_dict(answer, args.per_thousand)}
        whole["comparison"] = compared.as_dict() if compared else None
        return json.dumps(whole, indent=2) + "\n"
    if args.by or args.step:
        asked_for = compared and args.by == "variant"
        return cells_table(answer) + (comparison_lines(compared) if compared and asked_for else "")
    text = summary_table(found, answer, args.per_thousand) + "\n"
    return text + comparison_lines(compared) if compared else text


def _compared(store: Store, args: argparse.Namespace) -> Comparison | None:
    """Compare the variants of the notice; None where there are none."""
    from detector.analytics.query import query
    from detector.analytics.variants import of_cells

    by = query(store, by="variant", since=args.since, until=args.until, site=args.site)
    return of_cells(by.cells) if by.cells else None


def _moment(text: str) -> int:
    """Read a day or a time of UTC, or how long ago; argparse makes the error of a bad one."""
    import re
    import time
    from datetime import UTC, datetime

    if ago := re.fullmatch(_AGO, text):
        return int(time.time()) - int(ago[1]) * _HOURS[ago[2]] * 3600
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time: write a day such as 2026-01-31, or 24h, 7d, 4w for how long ago"
        ) from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
