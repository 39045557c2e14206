"""The time from the verdict to the visible notice, and its cost for the page."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.apps import SECRET
from bench.table import BenchError, Row
from detector.core.site import Site
from detector.core.vocabulary import SHOWN_MODES
from detector.demo.app import create_app
from detector.testing import adhosts
from detector.testing.blockers import BrowserMissing, Options, Running, start
from detector.testing.driver import guard_driver
from detector.testing.internet import Internet
from detector.testing.messages import Request

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Page, Playwright

HOST = "bench.example"
URL = f"https://{HOST}/"
WANTED = 300
SLOWDOWN = 4
# From the verdict to the frame after the one in which the card is in view, to nine tenths of its
# opacity, and to its rest; and, where the browser tells, what moved and what kept it busy.
WATCH = """(() => {
  const seen = { tasks: 0, longest: 0, moved: 0 };
  const frame = () => new Promise(requestAnimationFrame);
  const watch = (type, take) => {
    if (PerformanceObserver.supportedEntryTypes.includes(type))
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type });
  };
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.moved += entry.value; });
  watch("longtask", ({ startTime, duration }) => {
    if (startTime + duration < (seen.verdict ?? Infinity)) return;
    seen.tasks += 1;
    seen.longest = Math.max(seen.longest, duration);
  });
  const find = () => [...document.querySelectorAll("div")].map((one) => one.shadowRoot)
    .find((root) => root)?.querySelector(".card");
  window.seen = seen;
  window.shown = new Promise((told) => {
    setTimeout(told, 20000);
    document.addEventListener("ads:verdict", ({ detail }) => {
      seen.state ??= detail.state;
      seen.verdict ??= performance.now();
    });
    document.addEventListener("ads:notice", async () => {
      const card = find();
      await frame();
      seen.painted = performance.now() - seen.verdict;
      while (getComputedStyle(card).opacity < 0.9) await frame();
      seen.readable = performance.now() - seen.verdict;
      await Promise.all(card.getAnimations().map((one) => one.finished));
      await frame();
      seen.rest = performance.now() - seen.verdict;
      // What was observed is told in a task of its own.
      setTimeout(told, 300, seen);
    }, { once: true });
  });
})();"""
SHOWN = "() => window.shown"
# Proves that shifts are reported: else a sum of 0 would mean nothing.
MOVE = """() => new Promise((told) => {
  seen.moved = 0;
  document.body.style.paddingTop = "200px";
  setTimeout(() => told(seen.moved), 500);
})"""


@dataclass(frozen=True)
class Connection:
    """A visitor's connection: its round trip in seconds and its bandwidth in Mbit/s."""

    round_trip: float
    width: float

    def __str__(self) -> str:
        return f"{self.round_trip * 1000:.0f} ms"


# Lighthouse's connections for desktop and phone.
NORMAL, SLOW = Connection(0.04, 10), Connection(0.15, 1.6)


# A blocker of baits lets no ads arrive either; and a slot is used only if its ad is missing.
_AD_HOSTS = set(adhosts.HOSTS) - {adhosts.HARMLESS_HOST}


@dataclass(frozen=True)
class Much:
    """How much is measured: loads for each connection, and modes."""

    loads: int
    connections: tuple[Connection, ...]
    modes: tuple[str, ...]


def run(quick: bool = False) -> list[Row]:
    """Measure on the demo newspaper in Firefox with uBlock Origin, and in Chromium."""
    from playwright.sync_api import sync_playwright

    guard_driver()
    much = Much(1, (NORMAL,), SHOWN_MODES[:1]) if quick else Much(30, (NORMAL, SLOW), SHOWN_MODES)
    try:
        with Internet() as net, sync_playwright() as playwright:
            return _firefox(net, playwright, much) + _chromium(net, playwright, much)
    except BrowserMissing as error:
        raise BenchError(str(error)) from None


def _firefox(net: Internet, playwright: Playwright, much: Much) -> list[Row]:
    rows = []
    with _paper(net), start("ublock-origin", playwright, Options(net=net)) as running:
        for connection in much.connections:
            net.slow(HOST, connection.round_trip)
            found = [_load(running) for _ in range(much.loads)]
            net.reset()
            rows += _times("Firefox with uBlock Origin", connection, found)
    return rows


