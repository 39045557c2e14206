"""`detector demo`: the demo newspaper on this machine."""

from __future__ import annotations

import argparse

from detector.cli.arguments import add_address
from detector.cli.errors import command_errors

HELP = "serve a demo newspaper on this machine"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_address(parser, 8000)
    parser.add_argument("--db", metavar="FILE", help="file for the counts (the demo chooses one)")
    parser.add_argument(
        "--traffic", action="store_true", help="fill empty counts with an invented month of views"
    )
    parser.add_argument(
        "--dead-bait",
        default="",
        metavar="PATH",
        help="with --traffic: in the invented month, this bait of the pool dies on day 10",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl+C or SIGTERM."""
    from detector.demo import serve

    with command_errors(serve.DemoError):
        serve.run(
            host=args.host, port=args.port, db=args.db, traffic=args.traffic, dead=args.dead_bait
        )
    return 0
