"""`detector stats`: what a store holds, as a table, JSON or CSV; `detector stats compact`."""

from __future__ import annotations

import argparse
import json
import re
import time
from datetime import UTC, datetime

from detector.analytics.export import as_csv, as_dict
from detector.analytics.figures import Unheard
from detector.analytics.query import STEPS, Answer, Summary, query, summary
from detector.analytics.variants import Comparison, of_cells
from detector.core.counting.store import Store
from detector.core.counting.store_url import open_store
from detector.core.errors import StoreError
from detector.core.printable import printable
from detector.core.vocabulary import REASONS

_AGO = re.compile(r"([0-9]{1,4})([hdw])")
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
    parser.add_argument("--step", choices=[name for name in STEPS if name], help="a row for each")
    parser.add_argument(
        "--per-thousand", type=float, metavar="SUM", help="what a thousand views with ads bring"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON instead of a table")
    form.add_argument("--csv", action="store_true", help="print CSV instead of a table")


def run(args: argparse.Namespace) -> int:
    """Do what was asked; raises StoreError, or ValueError for a bad --by."""
    try:
        store = open_store(args.db, readonly=args.what != "compact")
    except ValueError as error:
        raise StoreError(str(error)) from error
    try:
        if args.what == "compact":
            went = store.compact(int(time.time() // 3600), again=True)
            print(f"{went:,} rows fewer.")
        else:
            print(printable(_shown(store, args), keep="\r\n" if args.csv else "\n"), end="")
    finally:
        store.close()
    return 0


def _shown(store: Store, args: argparse.Namespace) -> str:
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
        whole = {**found.as_dict(), **as_dict(answer, args.per_thousand)}
        whole["comparison"] = compared.as_dict() if compared else None
        return json.dumps(whole, indent=2) + "\n"
    if args.by or args.step:
        asked_for = compared and args.by == "variant"
        return _cells(answer) + (_comparison(compared) if compared and asked_for else "")
    text = _table(found, answer, args.per_thousand) + "\n"
    return text + _comparison(compared) if compared else text


def _compared(store: Store, args: argparse.Namespace) -> Comparison | None:
    """Compare the variants of the notice; None where there are none."""
    by = query(store, by="variant", since=args.since, until=args.until, site=args.site)
    return of_cells(by.cells) if by.cells else None


def _comparison(found: Comparison) -> str:
    lines = []
    if found.arms:
        lines.append(f"{found.goal} of notices shown, with 95 % intervals:")
    width = max((len(arm.name) for arm in found.arms), default=0)
    for arm in found.arms:
        low, high = arm.interval()
        between = f"{low * 100:.1f} % to {high * 100:.1f} %"
        lines.append(
            f"{arm.name:<{width}}  {arm.rate * 100:4.1f} %  {between:<16}  "
            f"{arm.done:,} of {arm.shown:,}"
        )
    return "\n".join([*lines, found.sentence]) + "\n"


def _cells(answer: Answer) -> str:
    head = [*(["from"] if answer.step else []), *answer.by, "views", "measured", "blocked", "", ""]
    rows = [[*head[:-3], "blocked", "share", "shown"]]
    for cell in answer.cells:
        start = datetime.fromtimestamp(cell.start or 0, UTC).strftime("%Y-%m-%d %H:%M")
        row = [*([start] if answer.step else []), *map(printable, cell.values)]
        if cell.figures is None:
            rows.append([*row, "few", "", "", "", ""])
            continue
        blocked = cell.figures.state("blocked")
        share = "" if blocked.value is None else f"{blocked.value:.1%}"
        counts = (cell.figures.views, cell.figures.measured, blocked.part)
        shown = f"{cell.figures.actions['shown']:,}"
        rows.append([*row, *(f"{count:,}" for count in counts), share, shown])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    names = len(rows[0]) - 5
    lines = []
    for row in rows:
        texts = [text.ljust(width) for text, width in zip(row[:names], widths, strict=False)]
        numbers = [
            text.rjust(width) for text, width in zip(row[names:], widths[names:], strict=True)
        ]
        lines.append("  ".join(texts + numbers).rstrip())
    lines.append("share is of measured views")
    if answer.hidden:
        lines.append(f"{answer.hidden} rows of few views are hidden")
    return "\n".join(lines) + "\n"


def _table(found: Summary, answer: Answer, per_thousand: float | None) -> str:
    """Lay a summary out as lines of name, count and, where there is a whole, share of it."""
    lines: list[tuple[str, int, str]] = [("Page views", found.views, "")]
    lines.append(("Verdicts", found.verdict_count, ""))
    lines += _part(found.verdicts, found.verdict_count, "verdicts")
    accused = found.verdicts["blocked"] + found.verdicts["unreachable"]
    lines.append(("Kinds of blocked and unreachable", accused, ""))
    lines += _part(found.kinds, accused, "these")
    shown = found.actions["shown"]
    lines.append(("Notices shown", shown, ""))
    others = {name: count for name, count in found.actions.items() if name != "shown"}
    lines += _part(others, shown, "shown")
    clear = found.verdicts["clear"]
    lines += _part({"Views won back": found.recovered}, clear, "clear", "")
    missing = answer.unheard or Unheard(0, 0, 0, 0)
    share = f"{missing.missing / missing.pages:6.1%} of {missing.pages:,}" if missing.pages else ""
    lines.append(("Pages with a tag, not heard of", missing.missing, share))
    lines.append(("Pages that a cache may keep", missing.not_measurable, ""))
    lines.append(("Reports refused", sum(found.refused.values()), ""))
    lines += [(f"  {name}", n, REASONS.get(name, "")) for name, n in found.refused.items()]
    lines.append(("Verdicts corrected by the server", found.corrected, ""))
    lines.append(("Verdicts revised to unreachable", found.revised, ""))
    lines.append(("Events dropped, memory was full", found.dropped, ""))
    lines.append(("Errors of the detector", found.errors, ""))
    lines.append(("Reports counted unshared", found.unshared, ""))
    width = max(len(name) for name, _, _ in lines)
    digits = max(len(f"{count:,}") for _, count, _ in lines)
    out = [f"{name:<{width}}  {count:>{digits},}  {share}".rstrip() for name, count, share in lines]
    if per_thousand is not None:
        income = answer.total.income(per_thousand)
        out.append(
            f"Lost income: {income.lost:,.2f}, for {income.views:,} blocked or unreachable views "
            f"at {per_thousand:g} per thousand"
        )
        out.append(f"Income won back: {income.won:,.2f}, for {income.recovered:,} views")
    return "\n".join(out)


def _part(
    counts: dict[str, int], whole: int, of: str, indent: str = "  "
) -> list[tuple[str, int, str]]:
    return [
        (f"{indent}{name}", count, f"{count / whole:6.1%} of {of}" if whole else "")
        for name, count in counts.items()
    ]


def _moment(text: str) -> int:
    """Read a day or a time of UTC, or how long ago; argparse makes the error of a bad one."""
    if ago := _AGO.fullmatch(text):
        return int(time.time()) - int(ago[1]) * _HOURS[ago[2]] * 3600
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time: write a day such as 2026-01-31, or 24h, 7d, 4w for how long ago"
        ) from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
