"""`detector stats`: what a store holds, as a table, JSON or CSV; `detector stats compact`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from detector.cli.arguments import add_price
from detector.cli.design import add_design, add_time_zone, days_of, design_of
from detector.cli.errors import CommandError, command_errors

if TYPE_CHECKING:
    from detector.analytics.local_days import LocalDays
    from detector.analytics.price import Price
    from detector.core.counting.store import Store

HELP = "print the counts of a site"
STEPS = ("hour", "day", "week", "month")
_UNCHECKED = "Not checked: whether each was shown as often as its weight asks for; see --file.\n"


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
    parser.add_argument("--since", metavar="WHEN", help="2026-01-31, or 24h, 7d, 4w")
    parser.add_argument(
        "--until",
        metavar="WHEN",
        help="the same; not included, but for the rest of an hour that has begun",
    )
    parser.add_argument(
        "--by",
        default="",
        metavar="NAME",
        help="a dimension such as browser, bait for the health of each bait, or a pair kind+group",
    )
    parser.add_argument("--step", choices=STEPS, help="a row for each")
    add_time_zone(parser)
    add_price(parser)
    add_design(parser)
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

    days = days_of(args.time_zone, args.file)
    args.since, args.until = (_moment(args, name, days) for name in ("since", "until"))
    print(printable(_shown(store, args, days), keep="\r\n" if args.csv else "\n"), end="")


def _shown(store: Store, args: argparse.Namespace, days: LocalDays) -> str:
    if args.by == "bait":
        return _baits(store, args)
    import json

    from detector.analytics.export import as_csv
    from detector.analytics.table import (
        cells_table,
        comparison_lines,
        sessions_lines,
        span_line,
        summary_table,
    )
    from detector.analytics.variants import Design
    from detector.analytics.whole import whole

    design = Design.of(**design_of(args.file))
    pages = not args.csv and (args.json or not (args.by or args.step))
    span: dict[str, Any] = {"since": args.since, "until": args.until, "days": days}
    found = whole(
        store, design, by=args.by, step=args.step or "", site=args.site, pages=pages, **span
    )
    price: Price | None = args.per_thousand
    answer, compared = found.answer, found.comparison
    if args.csv:
        return as_csv(answer, price)
    if args.json:
        return json.dumps(found.as_dict(price), indent=2) + "\n"
    comparison = ""
    if compared:
        comparison = comparison_lines(compared) + ("" if design.weights else _UNCHECKED)
        comparison += sessions_lines(found.sessions) if found.sessions else ""
    if args.by or args.step:
        shown = span_line(answer) + cells_table(answer)
        return shown + comparison if args.by == "variant" else shown
    summary = summary_table(found.summary, answer, price, found.signals)
    return f"{span_line(answer)}{summary}\n{comparison}"


def _baits(store: Store, args: argparse.Namespace) -> str:
    """Lay out the health of each bait."""
    import json
    import time

    from detector.analytics.baits import bait_csv, bait_health, bait_table

    if args.step:
        raise ValueError("bait has no --step: leave --step out, or --since and --until shorter")
    found = bait_health(store, time.time(), args.site, args.since, args.until)
    if args.json:
        return json.dumps(found.as_dict(), indent=2) + "\n"
    return bait_csv(found) if args.csv else bait_table(found)


def _moment(args: argparse.Namespace, name: str, days: LocalDays) -> int | None:
    """Read a day or a time of the time zone, or how long ago."""
    import time

    from detector.analytics.whole import moment_of

    text = getattr(args, name)
    if text is None:
        return None
    try:
        return moment_of(text, time.time(), days)
    except ValueError as error:
        raise CommandError(f"--{name}: {error}") from None
