"""`detector lint PATH|URL …`: names in files that filter lists hide or block."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from detector.cli.errors import CommandError, command_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detector.filter_lists.fetch import Source
    from detector.filter_lists.unread import Unread
    from detector.lint.files import Content
    from detector.lint.findings import Finding

HELP = "find names in files that filter lists hide or block"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "paths", nargs="+", metavar="PATH_OR_URL", help="a file, a folder, or a page's address"
    )
    parser.add_argument(
        "--filter-list",
        action="append",
        default=[],
        metavar="FILE_OR_URL",
        help="a list to check against, any number of times (those of the installed uBlock Origin)",
    )
    parser.add_argument(
        "--format", choices=("text", "json", "sarif"), default="text", help="output (%(default)s)"
    )
    parser.add_argument("--out", metavar="FILE", help="where to write it (the screen)")
    parser.add_argument("--baseline", metavar="FILE", help="known findings, which do not fail")
    parser.add_argument(
        "--write-baseline", metavar="FILE", help="write the findings there as known, and succeed"
    )
    parser.add_argument(
        "--fix-suggestions", action="store_true", help="add names that no list acts on"
    )
    parser.add_argument(
        "--site", default="https://news.example/", metavar="URL", help="the address files are under"
    )
    parser.add_argument(
        "--jobs", type=int, default=0, metavar="N", help="processes (one for each processor)"
    )


def run(args: argparse.Namespace) -> int:
    """Lint: 0 when nothing new was found but notes, else 1."""
    from collections import Counter

    from detector.filter_lists.fetch import ListError
    from detector.filter_lists.unread import unread
    from detector.lint import baseline
    from detector.lint.files import LintError

    if args.baseline and args.write_baseline:
        raise CommandError("--baseline and --write-baseline do not go together: leave one out")
    if args.jobs < 0:
        raise CommandError(f"--jobs: {args.jobs} is not a number of processes; use 0 or more")
    with command_errors(ListError, LintError):
        known = baseline.load(Path(args.baseline)) if args.baseline else None
        files, found, sources = _lint(args)
        skipped = unread(one.lines for one in sources)
        if known is not None:
            baseline.check_files(known, (file.name for file in files))
        new, old, gone = baseline.split(found, known or Counter())
        if args.write_baseline:
            _write("--write-baseline", args.write_baseline, baseline.dump(found))
    _show(args, files, sources, skipped, new, old)
    for file, kind, name in gone:
        _say(f"{file}: {name} ({kind}) is gone; write the baseline again")
    failing = [finding for finding in new if finding.level != "note"]
    return 1 if failing and not args.write_baseline else 0


def _lint(args: argparse.Namespace) -> tuple[list[Content], list[Finding], list[Source]]:
    from urllib.parse import urlsplit

    from detector.filter_lists.explain import Explainer
    from detector.lint.findings import Judge, contents, findings
    from detector.lint.lists import sources
    from detector.lint.pages import fetch
    from detector.lint.suggest import suggest

    if urlsplit(args.site).scheme not in ("http", "https") or not urlsplit(args.site).hostname:
        raise CommandError(f"--site: {args.site!r} is not an address: write https://news.example/")
    pages = [path for path in args.paths if "://" in path]
    files = list(contents([path for path in args.paths if "://" not in path], args.jobs))
    files += map(fetch, pages)
    for file in files:
        if file.note:
            _say(f"{file.name}: {file.note}")
    lists = sources(args.filter_list)
    judge = Judge(Explainer(lists), args.site)
    better = (lambda text, kind: suggest(judge, text, kind)) if args.fix_suggestions else None
    return files, list(findings(files, judge, better)), lists


def _show(
    args: argparse.Namespace,
    files: Sequence[Content],
    sources: Sequence[Source],
    skipped: Unread,
    new: Sequence[Finding],
    old: Sequence[Finding],
) -> None:
    from detector.core.printable import printable
    from detector.lint import report, sarif

    if args.format == "sarif":
        text = sarif.dump(new, old, str(skipped))
    elif args.format == "json":
        lists = {one.label: one.name for one in sources}
        text = report.as_json(len(files), lists, new, old, skipped) + "\n"
    else:
        text = "".join(f"{line}\n" for line in report.lines(new))
    if args.out:
        _write("--out", args.out, text)
    else:
        sys.stdout.write(printable(text, keep="\n"))
        sys.stdout.flush()
    if skipped.count:
        _say(str(skipped))
    _say(report.summary(len(files), new, len(old)))


def _say(text: str) -> None:
    from detector.core.printable import printable

    print(f"detector lint: {printable(text)}", file=sys.stderr)


def _write(option: str, file: str, text: str) -> None:
    try:
        Path(file).write_text(text, "utf-8")
    except OSError as error:
        raise CommandError(f"{option}: {file} cannot be written ({error.strerror})") from None
