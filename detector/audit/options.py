"""The options of `detector audit`; imports nothing of what an audit needs."""

from __future__ import annotations

import argparse
from pathlib import Path

_MOST = 1000
_SWITCHES = {
    "--ignore-robots": "look at pages that robots.txt excludes, without its delay",
    "--ignore-certificate-errors": "take any certificate, for sites under test",
    "--headed": "show the browsers",
    "--json": "print the report as JSON instead of a table",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Add them to the subcommand's parser."""
    add = parser.add_argument
    add("url", metavar="URL", help="where the site starts")
    names = "names with commas, or all that are ready (%(default)s)"
    add("--blockers", default="all", metavar="NAMES", help=names)
    paths = "look at these pages: one path or address a line"
    add("--paths", type=Path, metavar="FILE", help=paths)
    out = "folder of the report: empty, or an earlier one (%(default)s/)"
    add("--out", type=Path, default=Path("report"), metavar="DIR", help=out)
    most = "most pages to look at (10; of --paths all)"
    add("--max-pages", type=_count, metavar="N", help=most)
    lists = "filter list of the emulated blockers, any number of times"
    add("--filter-list", action="append", default=[], metavar="FILE_OR_URL", help=lists)
    extension = "a Manifest V3 extension for Chromium as a blocker: a folder or a zip"
    add("--blocker-extension", action="append", default=[], metavar="NAME=PATH", help=extension)
    for name, text in _SWITCHES.items():
        add(name, action="store_true", help=text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of pages: give 1 to {_MOST}")
    return int(text)