def _chromium(net: Internet, playwright: Playwright, much: Much) -> list[Row]:
    rows, tasks = [], 0
    with start("none", playwright, Options(net=net)) as running:
        with _paper(net, cut=True):
            for connection in much.connections:
                found = [_load(running, connection) for _ in range(much.loads)]
                rows += _times("Chromium, baits cut off", connection, found)
                tasks += sum(one["tasks"] for one in found)
            few = range(max(1, much.loads // 3))
            slowed = max(_load(running, NORMAL, SLOWDOWN)["longest"] for _ in few)
        moved = max(_moved(net, running, mode) for mode in much.modes)
    note = f"0: none over 50 ms; Chromium {SLOWDOWN} times slowed"
    return [
        *rows,
        Row("long tasks after the verdict, Chromium", tasks, "", at_most=0),
        Row("longest task after the verdict", slowed, "ms", note=note),
        Row(
            "layout shift, the most of all modes", moved, "", at_most=0, note=", ".join(much.modes)
        ),
    ]


def _times(browser: str, connection: Connection, found: list[dict[str, Any]]) -> list[Row]:
    """Build the rows of the times until the notice is readable; the normal line has the budget."""
    most = WANTED if connection is NORMAL else None
    what = f"{browser}, {connection}"
    read = sorted(one["readable"] for one in found)
    late = read[min(len(read) - 1, round(0.95 * len(read)))]
    painted, rest = (statistics.median(one[name] for one in found) for name in ("painted", "rest"))
    note = f"first frame {painted:.0f} ms, at rest {rest:.0f} ms"
    return [
        Row(f"{what}: median", statistics.median(read), "ms", at_most=most, note=note),
        Row(f"{what}: 95th percentile", late, "ms", at_most=most),
    ]


@contextmanager
def _paper(net: Internet, *, cut: bool = False, **options: Any) -> Iterator[Flask]:
    """Add the newspaper to the test internet, with its baits and ad hosts cut or not."""
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "bench.sqlite")
        app = create_app(secret=SECRET, db=store, treat_bots_as_people=True, **options)
        site: Site = app.extensions["detector"]
        net.site(HOST, app)
        if cut:
            baits, prefix = site.baits[site.names.prefix], f"/{site.names.prefix}/"

            def takes(request: Request) -> bool:
                found = baits.find(request.path.partition("?")[0].partition(prefix)[2])
                return found is not None and not found.control

            net.cut(HOST, takes)
            net.dead(_AD_HOSTS)
        try:
            yield app
        finally:
            net.reset()
            site.close()


def _load(
    running: Running, connection: Connection | None = None, slowdown: int = 1
) -> dict[str, Any]:
    """Load the page as a new visitor with an empty cache, and return the measurements."""
    page = _open(running, connection, slowdown)
    found: dict[str, Any] | None = page.evaluate(SHOWN)
    page.context.close()
    if found is None or found["state"] != "blocked":
        raise BenchError(f"{running.blocker.label}: no notice within 20 seconds")
    return found


def _open(running: Running, connection: Connection | None = None, slowdown: int = 1) -> Page:
    page = running.new_page()
    page.add_init_script(WATCH)
    if connection:
        session = page.context.new_cdp_session(page)
        width = connection.width * 1e6 / 8
        conditions = {"latency": connection.round_trip * 1000, "offline": False}
        throughput = {"downloadThroughput": width, "uploadThroughput": width}
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", {**conditions, **throughput})
        session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    page.goto(URL, wait_until="commit")
    return page


def _moved(net: Internet, running: Running, mode: str) -> float:
    """Return the layout shift of a page with the notice and without its ads."""
    links = {"donate": "/donate"}
    with _paper(net, cut=True, notice=mode, links=links):
        page = _open(running)
        found: dict[str, Any] | None = page.evaluate(SHOWN)
        if found is None:
            raise BenchError(f"{running.blocker.label}: no notice in mode {mode} within 20 seconds")
        if not page.evaluate(MOVE) > 0:
            raise BenchError(f"{running.blocker.label} does not report layout shifts")
        page.context.close()
        return float(found["moved"])
