"""`detector watch`: 0 when all is well, 1 when there is an alarm, 2 when it could not work."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from detector.cli.arguments import add_json
from detector.cli.errors import CommandError, command_errors
from detector.cli.smtp import add_smtp, server_of

if TYPE_CHECKING:
    from detector.watch.alarm import Alarm
    from detector.watch.delivery import Delivery

HELP = "look for alarms in a site's counts, and deliver them"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--db", required=True, metavar="URL", help="the file or URL of the site's option store"
    )
    parser.add_argument("--site", metavar="NAME", help="one site of the store (all)")
    parser.add_argument(
        "--silent-hours", type=_hours, default=24, metavar="N",
        help="alarm when no report came for so many hours (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--baits-file", default="", metavar="FILE", help="a pool of your own, to see its age"
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--webhook", metavar="URL", help="post new alarms to it as JSON")
    way.add_argument("--mail", metavar="ADDRESS", help="mail new alarms")
    way.add_argument(
        "--exec", metavar="COMMAND", help="run it with new alarms as JSON on its input; no shell"
    )
    parser.add_argument(
        "--state", metavar="FILE", help="where it notes which alarms were delivered"
    )
    add_smtp(parser)
    add_json(parser, "lines")


def run(args: argparse.Namespace) -> int:
    """Look for alarms, and deliver the new ones."""
    from detector.core.errors import StoreError

    delivery = _delivery(args)
    if delivery and not args.state:
        raise CommandError(
            "--state is missing: name a file in which to note which alarms were delivered"
        )
    if args.state:
        return _with_state(args, delivery)
    with command_errors(StoreError, option="--db"):
        found = _examine(args, set())
    _print(found, found, args.json)
    return 1 if found else 0


def _with_state(args: argparse.Namespace, delivery: Delivery | None) -> int:
    import sys
    from pathlib import Path

    from detector.core.errors import StoreError
    from detector.core.printable import printable
    from detector.watch.alarm import Alarm
    from detector.watch.delivery import DeliveryError
    from detector.watch.told import StateError, Told, held

    path = Path(args.state)
    problems: list[str] = []
    with command_errors(StateError, option="--state"), held(path):
        state = Told(path)
        if state.damaged:
            problems.append(f"--state: {path} was damaged and starts anew: alarms are told again")
        try:
            found, sites = _examine(args, state.told), [args.site, ""] if args.site else None
        except StoreError as error:
            problems.append(f"--db: {error}")
            fix = "See whether its server is up: nothing else is known until it can be read."
            found, sites = [Alarm("store", "", f"The counts cannot be read: {error}.", fix)], []
        new = list(state.update(found, sites))
        try:
            if new and delivery:
                # What cannot be delivered now waits in the file for the next run.
                delivery.deliver(new)
            state.delivered(found)
        except DeliveryError as error:
            problems.append(f"not delivered, to be tried again by the next run: {error}")
        try:
            state.write()
        except StateError as error:
            problems.append(f"--state: {error}")
    _print(found, new, args.json)
    sys.stdout.flush()
    for problem in problems:
        print(f"detector watch: {printable(problem)}", file=sys.stderr)
    return 2 if problems else 1 if found else 0


def _examine(args: argparse.Namespace, told: set[str]) -> list[Alarm]:
    """Return the alarms that there are; StoreError when the store cannot be read."""
    import time

    from detector.core.baits.pool import PoolError, load
    from detector.core.counting.store_url import open_store
    from detector.watch.examine import examine

    with command_errors(PoolError, option="--baits-file"):
        pool = load(args.baits_file)
    with command_errors(ValueError, option="--db"):
        store = open_store(args.db, readonly=True)
    try:
        sites = store.sites()
        if args.site and args.site not in sites:
            raise CommandError(f"--site: the store has no {args.site!r}; it has {sites}")
        return examine(
            store, pool, time.time(), site=args.site, silent_hours=args.silent_hours, told=told
        )
    finally:
        store.close()


def _delivery(args: argparse.Namespace) -> Delivery | None:
    """Return the way of delivery that was asked for, None for none."""
    from detector.watch.command import Command
    from detector.watch.mail import Mail
    from detector.watch.webhook import Webhook

    if args.webhook is not None:
        with command_errors(ValueError, option="--webhook"):
            return Webhook(args.webhook)
    if args.exec is not None:
        with command_errors(ValueError, option="--exec"):
            return Command(args.exec)
    if args.mail is None:
        return None
    server = server_of(args)
    with command_errors(ValueError, option="--mail"):
        return Mail(args.mail, args.sender or "", server)


def _print(found: list[Alarm], new: list[Alarm], as_json: bool) -> None:
    import json
    from dataclasses import asdict

    from detector.core.printable import printable

    names = {one.name for one in new}
    if as_json:
        rows = [{**asdict(one), "new": one.name in names} for one in found]
        print(printable(json.dumps({"alarms": rows}, indent=2), keep="\n"))
        return
    for one in found:
        print(printable(one.line()) + ("" if one.name in names else " (delivered before)"))
    if not found:
        print("No alarm.")


def _hours(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 24 * 28:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of hours: use 1 to 672")
    return int(text)
