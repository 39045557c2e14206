"""`detector audit URL`: a site under every ad blocker; `detector audit compare OLD NEW`.

The status is 0 when nothing broke, 1 when something did, and 2 when something could not be looked
at or the arguments are wrong.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.cli.arguments import add_blocker_options
from detector.cli.errors import CommandError, command_errors

if TYPE_CHECKING:
    from detector.audit.baseline import Baseline
    from detector.audit.model import Report
    from detector.audit.pages import Pages
    from detector.audit.progress import AuditProgress
    from detector.audit.visitor import Visitor
    from detector.testing.blockers.model import Options

HELP = "visit a site under every ad blocker"
_MOST = 1000
_SWITCHES = {
    "--ignore-robots": "visit pages that robots.txt excludes, without its delay",
    "--ignore-certificate-errors": "take any certificate, for sites under test",
    "--headed": "show the browsers",
    "--json": "print the report as JSON instead of a table",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add = parser.add_argument
    add("url", metavar="URL", help="where the site starts; or the word compare")
    add("reports", nargs="*", type=Path, metavar="REPORT", help="two reports to compare: OLD NEW")
    names = "names with commas, or all that are ready (%(default)s)"
    add("--blockers", default="all", metavar="NAMES", help=names)
    paths = "visit these pages: one path or address a line"
    add("--paths", type=Path, metavar="FILE", help=paths)
    out = "folder of the report: empty, or an earlier one (%(default)s/)"
    add("--out", type=Path, default=Path("report"), metavar="DIR", help=out)
    known = "an earlier report.json: what it has too does not fail"
    add("--baseline", type=Path, metavar="FILE", help=known)
    most = "most pages to visit (10; of --paths all)"
    add("--max-pages", type=_count, metavar="N", help=most)
    badge = "also write the result as a small image in one line: FILE.svg"
    add("--badge", type=Path, metavar="FILE", help=badge)
    _add_visitor(add)
    add_blocker_options(parser)
    for name, text in _SWITCHES.items():
        add(name, action="store_true", help=text)


def _add_visitor(add: Callable[..., object]) -> None:
    """Add the options of whom the site is visited as."""
    stored = "cookies and storage of a log-in, as `playwright open --save-storage` writes them"
    add("--storage-state", type=Path, metavar="FILE", help=stored)
    device = "also on this device of Playwright's, as 'iPhone 15'; any number of times"
    add("--device", action="append", default=[], metavar="NAME", help=device)
    before = "a Python file with before(page), which is called on each page when it is loaded"
    add("--before", type=Path, metavar="FILE", help=before)
    add("--locale", metavar="TAG", help="language of the browser, as de-DE")
    header = "sent with requests to the site, not to other hosts, as 'Name: value'; repeatable"
    add("--header", action="append", default=[], metavar="HEADER", help=header)


def run(args: argparse.Namespace) -> int:
    """Audit a site, write the report and return the status."""
    from detector.audit.badge import BadgeError
    from detector.audit.baseline import BaselineError
    from detector.audit.folder import FolderError
    from detector.audit.pages import PagesError
    from detector.audit.visitor import VisitorError
    from detector.doctor.web import AddressError
    from detector.testing.blockers.model import BlockerError, UnknownBlocker

    with (
        command_errors(BaselineError, AddressError, FolderError, PagesError),
        command_errors(BadgeError, BlockerError, UnknownBlocker, VisitorError),
    ):
        if args.url == "compare":
            return _compare(args.reports)
        if args.reports:
            raise CommandError(f"one URL is audited at a time; leave {args.reports[0]} out")
        return _run(args)


def _compare(reports: list[Path]) -> int:
    """Print what is new, gone and known in the second of two reports: 1 if anything is new."""
    from detector.audit.baseline import compared, load
    from detector.core.printable import printable

    if len(reports) != 2:
        raise CommandError("compare: name two reports, the older one first: report.json or folders")
    lines, status = compared(*map(load, reports))
    print("\n".join(map(printable, lines)))
    return status


def _run(args: argparse.Namespace) -> int:
    from dataclasses import replace

    from detector.audit import badge, baseline, folder, pages, table
    from detector.audit.progress import AuditProgress
    from detector.cli.blockers import options_of
    from detector.core.printable import printable
    from detector.doctor.web import checked

    known = baseline.load(args.baseline) if args.baseline else None
    if args.badge:
        badge.check(args.badge)
    site = checked(args.url)
    visitor = _visitor(args)
    options = replace(options_of(args), headless=not args.headed)
    names = names_of(args.blockers, options)
    with ExitStack() as stack:
        visiting = {"visitor": visitor, **_devices(args, stack)}
        found = pages.find(
            site,
            paths=args.paths,
            most=args.max_pages,
            ignore_robots=args.ignore_robots,
            insecure=args.ignore_certificate_errors,
        )
        folder.prepare(args.out)
        shown = table.Silent(site, names) if args.json else table.table_for(site, names)
        try:
            runs = runs_of(names, options) * max(1, len(dict.fromkeys(args.device)))
            hearing = AuditProgress(shown, found, runs)
            report = _audited(args, site, names, options, found, hearing, known, visiting)
        finally:
            shown.close()
    try:
        if known:
            baseline.finish(report, known)
    finally:
        folder.write(report, args.out)
    if args.badge:
        badge.write(report, args.badge)
    if args.json:
        print(printable(folder.as_json(report), keep="\n"), end="")
    shown.end(report, args.out / folder.INDEX)
    return report.status


def _visitor(args: argparse.Namespace) -> Visitor:
    """Return whom the site is visited as; raises VisitorError."""
    from detector.audit.visitor import Visitor, before, headers, keep_headers, storage_state

    context: dict[str, Any] = {"locale": args.locale} if args.locale else {}
    if args.storage_state:
        context.update(storage_state(args.storage_state))
    function = before(args.before) if args.before else None
    if found := headers(args.header):
        keep_headers()
    return Visitor(context, found, function, str(args.before or ""))


def _devices(args: argparse.Namespace, stack: ExitStack) -> dict[str, Any]:
    """Return the named devices, and the running Playwright that knows them."""
    if not args.device:
        return {}
    from playwright.sync_api import sync_playwright

    from detector.audit.visitor import device
    from detector.testing.driver import guard_driver

    guard_driver()
    playwright = stack.enter_context(sync_playwright())
    known = {name: device(name, playwright.devices) for name in dict.fromkeys(args.device)}
    return {"playwright": playwright, "devices": known}


def names_of(asked: str, options: Options) -> list[str]:
    """Return the blockers to run, those named even where they are not ready; raises `CommandError`.

    `all` are the ready ones, and those whose extension was named, but not what blocks nothing.
    """
    from detector.testing.blockers import find, ready

    for one in options.filter_lists:
        if "://" not in one and not Path(one).is_file():
            raise CommandError(f"--filter-list {one}: is not there; name a file, or an address")
    names = [name for part in asked.split(",") if (name := part.strip())]
    if not names:
        raise CommandError("--blockers: name one or more with commas, or all")
    if "all" in names:
        own = {*options.extensions, *(["ublock-origin"] if options.extension else [])}
        needs = [need for need in ready(options) if need.blocker.acts != "none"]
        usable = [one.blocker.name for one in needs if one.ready or one.blocker.name in own]
        if not usable:
            why = needs[0].missing
            raise CommandError(f"no blocker is ready here; `detector blockers` says why: {why}")
        names = [*usable, *(name for name in names if name != "all")]
    return [find(name, options).name for name in dict.fromkeys(names)]


def runs_of(names: list[str], options: Options) -> int:
    """Count how often each page is looked at: once for each engine, and under each blocker."""
    from detector.testing.blockers import find

    every = [find(name, options) for name in names]
    return len({one.engine for one in every}) + sum(one.acts != "none" for one in every)


def _audited(
    args: argparse.Namespace,
    site: str,
    names: list[str],
    options: Options,
    found: Pages,
    hearing: AuditProgress,
    known: Baseline | None,
    visiting: Mapping[str, Any],
) -> Report:
    from detector.audit.baseline import mark
    from detector.audit.model import PageVisit
    from detector.audit.runner import audit

    def visited(visit: PageVisit) -> None:
        if known:
            mark(visit, known)
        hearing.visit(visit)

    report = audit(
        *(site, found.urls, names, options, args.out),
        on_visit=visited,
        on_blocker=hearing.blocker,
        on_page=hearing.page,
        crawl=found.crawl,
        max_pages=found.most,
        ignore_certificate_errors=args.ignore_certificate_errors,
        **visiting,
    )
    clean = next((one.name for one in report.blockers if not one.clean), "none")
    for url in found.barred:
        visit = PageVisit(url, clean, error=_BARRED)
        report.visits.append(visit)
        hearing.visit(visit)
    report.notes = [*found.notes, *report.notes]
    return report


_BARRED = "robots.txt excludes it; --ignore-robots visits it all the same"


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of pages: use 1 to {_MOST}")
    return int(text)
