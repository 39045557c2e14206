"""`detector lists diff OLD NEW`: what a newer filter list does to a site and to the baits."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from detector.cli.arguments import add_json
from detector.cli.errors import CommandError, command_errors

if TYPE_CHECKING:
    from detector.lint.files import Content

HELP = "say what a newer filter list does to a site"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command `diff`."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    diff = commands.add_parser("diff", help="compare two versions of a list, for one site")
    for name, which in (("old", "older"), ("new", "newer")):
        text = f"the {which} list: a file, an address, or a folder of lists (*.txt)"
        diff.add_argument(name, metavar=name.upper(), help=text)
    report = "pages of an audit: its report.json, or the report's folder"
    diff.add_argument("--site", type=Path, metavar="FILE", help=report)
    files = "files of the site, as `detector lint` reads them; any number of times"
    diff.add_argument("--lint", action="append", default=[], metavar="PATH", help=files)
    address = "the address that files are under"
    diff.add_argument("--under", default="https://news.example/", metavar="URL", help=address)
    diff.add_argument("--baits-file", default="", metavar="FILE", help="a pool of your own")
    add_json(diff)
    diff.set_defaults(command="lists diff")


def run(args: argparse.Namespace) -> int:
    """Compare: 0 when nothing of the site is newly acted on and no bait dies, else 1."""
    from detector.core.baits.pool import PoolError
    from detector.filter_lists.fetch import ListError
    from detector.lint.files import LintError
    from detector.list_changes.site import ReportError

    with command_errors(ListError, PoolError, LintError, ReportError):
        return _diff(args)


def _diff(args: argparse.Namespace) -> int:
    from detector.core.baits import pool
    from detector.core.printable import printable
    from detector.filter_lists.explain import Explainer
    from detector.filter_lists.matcher import Matcher
    from detector.list_changes import report
    from detector.list_changes.baits import bait_changes
    from detector.list_changes.changes import Comparison
    from detector.list_changes.site import pages
    from detector.list_changes.sources import side

    if urlsplit(args.under).scheme not in ("http", "https"):
        raise CommandError(f"--under: {args.under!r} is not an address")
    baits = pool.load(args.baits_file)
    seen = pages(args.site) if args.site else []
    files = _files(args.lint)
    old, new = side(args.old), side(args.new)
    changes = Comparison(Explainer(old), Explainer(new)).of(seen, files, args.under, baits)
    ends = list(bait_changes(Matcher(old), Matcher(new), baits))
    if args.json:
        print(printable(report.as_json(old, new, changes, ends), keep="\n"))
    else:
        for line in report.lines(changes, ends):
            print(line)
    sys.stdout.flush()
    print(f"detector lists diff: {report.summary(changes, ends)}", file=sys.stderr)
    failing = changes.rules or any(one.fails for one in changes.new)
    return 1 if failing or any(one.change == "dies" for one in ends) else 0


def _files(paths: list[str]) -> list[Content]:
    from detector.lint.files import LintError
    from detector.lint.findings import contents

    files = list(contents(paths)) if paths else []
    if paths and not files:
        raise LintError(f"--lint {paths[0]}: has no file to read; name the folder of the site")
    return files
