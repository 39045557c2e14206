"""`detector export`: copies complete days of counts to Parquet files or ClickHouse."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from detector.cli.errors import CommandError, command_errors

if TYPE_CHECKING:
    from detector.core.counting.store import Store
    from detector.warehouse.export import SiteExport
    from detector.warehouse.target import Target

HELP = "copy complete days of counts to Parquet files or ClickHouse"
TARGETS = {"parquet": "pyarrow", "clickhouse": "clickhouse_connect"}
"""What --to may name, and the module that it needs; the extra has the same name."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--db", required=True, metavar="URL", help="the file or URL of the site's option store"
    )
    parser.add_argument("--to", required=True, choices=TARGETS, help="files, or a server")
    parser.add_argument(
        "--into",
        required=True,
        metavar="WHERE",
        help="the folder of the files, or https://user@host:8443/database",
    )
    parser.add_argument(
        "--password-file",
        metavar="FILE",
        help="a file that holds ClickHouse's password (or the password in CLICKHOUSE_PASSWORD)",
    )
    parser.add_argument("--site", metavar="NAME", help="one site of the store (all)")
    parser.add_argument(
        "--since", type=_day, metavar="DAY", help="the first day: 2026-01-31, or 7d, 4w for ago"
    )
    parser.add_argument(
        "--until", type=_day, metavar="DAY", help="the day after the last one (all complete days)"
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="write days anew that have not changed; never by less than was exported",
    )


def run(args: argparse.Namespace) -> int:
    """Export, and print what was done for each site."""
    import importlib.util

    from detector.core.counting.store_url import open_store
    from detector.core.errors import StoreError

    if importlib.util.find_spec(TARGETS[args.to]) is None:
        fix = f"pip install 'adblock-detector[{args.to}]'"
        raise CommandError(f"--to {args.to} needs {TARGETS[args.to]}: {fix}")
    if args.password_file and args.to != "clickhouse":
        raise CommandError("--password-file: it belongs to --to clickhouse")
    if args.since is not None and args.until is not None and args.until <= args.since:
        raise CommandError("--until: it is no later than --since, so that there is no day between")
    with command_errors(StoreError, ValueError, option="--db"):
        store = open_store(args.db, readonly=True)
    try:
        with command_errors(StoreError, option="--db"):
            sites = store.sites()
            if args.site and args.site not in sites:
                known = ", ".join(sites) or "none"
                raise CommandError(f"--site: no counts of {args.site!r}; there are: {known}")
            _export(store, args, [args.site] if args.site else sites)
    finally:
        store.close()
    return 0


def _export(store: Store, args: argparse.Namespace, sites: list[str]) -> None:
    from detector.core.printable import printable
    from detector.warehouse.export import export
    from detector.warehouse.target import ExportError

    with command_errors(ExportError):
        target = _open(args)
        try:
            span = {"since": args.since, "until": args.until}
            for done in export(store, target, sites=sites, again=args.again, **span):
                print(printable(_told(done), keep="\n"), flush=True)
        finally:
            target.close()


def _open(args: argparse.Namespace) -> Target:
    if args.to == "parquet":
        from detector.warehouse.parquet import ParquetFolder

        return ParquetFolder(args.into)
    from detector.warehouse.clickhouse import ClickHouse
    from detector.warehouse.clickhouse_server import connect

    password = _password(args.password_file)
    client, name = connect(args.into, password)
    return ClickHouse(client, name, password)


def _password(file: str | None) -> str:
    import os
    from pathlib import Path

    from detector.warehouse.clickhouse_server import PASSWORD

    if file is None:
        return os.environ.get(PASSWORD, "")
    try:
        return Path(file).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise CommandError(f"--password-file: {file} cannot be read: {reason}") from None


def _told(done: SiteExport) -> str:
    """Return what was done for one site, as a line and one more for each kind of days kept."""
    from detector.warehouse.days import Decision
    from detector.warehouse.schema import date_of

    def span(days: list[int]) -> str:
        first, last = date_of(days[0]), date_of(days[-1])
        return str(first) if first == last else f"{first} to {last}"

    def several(days: list[int]) -> str:
        return f"{len(days):,} {'day' if len(days) == 1 else 'days'}"

    written, same = done.days[Decision.WRITE], done.days[Decision.SAME]
    lines = [f"{done.site}: {several(written)} written"]
    if written:
        lines[0] += f", {span(written)}, {done.rows:,} rows"
    if same:
        lines[0] += f"; {len(same):,} unchanged"
    lines[0] += f"; complete up to {date_of(done.until - 24)}"
    for one in (Decision.JOINED, Decision.JOINING, Decision.EMPTIED):
        if days := done.days[one]:
            lines.append(f"{done.site}: {several(days)} {one.value} ({span(days)})")
    return "\n".join(lines)


def _day(text: str) -> int:
    """Return the first hour of a day, since 1970."""
    import time

    from detector.analytics.whole import moment_of

    try:
        hour = moment_of(text, time.time()) // 3600
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return hour - hour % 24
