"""How many views of each state are lost when pages are left early, in real browsers.

A view is lost if its bootstrap was answered and no report of its verdict came. A blocked share is
right if as many blocked views are lost as clear ones.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bench.apps import SECRET
from bench.table import BenchError, Row
from detector.core.site import Site
from detector.demo.app import create_app
from detector.testing.blockers import BlockerError, BrowserMissing, Options, Running, start
from detector.testing.driver import guard_driver
from detector.testing.internet import Internet
from detector.testing.messages import Answer

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

HOST = "bench.example"
OTHER = "other.example"
# Seconds after its start at which a page is left, and by which each answer of the site is delayed.
# Visits of each blocker, way and time.
LOADS = 6
AFTER = (0.3, 1.0, 3.0)
DELAY = 0.03
# So long a report may take, in seconds; pages behind another tab are ended after it.
PATIENCE = 2.0
# The blockers in Chromium act by an engine that Playwright's routes ask: an emulation.
BLOCKERS = {
    "none": "clear, Chromium",
    "easylist": "blocked, Chromium",
    "none-firefox": "clear, Firefox",
    "ublock-origin": "blocked, Firefox",
}
SINCE = "(ms) => performance.now() >= ms"
# Playwright has every tab visible; a page cannot tell this from a tab in front of it.
HIDE = """() => {
  Object.defineProperty(Document.prototype, "hidden", { get: () => true });
  Object.defineProperty(Document.prototype, "visibilityState", { get: () => "hidden" });
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""


def _navigate(page: Page) -> None:
    page.evaluate("(url) => void location.assign(url)", f"https://{OTHER}/")


def _close(page: Page) -> None:
    page.close(run_before_unload=True)


def _hide(page: Page) -> None:
    page.evaluate(HIDE)


def _kill(page: Page) -> None:
    """Kill the processes of the browser's pages, as the system does when memory runs out."""
    assert page.context.browser is not None
    session = page.context.browser.new_browser_cdp_session()
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        if process["type"] == "renderer":
            os.kill(int(process["id"]), signal.SIGKILL)
    session.detach()


WAYS: dict[str, Callable[[Page], None]] = {
    "another page": _navigate,
    "tab closed": _close,
    "behind another tab (emulated), then ended": _hide,
    "process killed": _kill,
}


def run(quick: bool = False) -> list[Row]:
    """Leave pages in all ways at all times; return the lost views of each."""
    from playwright.sync_api import sync_playwright

    guard_driver()
    logging.getLogger("detector").setLevel(logging.ERROR)
    rows = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Internet() as net,
        sync_playwright() as playwright,
    ):
        store = str(Path(folder) / "bench.sqlite")
        app = create_app(secret=SECRET, db=store, treat_bots_as_people=True)
        site: Site = app.extensions["detector"]
        net.site(HOST, app)
        net.answer(OTHER, lambda request: Answer("other", "text/plain"))
        net.slow(HOST, DELAY)
        try:
            for blocker, name in BLOCKERS.items():
                rows += _of(Visits(net, site), playwright, blocker, name, 1 if quick else LOADS)
        except (BrowserMissing, BlockerError) as error:
            raise BenchError(str(error)) from None
        finally:
            site.close()
    return rows


def _of(visits: Visits, playwright: Playwright, blocker: str, name: str, loads: int) -> list[Row]:
    rows = []
    views: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    with start(blocker, playwright, Options(net=visits.net, hide_automation=False)) as running:
        for way, leave in WAYS.items():
            if leave is _kill and "Firefox" in name:
                continue  # its pages share processes with the browser's own
            for after in AFTER:
                for _ in range(loads):
                    seen, reported = visits.one(running, leave, after)
                    views[way] += seen
                    lost[way] += max(0, seen - reported)
            note = f"{lost[way]} of {views[way]} views"
            rows.append(Row(f"{name}: {way}", 100 * lost[way] / max(1, views[way]), "%", note=note))
    return rows


class Visits:
    """Visits to the site, and what the site hears of them."""

    def __init__(self, net: Internet, site: Site) -> None:
        self.net = net
        self._prefix = f"/{site.names.prefix}/"
        self._report = self._prefix + site.names.report

    def one(self, running: Running, leave: Callable[[Page], None], after: float) -> tuple[int, int]:
        """Leave a page of a new visitor some seconds after its start; return views and reports."""
        page = running.new_page()
        context = page.context
        self.net.clear_log()
        page.goto(f"https://{HOST}/", wait_until="commit")
        page.wait_for_function(SINCE, arg=1000 * after)
        leave(page)
        with contextlib.suppress(TimeoutError):
            self.net.wait_for(lambda _: self._reports() > 0, PATIENCE)
        found = self._views(), self._reports()
        context.close()
        return found

    def _views(self) -> int:
        return sum(
            one.path.startswith(self._prefix) and ".json?v=" in one.path and one.status == 200
            for one in self.net.requests
        )

    def _reports(self) -> int:
        """Return the answered reports of a verdict: those of a notice come after it."""
        return min(1, sum(one.path == self._report for one in self.net.requests))
