"""What `detector doctor` takes; imports nothing else, since every command builds it."""

from __future__ import annotations

import argparse

# A robot's control answer is empty, so the doctor comes as a browser does; see detector/visitor.py.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_LONGEST = 600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("url", metavar="URL", help="public address of a page of the site")
    parser.add_argument(
        "--paths",
        nargs="+",
        action="extend",
        default=[],
        metavar="PATH",
        help="further pages: paths on the same host, such as /article/1",
    )
    parser.add_argument(
        "--lists",
        nargs="+",
        action="extend",
        default=[],
        metavar="LIST",
        help="filter lists that must not hit served names: files or addresses "
        "(needs adblock-detector[baits])",
    )
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=15.0,
        metavar="SECONDS",
        help="patience with each answer (%(default)g)",
    )
    parser.add_argument(
        "--insecure", action="store_true", help="take any certificate: for test sites only"
    )
    parser.add_argument(
        "--user-agent",
        type=_header,
        default=BROWSER,
        metavar="TEXT",
        help="come as another browser; a robot is given neither baits nor tags on private pages",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= _LONGEST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time: give seconds, more than 0 and at most {_LONGEST:g}"
        )
    return value


def _header(text: str) -> str:
    if not text.strip() or not text.isprintable() or not text.isascii():
        raise argparse.ArgumentTypeError(f"{text!r} cannot be a User-Agent: give printable ASCII")
    return text
