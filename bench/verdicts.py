"""How long a verdict takes, and what it costs the page's main thread, in real browsers."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.apps import SECRET
from bench.table import BenchError, Row
from detector.core.site import Site
from detector.demo.app import create_app
from detector.testing.blockers import BlockerError, BrowserMissing, Options, Running, start
from detector.testing.blockers.model import ENGINES
from detector.testing.driver import guard_driver
from detector.testing.internet import Internet
from detector.testing.messages import Answer, Request
from detector.testing.page_scripts import VERDICT

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page, Playwright

HOST = "bench.example"
FLOOR_HOST = "floor.example"
URL = f"https://{HOST}/"
SLOWDOWN = 4
# Only the four requests of a view: their own cost in this browser.
FLOOR = """(async () => {
  const add = (name, src) => new Promise((done) => {
    const element = document.createElement(name);
    element.onload = element.onerror = done;
    if (name == "script") document.head.append(element);
    element.src = src;
  });
  await (await fetch("/floor.json")).json();
  await Promise.all([add("script", "/floor-bait.js"), add("img", "/floor.png")]);
  navigator.sendBeacon("/floor", "{}");
  document.title = "done";
})();"""
LONG_TASKS = """() => new Promise((told) => {
  new PerformanceObserver((list) => told(list.getEntries().length))
    .observe({ type: "longtask", buffered: true });
  setTimeout(told, 500, 0);
})"""


def run(quick: bool = False) -> list[Row]:
    """Measure verdicts on the demo newspaper in Firefox with uBlock Origin, and in Chromium."""
    from playwright.sync_api import sync_playwright

    guard_driver()
    loads = 3 if quick else 40
    with (
        tempfile.TemporaryDirectory() as folder,
        Internet() as net,
        sync_playwright() as playwright,
    ):
        store = str(Path(folder) / "bench.sqlite")
        app = create_app(secret=SECRET, db=store, treat_bots_as_people=True)
        net.site(HOST, app)
        try:
            rows = _times(net, playwright, loads)
            rows += _main_thread(net, playwright, app.extensions["detector"], max(3, loads // 4))
        except (BrowserMissing, BlockerError) as error:
            raise BenchError(str(error)) from None
        finally:
            app.extensions["detector"].close()
        return rows


def _times(net: Internet, playwright: Playwright, loads: int) -> list[Row]:
    rows = []
    for blocker, state in (("ublock-origin", "blocked"), ("none", "clear")):
        with start(blocker, playwright, _options(net)) as running:
            times = sorted(_verdicts(running, state, loads))
        late = times[min(len(times) - 1, round(0.95 * len(times)))]
        name = f"{state}, {ENGINES[running.blocker.engine]}"
        most = (100, 250) if state == "blocked" else (500, None)
        rows.append(Row(f"{name}: median", statistics.median(times), "ms", at_most=most[0]))
        rows.append(Row(f"{name}: 95th percentile", late, "ms", at_most=most[1]))
    return rows


def _options(net: Internet) -> Options:
    return Options(net=net, hide_automation=False)


def _verdicts(running: Running, state: str, loads: int) -> list[float]:
    """Load the page as one visitor; return each verdict's milliseconds, without the first."""
    page = running.new_page()
    found = [_load(page) for _ in range(loads + 1)]
    page.context.close()
    wrong = [one for one in found if one["state"] != state]
    if wrong:
        raise BenchError(f"{running.blocker.label}: {state} was wanted, {wrong[0]} came")
    return [float(one["ms"]) for one in found[1:]]


def _load(page: Page) -> dict[str, Any]:
    page.goto(URL)
    return _verdict(page)


def _verdict(page: Page) -> dict[str, Any]:
    found: dict[str, Any] | None = page.evaluate(VERDICT, ["", 20_000])
    if found is None:
        raise BenchError(f"no verdict on {page.url} within 20 seconds")
    return found


def _main_thread(net: Internet, playwright: Playwright, site: Site, loads: int) -> list[Row]:
    costs, floors = [], []
    net.answer(FLOOR_HOST, _floor)
    with start("none", playwright, _options(net)) as running:
        page = running.new_page()
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        session.send("Profiler.enable")
        session.send("Profiler.setSamplingInterval", {"interval": 500})
        for _ in range(loads):
            session.send("Profiler.start")
            _load(page)
            costs.append(_ours(session, f"/{site.names.prefix}/"))
            session.send("Profiler.start")
            page.goto(f"https://{FLOOR_HOST}/")
            page.wait_for_function("() => document.title == 'done'")
            floors.append(_ours(session, "/floor.js"))
        page.goto(f"{URL}login")
        _verdict(page)
        long_tasks = page.evaluate(LONG_TASKS)
        page.context.close()
    note = f"Chromium, {SLOWDOWN} times slowed, sampled"
    ours, floor = statistics.median(costs), statistics.median(floors)
    return [
        Row("main thread, our scripts", ours, "ms", at_most=5, note=note),
        Row("main thread, four bare requests", floor, "ms", note="the lower bound for any script"),
        Row("long tasks on a quiet page", long_tasks, "", at_most=0),
    ]


def _floor(request: Request) -> Answer:
    if request.path == "/":
        head = (
            '<title>x</title><link rel="icon" href="data:,"><script async src="/floor.js"></script>'
        )
        return Answer(
            f"<!doctype html><html><head>{head}</head><body><p>text</body></html>", "text/html"
        )
    kind = "text/javascript" if request.path.endswith(".js") else "application/json"
    return Answer(FLOOR if request.path == "/floor.js" else "{}", kind)


def _ours(session: CDPSession, part: str) -> float:
    """Return the milliseconds of samples in the detector's scripts and their callees."""
    profile = session.send("Profiler.stop")["profile"]
    nodes = {node["id"]: node for node in profile["nodes"]}
    parents = {child: node["id"] for node in profile["nodes"] for child in node.get("children", ())}

    def ours(node: int | None) -> bool:
        while node is not None:
            if part in nodes[node]["callFrame"]["url"]:
                return True
            node = parents.get(node)
        return False

    pairs = zip(profile["samples"], profile["timeDeltas"], strict=True)
    return float(sum(delta for node, delta in pairs if ours(node))) / 1000
