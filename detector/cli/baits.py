"""`detector baits check` and `detector baits pick`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from detector.cli.arguments import add_json
from detector.cli.errors import CommandError, command_errors

if TYPE_CHECKING:
    from detector.filter_lists.matcher import Matcher

HELP = "check the baits, or pick new ones"
_SECRETS = [f"a secret of a sample site {number:06}" for number in range(200)]


def add(parser: argparse.ArgumentParser) -> None:
    """Add the commands `check` and `pick`."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    where = "filter list: a file, or an address that is asked for as it stands"
    brave = "Brave's first-party list, which acts in its standard mode too"

    check = commands.add_parser("check", help="say which baits live in filter lists")
    check.add_argument("lists", nargs="+", metavar="LIST", help=where)
    check.add_argument("--brave", metavar="LIST", help=brave)
    check.add_argument("--baits-file", default="", metavar="FILE", help="a pool of your own")
    check.add_argument(
        "--secret",
        default=os.environ.get("DETECTOR_SECRET", ""),
        metavar="TEXT",
        help="also check the names of the site with this secret (DETECTOR_SECRET)",
    )
    add_json(check)
    check.set_defaults(command="baits check")

    pick = commands.add_parser("pick", help="make a pool of baits from filter lists")
    pick.add_argument("lists", nargs="+", metavar="LIST", help=where)
    pick.add_argument("--brave", required=True, metavar="LIST", help=brave)
    pick.add_argument("--out", metavar="FILE", help="where to write it (the screen)")
    pick.set_defaults(command="baits pick")


def run(args: argparse.Namespace) -> int:
    """Check or pick baits."""
    from detector.core.baits.pool import PoolError
    from detector.core.errors import ConfigError
    from detector.filter_lists.fetch import ListError

    with command_errors(ListError, PoolError, ConfigError):
        return _pick(args) if args.command == "baits pick" else _check(args)


def _check(args: argparse.Namespace) -> int:
    """Check a pool against lists: 0, or 1 when blockers would be missed or names are blocked."""
    import json

    from detector.core.baits import pool
    from detector.core.config.loading import make_config
    from detector.core.printable import printable
    from detector.filter_lists.check import check
    from detector.filter_lists.table import table

    own = [make_config(secret=args.secret).secret] if args.secret else []
    baits = pool.load(args.baits_file)
    matcher, brave = _matcher(args)
    result = check(matcher, baits, own + _SECRETS, brave)
    text = json.dumps(result.as_dict(), indent=2) if args.json else table(result)
    print(printable(text, keep="\n"))
    sys.stdout.flush()
    for problem in result.problems:
        print(f"detector baits check: {printable(problem)}", file=sys.stderr)
    return 1 if result.problems else 0


def _pick(args: argparse.Namespace) -> int:
    """Make a pool and write it: 0, or 1 when the lists give too few."""
    from datetime import UTC, datetime

    from detector.core.baits.pool import shortage
    from detector.core.printable import printable
    from detector.filter_lists.check import check
    from detector.filter_lists.pick import dump, pick

    matcher, brave = _matcher(args)
    made = pick(matcher, brave, datetime.now(UTC).date().isoformat())
    if problems := shortage(made) or check(matcher, made, _SECRETS, brave).problems:
        reasons = printable("; ".join(problems))
        print(
            f"detector baits pick: these lists give no pool ({reasons}); "
            "name more lists that block ads, EasyList among them",
            file=sys.stderr,
        )
        return 1
    if args.out:
        _write(Path(args.out), dump(made))
        count = f"{len(made.requests)} requests and {len(made.elements)} elements"
        print(f"{args.out}: {count}; set the option baits_file (DETECTOR_BAITS_FILE) to it")
    else:
        print(dump(made), end="")
    return 0


def _matcher(args: argparse.Namespace) -> tuple[Matcher, str]:
    """Read the lists, and find Brave's among them: its label, or nothing."""
    from detector.filter_lists.fetch import read_all
    from detector.filter_lists.matcher import Matcher

    sources = read_all([*args.lists, *([args.brave] if args.brave else [])])
    label = next((source.label for source in sources if source.name == args.brave), "")
    return Matcher(sources), label


def _write(path: Path, text: str) -> None:
    """Put a file in place as a whole, so that a site that starts never reads half of it."""
    from contextlib import suppress

    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, "utf-8")
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise CommandError(f"--out: {path} cannot be written ({error.strerror})") from None
