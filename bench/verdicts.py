"""How long a verdict takes, and what it costs the page's main thread, in real browsers.

Beside each stands the limit, measured in turn with it: `limits.py`.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bench import limits
from bench.apps import SECRET
from bench.rounds import interval
from bench.table import BenchError, Row
from detector.core.site import Site
from detector.demo.app import create_app
from detector.testing.blockers import BlockerError, BrowserMissing, Options, Running, start
from detector.testing.blockers.model import ENGINES
from detector.testing.driver import guard_driver
from detector.testing.internet import Internet
from detector.testing.page_scripts import VERDICT

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page, Playwright

HOST = "bench.example"
URL = f"https://{HOST}/"
SLOWDOWN = 4
Limit = TypeVar("Limit")
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
        site: Site = app.extensions["detector"]
        today = int(site.clock() // 86_400)
        limits.add_pages(net, site.baits[site.names.prefix].choose(today))
        try:
            rows = _times(net, playwright, loads)
            rows += _main_thread(net, playwright, site, max(3, loads // 4))
        except (BrowserMissing, BlockerError) as error:
            raise BenchError(str(error)) from None
        finally:
            site.close()
        return rows


def _times(net: Internet, playwright: Playwright, loads: int) -> list[Row]:
    with start("ublock-origin", playwright, _options(net)) as running:
        pairs = _pairs(running, "blocked", loads, limits.reaction)
    name = f"blocked, {ENGINES[running.blocker.engine]}"
    times, reactions = [ours for ours, _ in pairs], [limit for _, limit in pairs]
    rows = [
        *_verdict_rows(name, times, 100, 250),
        _row("  limit: one round trip", [each.trip for each in reactions], "ms"),
        _row("  limit: a bait element is hidden", [each.hidden for each in reactions], "ms"),
        _row("  limit: a bait request is refused", [each.refused for each in reactions], "ms"),
        _row(
            "  verdict / round trip and the first of both",
            [ours / limit.first for ours, limit in pairs],
        ),
    ]
    with start("none", playwright, _options(net)) as running:
        bare = _pairs(running, "clear", loads, limits.bare_requests)
    name = f"clear, {ENGINES[running.blocker.engine]}"
    return [
        *rows,
        *_verdict_rows(name, [ours for ours, _ in bare], 500, None),
        _row("  limit: bare requests answered", [limit for _, limit in bare], "ms"),
        _row("  verdict / bare requests", [ours / limit for ours, limit in bare]),
    ]


def _verdict_rows(name: str, times: list[float], median: float, late: float | None) -> list[Row]:
    last = sorted(times)[min(len(times) - 1, round(0.95 * len(times)))]
    return [
        _row(f"{name}: median", times, "ms", at_most=median),
        Row(f"{name}: 95th percentile", last, "ms", at_most=late),
    ]


def _row(
    what: str,
    figures: Sequence[float],
    unit: str = "",
    at_most: float | None = None,
    note: str = "",
) -> Row:
    """Return the median with its interval."""
    sure = interval(figures)
    return Row(what, statistics.median(figures), unit, at_most, note=note, interval=sure)


def _options(net: Internet) -> Options:
    return Options(net=net, hide_automation=False)


def _pairs(
    running: Running, state: str, loads: int, limit: Callable[[Page], Limit]
) -> list[tuple[float, Limit]]:
    """Load the page and a bare one in turn as one visitor; return each verdict's milliseconds and
    the limit, without the first.
    """
    page = running.new_page()
    found = [(_load(page), limit(page)) for _ in range(loads + 1)]
    page.context.close()
    wrong = [verdict for verdict, _ in found if verdict["state"] != state]
    if wrong:
        raise BenchError(f"{running.blocker.label}: {state} was wanted, {wrong[0]} came")
    return [(float(verdict["ms"]), bare) for verdict, bare in found[1:]]


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
            limits.bare_requests(page)
            floors.append(_ours(session, "/floor.js"))
        page.goto(f"{URL}login")
        _verdict(page)
        long_tasks = page.evaluate(LONG_TASKS)
        page.context.close()
    note = f"Chromium, {SLOWDOWN} times slowed, sampled"
    ratios = [ours / floor for ours, floor in zip(costs, floors, strict=True) if floor]
    return [
        _row("main thread, our scripts", costs, "ms", at_most=5, note=note),
        _row("  limit: main thread, four bare requests", floors, "ms"),
        *([_row("  our scripts / four bare requests", ratios)] if ratios else []),
        Row("long tasks on a quiet page", long_tasks, "", at_most=0),
    ]


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
