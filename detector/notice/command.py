"""The commands `detector notice check`, `link` and `preview`."""

from __future__ import annotations

import argparse
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from detector.notice.preview import command as preview
from detector.terminal import printable

if TYPE_CHECKING:
    from detector.config import Config

LINK = "print a signed address under which anybody sees a page with the notice, uncounted"
HELP = "say what filter lists, search engines and readers will not put up with in the notice"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands of `detector notice`."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help=HELP, description=f"{HELP}; 1 on any error.")
    check.add_argument("--file", metavar="FILE", help="a TOML file of options (DETECTOR_CONFIG)")
    where = "filter lists: files, or addresses that are asked for as they stand"
    check.add_argument("--lists", nargs="+", action="extend", metavar="LIST", help=where)
    check.add_argument("--json", action="store_true", help="print JSON instead of lines")
    check.set_defaults(command="notice check")
    link = commands.add_parser("link", help=LINK, description=f"{LINK}, for a week.")
    link.add_argument("url", help="address of the page")
    link.add_argument("--mode", default="corner", help="a mode, or explain (%(default)s)")
    link.add_argument("--kind", default="extension", help="what stops ads (%(default)s)")
    link.add_argument("--file", metavar="FILE", help="a TOML file of options (DETECTOR_CONFIG)")
    link.set_defaults(command="notice link")
    preview.add(commands)


def run(args: argparse.Namespace) -> int:
    """Run one of the commands; `check` gives 1 on any error. Raises ConfigError and ListError."""
    if args.command == "notice link":
        return _link(args)
    from detector.sources import gather

    stand_in = {"secret": secrets.token_hex()}
    options = {"config": args.file} if args.file else {}
    config = gather(options, fallback=stand_in, fallback_title="not set").config
    return preview.run(args, config) if args.command == "notice preview" else _check(args, config)


def _link(args: argparse.Namespace) -> int:
    """Print a signed address; ConfigError where the secret is not set or the address is none."""
    from detector.config import ConfigError
    from detector.site import Site
    from detector.sources import gather

    config = gather({"config": args.file} if args.file else {}).config
    try:
        link = Site(replace(config, store="")).simulate_link(args.url, args.mode, args.kind)
        print(printable(link))
    except ValueError as error:
        raise ConfigError(str(error)) from None
    return 0


def _check(args: argparse.Namespace, config: Config) -> int:
    from detector.notice import printed
    from detector.notice.check import findings
    from detector.notice.finding import failed

    found = findings(config)
    held: list[Any] = []
    if args.lists:
        from detector.notice import listed

        held = listed.hold(config, args.lists)
        found += listed.findings(held)
    text = (printed.document if args.json else printed.text)(config, found, held)
    print(printable(text, keep="\n"))
    return 1 if failed(found) else 0
