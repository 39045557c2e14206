"""Visits one page under one running blocker, as a fresh visitor in a window of 1280 by 800.

In order: the load event, waiting at most `patience` seconds; then quiet, which is `QUIET` seconds
without a request in progress, waiting at most `SETTLE` seconds, because some pages never are quiet;
then, if our detector's tag is in the page, its verdict and, if that requires one, its notice. If a
notice is due only at a later blocked view, the detector is sent further views to trigger it. A
verdict of `clear` may be revised at the end of a view, so the page is sent one at the very end.

Then the picture is taken, and the usable controls of the page are read. Controls covered by our own
notice count as usable: that is the owner's choice. The layout shift is the browser's if it measures
one (Chromium), else the sum that shift.js keeps from the start of the page.

Faults of a page are never raised: its visit has an `error`, or a note.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from detector.audit.load_errors import BrowserDied, explain, is_gone
from detector.audit.model import PageVisit
from detector.audit.page_events import PageEvents
from detector.audit.script import asked, evaluate, fill, measuring, reading
from detector.audit.verdict_probe import VerdictProbe
from detector.audit.visit_settings import QUIET, SETTLE, SUFFIX, WINDOW, picture_path
from detector.audit.visitor import Visitor, for_engine
from detector.doctor.reach import origin
from detector.testing.blockers.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

_POLL = 40


def _is_of(site: tuple[str, str, int], url: str) -> bool:
    return origin(url) == site


class PageVisitor(Protocol):
    """An object that visits pages: `PlaywrightVisitor`, or the one that Selenium drives."""

    def visit(self, url: str) -> PageVisit:
        """Visit a page."""


def visitor_for(running: Running, folder: Path, **options: Any) -> PageVisitor:
    """Return the visitor for a blocker; options as for `PlaywrightVisitor`."""
    if running.blocker.driver == "selenium":
        from detector.audit.selenium_visit import SeleniumVisitor

        return SeleniumVisitor(running, folder, **options)
    return PlaywrightVisitor(running, folder, **options)


class PlaywrightVisitor:
    """Visits pages under one blocker; `folder` is the report's, for the pictures."""

    def __init__(
        self,
        running: Running,
        folder: Path,
        *,
        agent_suffix: str = SUFFIX,
        ignore_certificate_errors: bool = False,
        patience: float = 10,
        screenshots: bool = True,
        visitor: Visitor | None = None,
        name: str = "",
    ) -> None:
        """`name` is that of the run in the report, by default the blocker's."""
        self._running = running
        self._folder = folder
        self._patience = patience
        self._screenshots = screenshots
        self._suffix = agent_suffix
        self._visitor = visitor or Visitor()
        self._name = name or running.blocker.name
        own = for_engine(self._visitor.context, running.blocker.engine)
        self._options: dict[str, Any] = {"viewport": WINDOW, **own}
        if ignore_certificate_errors:
            self._options["ignore_https_errors"] = True
        self._agent = ""

    def visit(self, url: str) -> PageVisit:
        """Visit a page; raise `BrowserDied` if the browser is gone, else return a visit always."""
        from playwright.sync_api import Error

        blocker = self._running.blocker
        visit = PageVisit(url, self._name, expected=blocker.expected_state)
        try:
            with self._page() as page:
                if self._visitor.headers:
                    page.context.route(partial(_is_of, origin(url)), self._send_headers)
                began = time.monotonic()
                try:
                    self._visit(page, visit)
                finally:
                    visit.seconds = round(time.monotonic() - began, 2)
        except Error as error:
            self._raise_if_dead(error.message)
            visit.error = visit.error or explain(error.message)
        # Playwright's own process has ended, for which it has no exception class.
        except Exception as error:
            if not is_gone(str(error)):
                raise
            raise BrowserDied(f"the browser ended while it was used: {blocker.label}") from None
        return visit

    @contextmanager
    def _page(self) -> Iterator[Page]:
        from playwright.sync_api import Error

        context = self._running.new_context(**self._context_options())
        try:
            context.add_init_script(f"({measuring()})()")
            yield context.new_page()
        finally:
            with suppress(Error):
                context.close()

    def _context_options(self) -> dict[str, Any]:
        if self._suffix and not self._agent:
            context = self._running.new_context(**self._options)
            try:
                agent: str = context.new_page().evaluate("() => navigator.userAgent")
            finally:
                context.close()
            self._agent = agent + self._suffix
        return {**self._options, "user_agent": self._agent} if self._agent else self._options

    def _raise_if_dead(self, message: str) -> None:
        """Check whether only a page or its browser went away, by opening another page."""
        from playwright.sync_api import Error

        if not is_gone(message):
            return
        try:
            with self._page() as page:
                page.evaluate("() => 1")
        except Error:
            name = self._running.blocker.label
            raise BrowserDied(f"the browser ended while it was used: {name}") from None

    def _visit(self, page: Page, visit: PageVisit) -> None:
        heard = PageEvents(page, self._running)
        try:
            self._load(page, visit, heard)
            if not visit.error and self._visitor.before:
                self._prepare(page, visit, heard)
            if not visit.error:
                self._read(page, visit, heard)
        finally:
            visit.console = heard.console
            visit.failed = heard.failures(visit.prefix)
            visit.dialogs = heard.dialogs
            visit.downloads = heard.downloads
            if heard.crashed:
                visit.error = "the page crashed"
            elif heard.downloads and visit.error:
                visit.error = f"is a download ({heard.downloads[0]}), not a page"

    def _load(self, page: Page, visit: PageVisit, heard: PageEvents) -> None:
        from playwright.sync_api import Error, TimeoutError

        try:
            page.goto(visit.url, wait_until="load", timeout=self._patience * 1000)
        except TimeoutError:
            if heard.answer is None:
                visit.error = f"did not answer within {self._patience:g} s"
                return
            visit.notes.append(f"was not fully loaded after {self._patience:g} s")
            return
        except Error as error:
            if is_gone(error.message):
                raise
            visit.error = explain(error.message)
            return
        if not self._settles(page, heard):
            visit.notes.append("is never quiet: requests continue after it was loaded")

    def _settles(self, page: Page, heard: PageEvents) -> bool:
        """Wait until no request is in progress; False if that takes too long."""
        deadline = time.monotonic() + SETTLE
        while not heard.is_quiet(QUIET):
            if time.monotonic() > deadline:
                return False
            page.wait_for_timeout(_POLL)
        return True

    def _prepare(self, page: Page, visit: PageVisit, heard: PageEvents) -> None:
        """Call the user's function; what it raises is the visit's error."""
        assert self._visitor.before is not None
        page.set_default_timeout(self._patience * 1000)
        try:
            self._visitor.before(page)
        except (Exception, SystemExit) as error:
            if is_gone(str(error)):
                raise
            said = str(error).strip().split("\n")[0]
            visit.error = f"--before {self._visitor.before_name}: {type(error).__name__}: {said}"
            return
        self._settles(page, heard)

    def _send_headers(self, route: Route) -> None:
        from playwright.sync_api import Error

        with suppress(Error):  # the page may be closed by now
            route.fallback(headers={**route.request.headers, **self._visitor.headers})

    def _read(self, page: Page, visit: PageVisit, heard: PageEvents) -> None:
        visit.status = heard.answer.status if heard.answer else None
        visit.final_url = page.url
        if not self._lets_in(page):
            visit.error = (
                f"keeps the browser so busy that nothing else ran for {self._patience:g} s"
            )
            return
        asking = VerdictProbe(page, heard, self._patience)
        asking.ask(visit)
        heard.hears = False
        if self._screenshots:
            self._picture(page, visit)
        fill(visit, evaluate(page, reading(), asked(visit.prefix)))
        visit.requests = heard.requests(visit.prefix)
        asking.end(visit)

    def _lets_in(self, page: Page) -> bool:
        """Whether a script can run in the page: later ones would wait forever."""
        from playwright.sync_api import TimeoutError

        try:
            page.wait_for_function("() => true", timeout=self._patience * 1000)
        except TimeoutError:
            return False
        return True

    def _picture(self, page: Page, visit: PageVisit) -> None:
        from playwright.sync_api import Error

        path = picture_path(self._folder, visit)
        try:
            # A notice that fades in is shown in its final state.
            page.screenshot(path=path, timeout=self._patience * 1000, animations="disabled")
        except Error as error:
            if is_gone(error.message):
                raise
            visit.notes.append("no picture could be taken of it")
        else:
            visit.picture = path.relative_to(self._folder).as_posix()
