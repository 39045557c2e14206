"""Core Web Vitals of pages with and without the detector, by the library web-vitals.

A clean browser has no notice, which is what most visitors see; `notice.py` measures the notice.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.rounds import interval
from bench.sending import HIDE
from bench.table import BenchError, Row
from bench.verdicts import SLOWDOWN
from bench.vitals_pages import LIMIT_HOST, PAGES, PLAIN_HOST, MeasuredPage
from detector.testing.blockers import BlockerError, BrowserMissing, Options, Running, start
from detector.testing.driver import guard_driver
from detector.testing.internet import Internet
from e2e.support.newspaper import HOST
from tests.support.root import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIBRARY = ROOT / "node_modules/web-vitals/dist/web-vitals.iife.js"
# Frames of ads have the script too. Browsers report no events below 16 ms; by default the library
# ignores those below 40 ms.
OBSERVE = """if (window === top) (() => {
%s
  const seen = window.vitals = {};
  const note = ({ name, value }) => { seen[name] = value; };
  for (const name of %s)
    webVitals["on" + name](note, { reportAllChanges: true, durationThreshold: 16 });
  document.addEventListener("ads:verdict", ({ detail }) => { seen.state = detail.state; });
  document.addEventListener("ads:notice", () => { seen.notice = true; });
})();"""
REACHED = "([state, notice]) => vitals.state === state && (!notice || vitals.notice)"
# What was observed is told in a task of its own.
FINAL = "() => new Promise((told) => setTimeout(() => told(vitals), 100))"
PATIENCE = 20_000


@dataclass(frozen=True)
class Metric:
    """A metric by the library's name, its unit, and how much more of it the detector may cause."""

    name: str
    unit: str
    at_most: float | None = None

    def text(self, value: float) -> str:
        """Return a value with its unit."""
        return f"{value:.1f} {self.unit}" if self.unit else f"{value:.3f}"


# The budget of LCP is a fiftieth of what is "good" (2.5 s); that of INP is a frame at 60 Hz, as
# browsers round to 8 ms, and a page paints by frames.
METRICS = (
    Metric("LCP", "ms", 50),
    Metric("CLS", "", 0),
    Metric("INP", "ms", 16),
    Metric("FCP", "ms"),
    Metric("TTFB", "ms"),
)
Found = Mapping[str, Any]
Pair = tuple[Found, Found]
"""Two neighbouring loads: with a script, without it."""


@dataclass(frozen=True)
class Loads:
    """How much is measured: pairs of loads, those before that fill the apps' caches, clicks, and
    the milliseconds for which a page is left alone.
    """

    pairs: int
    before: int
    clicks: int
    alone: int


def run(quick: bool = False, pages: Sequence[MeasuredPage] = PAGES) -> list[Row]:
    """Measure pages in Chromium, slowed, each load by a new visitor."""
    from playwright.sync_api import sync_playwright

    if not LIBRARY.exists():
        raise BenchError("web-vitals is missing: run scripts/npm-packages")
    guard_driver()
    loads = Loads(1, 0, 1, 300) if quick else Loads(30, 1, 3, 1000)
    out = []
    try:
        with (
            Internet() as net,
            sync_playwright() as playwright,
            start("none", playwright, Options(net=net, hide_automation=False)) as running,
        ):
            for measured in pages:
                out += _measure(net, running, measured, loads)
    except (BrowserMissing, BlockerError) as error:
        raise BenchError(str(error)) from None
    return out


