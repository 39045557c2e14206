"""The command `detector audit URL`; imports nothing of what an audit needs until it runs.

The status is 0 when nothing broke, 1 when something did, and 2 when something could not be looked
at or the arguments are wrong.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from detector.core.printable import printable

if TYPE_CHECKING:
    from detector.audit.model import PageVisit, Report, Under
    from detector.audit.pages import Pages
    from detector.audit.table import Plain
    from detector.testing.blockers.model import Options


class AuditError(ValueError):
    """An audit cannot begin; the text says why and how to mend it."""


def run(args: argparse.Namespace) -> int:
    """Audit a site, write the report and give the status; raises one of `errors()`."""
    from detector.audit import folder, pages, table
    from detector.cli.blockers import options_of
    from detector.doctor.web import checked

    site = checked(args.url)
    args.extension = ""
    options = replace(options_of(args), headless=not args.headed)
    names = names_of(args.blockers, options)
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
        hearing = AuditProgress(shown, found, runs_of(names, options))
        report = _audited(args, site, names, options, found, hearing)
    finally:
        shown.close()
    folder.write(report, args.out)
    if args.json:
        print(printable(folder.as_json(report), keep="\n"), end="")
    shown.end(report, args.out / folder.INDEX)
    return report.status


def errors() -> tuple[type[Exception], ...]:
    """Return what `run` raises for people to read."""
    from detector.audit.folder import FolderError
    from detector.audit.pages import PagesError
    from detector.doctor.web import AddressError
    from detector.testing.blockers.model import BlockerError, UnknownBlocker

    return AuditError, AddressError, FolderError, PagesError, BlockerError, UnknownBlocker


def names_of(asked: str, options: Options) -> list[str]:
    """Return the blockers to run, those named even where they are not ready; raises `AuditError`.

    `all` are the ready ones, and those whose extension was named, but not what blocks nothing.
    """
    from detector.testing.blockers import find, ready

    for one in options.filter_lists:
        if "://" not in one and not Path(one).is_file():
            raise AuditError(f"--filter-list {one}: is not there; name a file, or an address")
    names = [name for part in asked.split(",") if (name := part.strip())]
    if not names:
        raise AuditError("--blockers: name one or more with commas, or all")
    if "all" in names:
        own = {*options.extensions, *(["ublock-origin"] if options.extension else [])}
        needs = [need for need in ready(options) if need.blocker.acts != "none"]
        usable = [one.blocker.name for one in needs if one.ready or one.blocker.name in own]
        if not usable:
            why = needs[0].missing
            raise AuditError(f"no blocker is ready here; `detector blockers` says why: {why}")
        names = [*usable, *(name for name in names if name != "all")]
    return [find(name, options).name for name in dict.fromkeys(names)]


def runs_of(names: list[str], options: Options) -> int:
    """Count how often each page is looked at: once for each engine, and under each blocker."""
    from detector.testing.blockers import find

    every = [find(name, options) for name in names]
    return len({one.engine for one in every}) + sum(one.acts != "none" for one in every)


class AuditProgress:
    """What hears of an audit: passes all on to a table, keeps pages apart in time."""

    def __init__(
        self,
        table: Plain,
        found: Pages,
        runs: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.table = table
        self._delay = found.delay
        self._runs = runs
        self._clock, self._sleep = clock, sleep
        self._last = float("-inf")
        self._seen: set[str] = set()
        table.expect(runs * (found.most if found.crawl else len(found.urls)))

    def page(self, url: str, blocker: str) -> None:
        """Wait as long as robots.txt asks for."""
        wait = self._last + self._delay - self._clock()
        if wait > 0:
            self._sleep(wait)
        self._last = self._clock()
        self.table.page(url, blocker)

    def look(self, look: PageVisit) -> None:
        """Pass a look on."""
        self._seen.add(look.url)
        self.table.look(look)

    def blocker(self, under: Under) -> None:
        """Pass a blocker on; by the first that blocks all pages are known."""
        if under.clean:
            self.table.expect(self._runs * len(self._seen))
        self.table.blocker(under)


def _audited(
    args: argparse.Namespace,
    site: str,
    names: list[str],
    options: Options,
    found: Pages,
    hearing: AuditProgress,
) -> Report:
    from detector.audit.model import PageVisit
    from detector.audit.runner import audit

    report = audit(
        *(site, found.urls, names, options, args.out),
        on_look=hearing.look,
        on_blocker=hearing.blocker,
        on_page=hearing.page,
        crawl=found.crawl,
        max_pages=found.most,
        ignore_certificate_errors=args.ignore_certificate_errors,
    )
    clean = next((one.name for one in report.blockers if not one.clean), "none")
    for url in found.barred:
        look = PageVisit(url, clean, error=_BARRED)
        report.looks.append(look)
        hearing.look(look)
    report.notes = found.notes
    return report


_BARRED = "robots.txt excludes it; --ignore-robots looks at it all the same"
