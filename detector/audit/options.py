"""The options of `detector audit`; imports nothing that an audit needs."""

from __future__ import annotations

import argparse
from pathlib import Path

_MOST = 1000
_SWITCHES = {
    "--ignore-robots": "visit pages that robots.txt excludes, without its delay",
    "--ignore-certificate-errors": "accept any certificate, for sites under test",
    "--headed": "show the browsers",
    "--json": "print the report as JSON instead of a table",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options to the subcommand's parser."""
    add = parser.add_argument
    add("url", metavar="URL", help="where the site starts")
    names = "names separated by commas, or all that are ready (%(default)s)"
    add("--blockers", default="all", metavar="NAMES", help=names)
    paths = "visit these pages: one path or address per line"
    add("--paths", type=Path, metavar="FILE", help=paths)
    out = "folder of the report: empty, or an earlier one (%(default)s/)"
    add("--out", type=Path, default=Path("report"), metavar="DIR", help=out)
    most = "maximum number of pages to visit (10; with --paths all)"
    add("--max-pages", type=_count, metavar="N", help=most)
    lists = "filter list of the emulated blockers, any number of times"
    add("--filter-list", action="append", default=[], metavar="FILE_OR_URL", help=lists)
    extension = "a Manifest V3 extension for Chromium as a blocker: a folder or a zip"
    add("--blocker-extension", action="append", default=[], metavar="NAME=PATH", help=extension)
    for name, text in _SWITCHES.items():
        add(name, action="store_true", help=text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of pages: use 1 to {_MOST}")
    return int(text)
