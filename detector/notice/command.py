"""The commands `detector notice check`, `link` and `preview`."""

from __future__ import annotations

import argparse
import json
import secrets
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from detector.notice.preview import command as preview

if TYPE_CHECKING:
    from detector.config import Config

LINK = "print a signed address under which anybody sees a page with the notice, uncounted"
HELP = "say what in the notice's own texts is missing, too long, or refused by policies"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands of `detector notice`."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help=HELP, description=f"{HELP}; 1 when anything is.")
    check.add_argument("--file", metavar="FILE", help="a TOML file of options (DETECTOR_CONFIG)")
    check.add_argument("--json", action="store_true", help="print JSON instead of lines")
    check.set_defaults(command="notice check")
    link = commands.add_parser("link", help=LINK, description=f"{LINK}, for a week.")
    link.add_argument("url", help="address of the page")
    link.add_argument("--mode", default="corner", help="a mode, or explain (%(default)s)")
    link.add_argument("--kind", default="extension", help="what stops ads (%(default)s)")
    link.add_argument("--file", metavar="FILE", help="a TOML file of options (DETECTOR_CONFIG)")
    link.set_defaults(command="notice link")
    preview.add(commands)


def _link(args: argparse.Namespace) -> int:
    """Print a signed address; ConfigError where the secret is not set or the address is none."""
    from detector.config import ConfigError
    from detector.site import Site
    from detector.sources import gather

    config = gather({"config": args.file} if args.file else {}).config
    try:
        print(Site(replace(config, store="")).simulate_link(args.url, args.mode, args.kind))
    except ValueError as error:
        raise ConfigError(str(error)) from None
    return 0


def run(args: argparse.Namespace) -> int:
    """Run one of the commands; `check` gives 1 when anything is to mend. Raises ConfigError."""
    if args.command == "notice link":
        return _link(args)
    from detector.sources import gather

    stand_in = {"secret": secrets.token_hex()}
    options = {"config": args.file} if args.file else {}
    config = gather(options, fallback=stand_in, fallback_title="not set").config
    return preview.run(args, config) if args.command == "notice preview" else _check(args, config)


def _check(args: argparse.Namespace, config: Config) -> int:
    """Print what is found; 1 when anything is, 0 when all is well."""
    from detector.notice.check import findings, unread

    found = findings(config)
    if args.json:
        print(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
        return 1 if found else 0
    for one in found:
        print(f"{one.where}: {one.what}; {one.mend}")
    for language in unread(config):
        print(f"note: texts in {language} are not read for promises; ask somebody who can")
    own = sum(map(len, (config.texts or {}).values()))
    if found:
        print(f"{len(found)} to mend")
    else:
        what = f"{own} texts of your own" if own else "no texts of your own"
        print(f"all is well: preset {config.preset}, {what}")
    return 1 if found else 0
