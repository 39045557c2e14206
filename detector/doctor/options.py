"""The options of `detector doctor`; imports nothing that the examination needs."""

from __future__ import annotations

import argparse
import math


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options to the subcommand's parser."""
    parser.add_argument("url", metavar="URL", help="a page's public address")
    parser.add_argument(
        "--paths", nargs="+", default=[], metavar="PATH", help="further pages of the site"
    )
    parser.add_argument(
        "--lists",
        nargs="+",
        default=[],
        metavar="LIST",
        help="filter lists, files or addresses, to match the served names against (extra [baits])",
    )
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="seconds for each request (%(default)g)",
    )
    parser.add_argument(
        "--max-time",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="seconds for all requests together (%(default)g)",
    )
    parser.add_argument(
        "--follow",
        nargs="+",
        action="extend",
        type=_host,
        default=[],
        metavar="HOST",
        help="further hosts, or HOST:PORT, that may be requested; others are only reported",
    )
    parser.add_argument(
        "--insecure", action="store_true", help="accept any certificate, for sites under test"
    )
    parser.add_argument(
        "--user-agent",
        type=_agent,
        metavar="TEXT",
        help="sent with each request; a robot's gets no baits (default: a browser's)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= 600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time: use seconds, 0.1 to 600")
    return seconds


def _host(text: str) -> str:
    from detector.doctor.reach import host_and_port

    try:
        host_and_port(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a host: use HOST or HOST:PORT, without https://"
        ) from None
    return text


def _agent(text: str) -> str:
    if not text.isascii() or not text.isprintable() or not text.strip():
        raise argparse.ArgumentTypeError("a user agent is one line of printable ASCII characters")
    return text
