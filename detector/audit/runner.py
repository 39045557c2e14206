"""Visits every page of a site without a blocker, twice, then under each blocker, and compares.

If that finds something, the page is visited once more under the blocker: pages vary by themselves
now and then, and what is found only once is not due to a blocker.

One browser at a time, one page at a time. Pages that cannot be visited without a blocker are not
visited under one. Nothing that a browser, a blocker or a page does ends an audit: it is noted in
the report, and the audit continues. After an interrupt the report so far is returned, as `stopped`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.audit.causes import Causes
from detector.audit.compare import compare, compare_clean, lasting
from detector.audit.load_errors import BrowserDied
from detector.audit.model import PageVisit, Report, Under
from detector.audit.page_visit import PageVisitor, visitor_for
from detector.audit.visitor import Visitor, expired, keep_headers, named, on_devices
from detector.testing.blockers.model import Blocker, Options, UnknownBlocker
from detector.testing.blockers.registry import find
from detector.testing.blockers.running import Running
from detector.testing.blockers.start import start
from detector.testing.driver import guard_driver

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

CLEAN = {"chromium": "none", "firefox": "none-firefox", "webkit": "none-webkit"}
MOST_PAGES = 20

Crawl = Callable[[PageVisit], Iterable[str]]
OnLook = Callable[[PageVisit], object]
OnBlocker = Callable[[Under], object]
OnPage = Callable[[str, str], object]


def _nobody(*_: object) -> None:
    """Do nothing: the default callback."""


def audit(
    site: str,
    pages: Iterable[str] | Callable[[], Iterable[str]],
    blockers: Sequence[str],
    options: Options | None,
    folder: Path,
    *,
    on_visit: OnLook = _nobody,
    on_blocker: OnBlocker = _nobody,
    on_page: OnPage = _nobody,
    crawl: Crawl | None = None,
    max_pages: int = MOST_PAGES,
    playwright: Playwright | None = None,
    visitor: Visitor | None = None,
    devices: Mapping[str, Mapping[str, Any]] | None = None,
    **looking: Any,
) -> Report:
    """Audit a site and return the report, whose pictures are in `folder`.

    `pages` come first, and `crawl` yields more from each clean visit, up to `max_pages`.
    `on_blocker` is called with each blocker when it has started or failed to, and again if it dies;
    `on_page` with the address and the blocker that come next; `on_visit` with each visit in the
    report, with its problems. `visitor` is whom the site is visited as; with `devices`, context
    options by name, each blocker runs once on each, as `name (device)`. `looking` are further
    options of `PlaywrightVisitor`. Pass `playwright` if one is running already: a second one in the
    same thread fails. If the visitor has headers, `driver.keep_headers_on_site` must have been
    called before it was started; else VisitorError is raised.
    """
    report = Report(site, datetime.now(UTC).isoformat(timespec="seconds"))
    hear = (on_visit, on_blocker, on_page)
    visitors = on_devices(visitor or Visitor(), devices or {})
    run = _Audit(report, options or Options(), folder, hear, playwright, looking, visitors)
    guard_driver()
    if visitor and visitor.headers:
        keep_headers(running=playwright is not None)
    try:
        run.pages = list(dict.fromkeys(pages() if callable(pages) else pages))[:max_pages]
        run.everything(blockers, crawl, max_pages)
        report.notes += run.notes
    except KeyboardInterrupt:
        report.stopped = True
        # Each task that the interrupt cancelled would be logged with its traceback.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    return report


class _Audit:
    """One audit, with its pages and their visits without a blocker."""

    def __init__(
        self,
        report: Report,
        options: Options,
        folder: Path,
        hear: tuple[OnLook, OnBlocker, OnPage],
        playwright: Playwright | None,
        looking: dict[str, Any],
        visitors: Mapping[str, Visitor],
    ) -> None:
        self._visitors = visitors
        self.pages: list[str] = []
        self._report = report
        self._options = options
        self._folder = folder
        self._on_look, self._on_blocker, self._on_page = hear
        self._playwright = playwright
        self._looking = looking
        self._crawled = False
        self._causes = Causes(options)
        self._used: list[Blocker] = []
        # By the name of the clean run and the address; of two visits the first is in the report.
        self._clean: dict[tuple[str, str], list[PageVisit]] = {}

    @property
    def notes(self) -> list[str]:
        """Sentences on what the report lacks."""
        found = (self._causes.unread(self._used), self._causes.missing, self._signed_out())
        return [note for note in found if note]

    def _signed_out(self) -> str:
        """Return a sentence if the stored log-in leads to pages that ask for one; else ""."""
        if not any(one.signed_in for one in self._visitors.values()):
            return ""
        clean = (visits[0] for visits in self._clean.values())
        asks = [one.url for one in clean if one.asks_password or one.status in (401, 403)]
        return expired(asks)

    def everything(self, blockers: Sequence[str], crawl: Crawl | None, max_pages: int) -> None:
        """Visit all pages; engines in the order in which the blockers name them."""
        found = [one for name in dict.fromkeys(blockers) if (one := self._find(name))]
        self._used = found

        def clean_pass(running: Running, device: str) -> None:
            self._clean_pass(running, device, crawl, max_pages)

        for engine in dict.fromkeys(one.engine for one in found):
            clean = find(CLEAN[engine])
            for device in self._visitors:
                self._under(clean, "", device, clean_pass)
                for one in found:
                    if one.engine == engine and one.acts != "none":
                        self._blocked(one, named(clean.name, device), device)

    def _find(self, name: str) -> Blocker | None:
        try:
            return find(name, self._options)
        except UnknownBlocker as error:
            self._note(Under(name, name, missing=str(error)))
            return None

    def _note(self, under: Under) -> None:
        """Add a blocker to the report, replacing an earlier entry of it."""
        every = self._report.blockers
        names = [one.name for one in every]
        if under.name in names:
            every[names.index(under.name)] = under
        else:
            every.append(under)
        self._on_blocker(under)

    def _keep(self, visit: PageVisit) -> None:
        self._report.visits.append(visit)
        self._on_look(visit)

    def _under(
        self, blocker: Blocker, clean: str, device: str, visit: Callable[[Running, str], object]
    ) -> None:
        """Start a blocker, have pages visited under it, and note if it does not work."""
        under = Under(named(blocker.name, device), blocker.label, clean)
        stack = ExitStack()
        try:
            playwright = None
            if blocker.driver == "playwright":
                playwright = self._playwright or _playwright(stack)
            running = stack.enter_context(start(blocker.name, playwright, self._options))
            under = replace(under, label=running.blocker.label)
            self._note(under)
            visit(running, device)
        # Browsers, drivers and extensions fail in more ways than can be named.
        except Exception as error:
            self._note(replace(under, missing=_said(error)))
        finally:
            # What has died cannot be closed cleanly.
            with suppress(Exception):
                stack.close()

    def _clean_pass(
        self, running: Running, device: str, crawl: Crawl | None, max_pages: int
    ) -> None:
        """Visit each page twice; the first of these passes also finds the pages."""
        name = named(running.blocker.name, device)
        looker, again = self._lookers(running, device)
        crawl = None if self._crawled else crawl
        for url in self._growing():
            visit = self._visit(looker, url, name)
            visit.problems = compare_clean(visit)
            self._clean[name, url] = [visit]
            self._keep(visit)
            if visit.error:
                continue
            if crawl is not None:
                found = dict.fromkeys([*self.pages, *crawl(visit)])
                self.pages = list(found)[:max_pages]
            self._on_page(url, name)
            self._clean[name, url].append(again.visit(url))
        self._crawled = True

    def _growing(self) -> Iterator[str]:
        at = 0
        while at < len(self.pages):
            yield self.pages[at]
            at += 1

    def _blocked(self, blocker: Blocker, clean: str, device: str) -> None:
        """Visit the pages under a blocker, those that could be visited without one."""
        name = named(blocker.name, device)
        visits = {url: self._clean.get((clean, url), []) for url in self.pages}
        usable = {url: found for url, found in visits.items() if found and not found[0].error}
        if not usable:
            text = f"no page could be visited without a blocker ({clean}), to compare with"
            self._note(Under(name, blocker.label, clean, missing=text))
            return

        def visit(running: Running, device: str) -> None:
            looker, again = self._lookers(running, device)
            for url, found in usable.items():
                visit = self._visit(looker, url, name)
                visit.problems = compare(found[0], visit, *found[1:])
                try:
                    if visit.problems:
                        self._on_page(url, name)
                        other = again.visit(url)
                        if not other.error:
                            other.problems = compare(found[0], other, *found[1:])
                            visit.problems = lasting(visit.problems, other.problems)
                finally:
                    visit.names, visit.requests = [], []
                    self._causes.add(visit, blocker)
                    self._keep(visit)

        self._under(blocker, clean, device, visit)

    def _lookers(self, running: Running, device: str) -> tuple[PageVisitor, PageVisitor]:
        """Return the visitors for the report's visits, and for repeated ones without pictures."""
        name = named(running.blocker.name, device)
        first = {**self._looking, "visitor": self._visitors[device], "name": name}
        again = {**first, "screenshots": False}
        make = partial(visitor_for, running, self._folder)
        return make(**first), make(**again)

    def _visit(self, looker: PageVisitor, url: str, name: str) -> PageVisit:
        self._on_page(url, name)
        try:
            return looker.visit(url)
        except BrowserDied as error:
            self._keep(PageVisit(url, name, error=str(error)))
            raise


def _playwright(stack: ExitStack) -> Playwright:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise RuntimeError("playwright is missing: pip install 'adblock-detector[qa]'") from None
    return stack.enter_context(sync_playwright())


def _said(error: Exception) -> str:
    text = str(error).strip()
    return text or type(error).__name__