def _measure(net: Internet, running: Running, measured: MeasuredPage, loads: Loads) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, measured.serving(net, Path(folder)) as session:
        visits = Visits(running, measured, session, loads)

        def load(host: str) -> Found:
            net.clear_log()
            return visits.load(host)

        # A blocked view is for information, and takes longest.
        few = replace(loads, pairs=-(-loads.pairs // 3)) if measured.blocked else loads
        hosts = [HOST, PLAIN_HOST, *([LIMIT_HOST] if measured.has_limit else [])]
        found = alternate([partial(load, host) for host in hosts], few)[loads.before :]
        limit = [(one[2], one[1]) for one in found] if measured.has_limit else []
        return rows(measured, [(one[0], one[1]) for one in found], limit)


def alternate(sides: Sequence[Callable[[], Found]], loads: Loads) -> list[list[Found]]:
    """Load all sides in turn, every other time from the last one on; return each turn's findings in
    the order of the sides, the first turns included.
    """
    turns = []
    for number in range(loads.before + loads.pairs):
        order = sides if number % 2 == 0 else sides[::-1]
        found = [load() for load in order]
        turns.append(found if order is sides else found[::-1])
    return turns


class Visits:
    """First visits to one page by new visitors."""

    def __init__(
        self, running: Running, measured: MeasuredPage, session: str, loads: Loads
    ) -> None:
        self._running = running
        self._measured = measured
        self._session = session
        self._loads = loads
        self._script = OBSERVE % (LIBRARY.read_text("utf-8"), [one.name for one in METRICS])

    def load(self, host: str) -> Found:
        """Return the metrics of a page that is left alone, and INP of one that is used.

        Browsers end LCP at the first input, and count no layout shift within 500 ms after one.
        """
        alone, used = self._view(host, self._leave_alone), self._view(host, self._use)
        return {name: value for name, value in alone.items() if name != "INP"} | {
            name: value for name, value in used.items() if name == "INP"
        }

    def _view(self, host: str, act: Callable[[Page], None]) -> dict[str, Any]:
        """Load the page, act on it, and hide it, so that all is reported."""
        page = self._running.new_page()
        try:
            self._open(page, host)
            ours, measured = host == HOST, self._measured
            if ours and measured.blocked:
                self._wait(page)
            act(page)
            if ours:
                self._wait(page)
            page.evaluate(HIDE)
            found: dict[str, Any] = page.evaluate(FINAL)
        finally:
            page.context.close()
        if not ours and "state" in found:
            raise BenchError(f"{measured.name}: the page without the detector has a verdict")
        return found

    def _open(self, page: Page, host: str) -> None:
        if self._session:
            cookie = {"name": "sessionid", "value": self._session, "domain": host, "path": "/"}
            page.context.add_cookies([cookie])  # type: ignore[list-item]
        page.add_init_script(self._script)
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        page.goto(f"https://{host}{self._measured.path}")

    def _leave_alone(self, page: Page) -> None:
        page.wait_for_timeout(self._loads.alone)

    def _use(self, page: Page) -> None:
        """Click and press a key several times from load on, while the detector is at work."""
        box = page.locator(self._measured.clicked).first.bounding_box()
        if box is None:
            raise BenchError(f"{self._measured.name}: {self._measured.clicked} is not visible")
        for _ in range(self._loads.clicks):
            page.mouse.click(box["x"] + 8, box["y"] + box["height"] / 2)
            page.keyboard.press("a")
            page.wait_for_timeout(250)

    def _wait(self, page: Page) -> None:
        from playwright.sync_api import TimeoutError as Late

        wanted = [self._measured.state, self._measured.blocked]
        try:
            page.wait_for_function(REACHED, arg=wanted, timeout=PATIENCE)
        except Late:
            found = page.evaluate("() => vitals.state")
            raise BenchError(
                f"{self._measured.name}: {wanted[0]} was wanted, {found} came"
            ) from None


def rows(measured: MeasuredPage, pairs: Sequence[Pair], limit: Sequence[Pair] = ()) -> list[Row]:
    """Return a row for each metric: the median of the pairs' differences, and both medians.

    Below it stands the same of `limit`, pairs of loads with an empty script and without one.

    A blocked view is for information: a notice is shown there, and the differences have no budget.
    """
    out = []
    for metric in METRICS:
        budget = None if measured.blocked else metric.at_most
        out.append(_row(f"{measured.name}: {metric.name} more", metric, pairs, budget))
        if limit:
            out.append(_row("  limit: an empty script", metric, limit))
    return out


def _row(what: str, metric: Metric, pairs: Sequence[Pair], at_most: float | None = None) -> Row:
    name = metric.name
    known = [(one[name], two[name]) for one, two in pairs if name in one and name in two]
    if not known:
        raise BenchError(f"{what}: the browser reported no {name}")
    # Layout shifts are sums of floats: the last digits mean nothing.
    more = [round(ours - plain, 6) for ours, plain in known]
    sure = interval(more)
    ours, plain = (metric.text(median(pair[side] for pair in known)) for side in (0, 1))
    note = f"with {ours}, without {plain}: {_verdict(metric, median(more), sure)}"
    if len(known) < len(pairs):
        note += f" ({len(known)} of {len(pairs)} pairs reported it)"
    return Row(
        what,
        median(more),
        metric.unit,
        at_most=at_most,
        note=note,
        interval=sure,
    )


def _verdict(metric: Metric, more: float, sure: tuple[float, float] | None) -> str:
    if sure is None:
        return "too few loads for an interval"
    low, high = sure
    if low <= 0 <= high:
        return "no difference within the interval"
    return f"{metric.text(abs(more))} {'more' if more > 0 else 'less'}"
