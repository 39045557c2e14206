"""`detector annotate`: notes in a store what happened when, for whoever reads the dashboard."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from detector.cli.arguments import add_json
from detector.cli.design import add_time_zone, days_of
from detector.cli.errors import CommandError, command_errors

if TYPE_CHECKING:
    from datetime import tzinfo

    from detector.core.counting.annotations import Annotation
    from detector.core.counting.store import Store

HELP = "note in a store what happened when, such as a new cookie banner"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("text", nargs="?", help="what happened, in at most 200 characters")
    parser.add_argument(
        "--db", required=True, metavar="URL", help="the file or URL of the site's option store"
    )
    parser.add_argument("--site", metavar="NAME", help="the site that it concerns (all)")
    parser.add_argument("--at", metavar="WHEN", help="2026-01-31 or 2026-01-31T10:00 (now)")
    add_time_zone(parser)
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--list", action="store_true", help="print what is noted, with its names")
    other.add_argument("--remove", metavar="NAME", help="remove one, by the name that --list has")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Add, list or remove annotations."""
    from detector.core.counting.annotations import Annotated
    from detector.core.counting.store_url import open_store
    from detector.core.errors import StoreError

    if (args.text is not None) + args.list + (args.remove is not None) != 1:
        raise CommandError('write a text, such as "New cookie banner", or --list, or --remove NAME')
    if not args.list and args.json:
        raise CommandError("--json: it belongs to --list")
    removes = args.remove is not None
    if (args.text is None and args.at is not None) or (removes and args.site):
        raise CommandError("--at and --site: they belong to a text, --site also to --list")
    with command_errors(StoreError, ValueError, option="--db"):
        # Only a site creates a store: a mistyped name would become an empty one.
        store = open_store(args.db, readonly=True)
        try:
            sites = store.sites()
        finally:
            store.close()
    if args.site and args.site not in sites:
        raise CommandError(
            f"--site: no counts of {args.site!r}; there are: {', '.join(sites) or 'none'}"
        )
    with command_errors(StoreError, option="--db"):
        store = open_store(args.db, readonly=args.list)
        try:
            assert isinstance(store, Annotated)
            _remove(store, args.remove) if args.remove is not None else _print_or_add(store, args)
        finally:
            store.close()
    return 0


def _print_or_add(store: Store, args: argparse.Namespace) -> None:
    import time

    from detector.core.counting import annotations as notes
    from detector.core.printable import printable

    assert isinstance(store, notes.Annotated)
    days = days_of(args.time_zone)
    if args.list:
        found = notes.within(store, args.site, 0, 2**62)
        text = _json(found) if args.json else _table(found, days.zone)
        print(text if args.json else printable(text, keep="\n"), end="")
        return
    now = time.time()
    with command_errors(ValueError):
        at = int(now) if args.at is None else _moment(args.at, days.zone)
        one = notes.checked(args.text, at, args.site or "", now)
        notes.add(store, one, now)
    print(f"Noted as {one.name}, at {_time(one, days.zone)}.")


def _remove(store: object, name: str) -> None:
    from detector.core.counting.annotations import Annotated

    assert isinstance(store, Annotated)
    if name not in {one.name for one in store.annotations()}:
        raise CommandError(f"--remove: there is no annotation {name!r}; see --list")
    store.remove_annotations([name])


def _table(found: list[Annotation], zone: tzinfo) -> str:
    lines = (
        f"{one.name}  {_time(one, zone)}  {one.site or 'all sites'}: {one.words}\n" for one in found
    )
    return "".join(lines) or "No annotations.\n"


def _json(found: list[Annotation]) -> str:
    import json

    return json.dumps([one.as_dict() for one in found], indent=2) + "\n"


def _time(one: Annotation, zone: tzinfo) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(one.at, zone).strftime("%Y-%m-%d %H:%M %Z")


def _moment(text: str, zone: tzinfo) -> int:
    from datetime import datetime

    try:
        at = datetime.fromisoformat(text)
        return int((at if at.tzinfo else at.replace(tzinfo=zone)).timestamp())
    except (ValueError, OverflowError):
        raise CommandError(
            f"--at: {text!r} is no time: write 2026-01-31 or 2026-01-31T10:00"
        ) from None
