"""Arguments that several subcommands have."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detector.analytics.price import Price


def add_address(parser: argparse.ArgumentParser, default_port: int) -> None:
    """Add --host and --port of a server."""
    parser.add_argument("--host", default="127.0.0.1", help="address to serve at (%(default)s)")
    parser.add_argument(
        "--port", type=_port, default=default_port, help="port to serve at (%(default)s)"
    )


def add_json(parser: argparse.ArgumentParser, instead_of: str = "a table") -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help=f"print JSON instead of {instead_of}")


def add_price(parser: argparse.ArgumentParser) -> None:
    """Add --per-thousand, which is a `Price`."""
    parser.add_argument(
        "--per-thousand",
        type=_price,
        metavar="SUM",
        help="what a thousand views with ads bring, such as 4.50 or '4.50 EUR'",
    )


def add_options_file(parser: argparse.ArgumentParser) -> None:
    """Add --file, the TOML file of a site's options."""
    parser.add_argument("--file", metavar="FILE", help="a TOML file of options (DETECTOR_CONFIG)")


def add_blocker_options(parser: argparse.ArgumentParser) -> None:
    """Add --filter-list and --blocker-extension; see `blockers.options_of`."""
    parser.add_argument(
        "--filter-list",
        action="append",
        default=[],
        metavar="FILE_OR_URL",
        help="filter list of the emulated blockers, any number of times",
    )
    parser.add_argument(
        "--blocker-extension",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="a Manifest V3 extension for Chromium as a blocker: a folder or a zip",
    )


def _price(text: str) -> Price:
    from detector.analytics.price import Price

    try:
        return Price.read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: use a number from 0 to 65535")
    return int(text)
