"""The command `detector`: the table of its subcommands, and what all of them have in common."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

from detector import __version__
from detector.cli.errors import CommandError


class Command(NamedTuple):
    """A subcommand: the module with its HELP, add and run, and the extra that it cannot do without.

    `add(parser)` adds the arguments; `run(args)` returns the exit status, or raises CommandError.
    """

    module: str
    extra: str = ""


COMMANDS = {
    "stats": Command("detector.cli.stats"),
    "export": Command("detector.cli.export"),
    "annotate": Command("detector.cli.annotate"),
    "baits": Command("detector.cli.baits"),
    "lint": Command("detector.cli.lint"),
    "lists": Command("detector.cli.lists"),
    "notice": Command("detector.cli.notice"),
    "config": Command("detector.cli.config"),
    "serve": Command("detector.cli.serve", "serve"),
    "dashboard": Command("detector.cli.dashboard", "dashboard"),
    "watch": Command("detector.cli.watch"),
    "mail": Command("detector.cli.mail", "mail"),
    "doctor": Command("detector.cli.doctor"),
    "blockers": Command("detector.cli.blockers", "qa"),
    "audit": Command("detector.cli.audit", "qa"),
    "demo": Command("detector.cli.demo", "demo"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status; 2 comes with a message on stderr."""
    args = make_parser().parse_args(argv)
    try:
        status = int(args.run(args))
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # The reader has enough (`detector stats | head`); Python's own flush at exit must not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except CommandError as error:
        return _failed(args.command, str(error))
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        extra = COMMANDS[args.command.partition(" ")[0]].extra
        if not extra or missing in ("", "detector"):
            raise
        fix = f"pip install 'adblock-detector[{extra}]'"
        return _failed(args.command, f"this command needs {missing}: {fix}")


def make_parser() -> argparse.ArgumentParser:
    """Return the parser with all subcommands, which imports none of what they need to run."""
    parser = argparse.ArgumentParser(prog="detector", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        module = import_module(command.module)
        subparser = commands.add_parser(name, help=module.HELP)
        module.add(subparser)
        subparser.set_defaults(run=module.run)
    return parser


_DESCRIPTION = "Tells a Python site which page views have their ads blocked, and asks politely."


def _failed(command: str, message: str) -> int:
    from detector.core.printable import printable

    print(f"detector {command}: {printable(message)}", file=sys.stderr)
    return 2
