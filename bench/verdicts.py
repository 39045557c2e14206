"""How long a verdict takes, and what it costs the page's main thread, in real browsers.

Beside each stands the limit, measured in turn with it on the same page: `limits.py`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bench import limits, main_thread
from bench.apps import SECRET
from bench.matrix.dnr import dnr_rules, style_sheet
from bench.matrix.extension import easylist, write_extension
from bench.rounds import median_row
from bench.table import BenchError, Row
from detector.core.site import Site
from detector.demo.app import create_app
from detector.testing.blockers import BlockerError, BrowserMissing, Options, Running, start
from detector.testing.driver import guard_driver
from detector.testing.internet import Internet
from detector.testing.page_scripts import VERDICT

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from playwright.sync_api import BrowserContext, Page, Playwright

HOST = "bench.example"
URL = f"https://{HOST}/"
SLOWDOWN = 4
Limit = TypeVar("Limit")
# The page's own list of requests says what the network took, without a mark in what is served:
# milliseconds from asking for the bootstrap to its answer, and until the first bait was asked for.
PHASES = """(bootstrap) => {
  const all = performance.getEntriesByType("resource");
  const at = all.findIndex(({ name }) => name.includes(bootstrap));
  const { startTime, responseEnd } = all[at];
  const folder = all[at].name.split("/").slice(0, 4).join("/");
  const baits = all.filter(({ name, startTime: began }) =>
    name.startsWith(folder) && began >= responseEnd);
  return [responseEnd - startTime, Math.min(...baits.map((one) => one.startTime)) - responseEnd];
}"""
LONG_TASKS = """() => new Promise((told) => {
  new PerformanceObserver((list) => told(list.getEntries().length))
    .observe({ type: "longtask", buffered: true });
  setTimeout(told, 500, 0);
})"""


@dataclass(frozen=True, slots=True)
class Load:
    """One view's milliseconds until the verdict, and of these: in the network and the server, in
    the server alone, and from the bootstrap's answer until the page asked for a bait.
    """

    ms: float
    trip: float
    server: float
    waited: float


@dataclass(frozen=True, slots=True)
class Much:
    """How many repeated views of one visitor are measured, first views, and traced views."""

    repeated: int
    first: int
    traced: int


class Bench:
    """The newspaper with the detector, and the same page with bare scripts, in one browser."""

    def __init__(self, net: Internet, folder: str) -> None:
        store = str(Path(folder) / "bench.sqlite")
        app = create_app(secret=SECRET, db=store, treat_bots_as_people=True)
        self.site: Site = app.extensions["detector"]
        self._net = net
        self._served: list[float] = []
        net.site(HOST, self._timed(app.wsgi_app))
        today = int(self.site.clock() // 86_400)
        limits.add_pages(net, self.site.baits[self.site.names.prefix].choose(today))

    def load(self, page: Page, state: str) -> Load:
        """View the page; raise BenchError for another verdict than `state`."""
        self._served.clear()
        # With another query, since a browser takes the same address for a reload.
        page.goto(f"{URL}?{time.monotonic_ns()}")
        found = verdict(page)
        if found["state"] != state:
            raise BenchError(f"{state} was wanted, {found} came on {page.url}")
        trip, waited = page.evaluate(PHASES, ".json?v=")
        return Load(found["ms"], trip, self._served[0], waited)

    def settle(self, page: Page) -> None:
        """View the page without a blocker until its report has arrived, some seconds after load."""
        self._net.clear_log()
        self.load(page, "clear")
        report = f"/{self.site.names.report}"
        try:
            self._net.wait_for(lambda request: request.path.endswith(report), 20)
        except TimeoutError as error:
            raise BenchError(f"no report of {URL}: {error}") from None

    def _timed(self, app: WSGIApplication) -> WSGIApplication:
        def timed(environ: Any, start_response: Any) -> Any:
            began = time.perf_counter()
            try:
                return app(environ, start_response)
            finally:
                if environ["PATH_INFO"].endswith(".json") and "v=" in environ["QUERY_STRING"]:
                    self._served.append((time.perf_counter() - began) * 1000)

        return timed


def run(quick: bool = False) -> list[Row]:
    """Measure verdicts on the demo newspaper under blockers and without one."""
    from playwright.sync_api import sync_playwright

    guard_driver()
    much = Much(2, 1, 2) if quick else Much(40, 15, 15)
    with (
        tempfile.TemporaryDirectory() as folder,
        Internet() as net,
        sync_playwright() as playwright,
    ):
        bench = Bench(net, folder)
        options = Options(net=net, hide_automation=False)
        rows = []
        try:
            for name, starting in _blockers(playwright, options):
                with starting as running:
                    rows += _blocked_rows(bench, name, running, much)
            with start("none", playwright, options) as running:
                rows += _clear_rows(bench, running, much)
                rows += _main_thread(bench, running, much.traced)
        except (BrowserMissing, BlockerError) as error:
            raise BenchError(str(error)) from None
        finally:
            bench.site.close()
        return rows


def _blockers(
    playwright: Playwright, options: Options
) -> Iterator[tuple[str, AbstractContextManager[Running]]]:
    yield "Firefox, uBlock Origin", start("ublock-origin", playwright, options)
    yield "Chromium, Manifest V3 extension of EasyList", _rules_extension(playwright, options)
    yield "Chromium, EasyList (emulation)", start("easylist", playwright, options)


@contextmanager
def _rules_extension(playwright: Playwright, options: Options) -> Iterator[Running]:
    with tempfile.TemporaryDirectory() as folder:
        lines = easylist()
        write_extension(Path(folder), dnr_rules(lines), style_sheet(lines))
        given = Options(net=options.net, hide_automation=False, extensions={"rules": folder})
        with start("rules", playwright, given) as running:
            yield running


def _blocked_rows(bench: Bench, name: str, running: Running, much: Much) -> list[Row]:
    """Return the rows of a blocker: the time of a verdict as a ratio to what it has to wait for."""
    rows = []
    for which, pairs in _views(bench, running, much, "blocked", limits.reaction):
        loads, reactions = [ours for ours, _ in pairs], [limit for _, limit in pairs]
        most = [ours.ms / (limit.trip + 1.25 * limit.own) for ours, limit in pairs]
        rows += [
            median_row(f"blocked, {name}, {which} view", [one.ms for one in loads], "ms"),
            *_phases(loads),
            median_row("  limit: one round trip", [one.trip for one in reactions], "ms"),
            median_row(
                "  limit: a bait element is hidden", [one.hidden for one in reactions], "ms"
            ),
            median_row(
                "  limit: a bait request is refused", [one.refused for one in reactions], "ms"
            ),
            median_row("  verdict / (round trip + 1.25 reactions)", most, at_most=1),
            Row(
                "  95th percentile / that of (round trip + 2 reactions)",
                _late([one.ms for one in loads])
                / _late([one.trip + 2 * one.own for one in reactions]),
                "",
                at_most=1,
            ),
        ]
    return rows


def _clear_rows(bench: Bench, running: Running, much: Much) -> list[Row]:
    rows = []
    for which, pairs in _views(bench, running, much, "clear", limits.requests):
        loads, bare = [ours for ours, _ in pairs], [limit for _, limit in pairs]
        rows += [
            median_row(f"clear, Chromium, {which} view", [one.ms for one in loads], "ms"),
            *_phases(loads),
            median_row("  limit: one round trip", [one.trip for one in bare], "ms"),
            median_row("  limit: bare requests answered", [one.ms for one in bare], "ms"),
            median_row(
                "  verdict - round trip",
                [ours.ms - limit.trip for ours, limit in pairs],
                "ms",
                at_most=300,
            ),
        ]
    return rows


def _views(
    bench: Bench, running: Running, much: Much, state: str, limit: Callable[[Page], Limit]
) -> Iterator[tuple[str, list[tuple[Load, Limit]]]]:
    """Yield first and repeated views, each beside its limit. Each site has a tab of its own: a
    browser ends one process and starts another where a tab changes the site.
    """

    def tabs(context: BrowserContext) -> tuple[Load, Limit]:
        return bench.load(context.new_page(), state), limit(context.new_page())

    first = []
    for _ in range(much.first):
        context = running.new_context()
        first.append(tabs(context))
        context.close()
    yield "first", first
    context = running.new_context()
    tabs(context)
    ours, other = context.pages[-2:]
    yield "repeated", [(bench.load(ours, state), limit(other)) for _ in range(much.repeated)]
    context.close()


def _phases(loads: Sequence[Load]) -> list[Row]:
    rest = [one.ms - one.trip - max(one.waited, 0) for one in loads]
    return [
        median_row("  of which network and server", [one.trip for one in loads], "ms"),
        median_row("    of which server", [one.server for one in loads], "ms"),
        median_row(
            "  of which page, until it asks for a bait", [one.waited for one in loads], "ms"
        ),
        median_row("  of which blocker and looks", rest, "ms"),
    ]


def _late(times: Sequence[float]) -> float:
    return sorted(times)[min(len(times) - 1, round(0.95 * len(times)))]


def verdict(page: Page) -> dict[str, Any]:
    """Wait for a page's verdict; raise BenchError if none comes."""
    found: dict[str, Any] | None = page.evaluate(VERDICT, ["", 20_000])
    if found is None:
        raise BenchError(f"no verdict on {page.url} within 20 seconds")
    return found


def _main_thread(bench: Bench, running: Running, traced: int) -> list[Row]:
    """Return the main thread's time by what it went into, beside that of four bare requests."""
    context = running.new_context()
    ours, bare = context.new_page(), context.new_page()
    for page in (ours, bare):
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    assert running.browser is not None
    folder = f"{URL}{bench.site.names.prefix}/"
    pairs = []
    for turn in range(traced + 1):
        with main_thread.traced(running.browser, folder) as cost:
            bench.settle(ours)
        with main_thread.traced(running.browser, f"{limits.REQUESTS_URL}bare") as floor:
            limits.requests(bare)
        # The first view of each compiles what later ones find in the cache.
        if turn:
            pairs.append((cost, floor))
    ours.goto(f"{URL}login")
    verdict(ours)
    with_us = ours.evaluate(LONG_TASKS)
    bare.goto(f"{limits.REQUESTS_URL}login")
    without = bare.evaluate(LONG_TASKS)
    context.close()
    costs, floors = [cost for cost, _ in pairs], [floor for _, floor in pairs]
    note = f"Chromium, {SLOWDOWN} times slowed, traced"
    return [
        median_row("main thread, our tasks", [one.total for one in costs], "ms", note=note),
        *main_thread.rows(costs),
        median_row("  limit: tasks of four bare requests", [one.total for one in floors], "ms"),
        *main_thread.rows(floors),
        median_row(
            "  our tasks / those of four bare requests",
            [cost.total / floor.total for cost, floor in pairs],
            at_most=1.5,
        ),
        median_row("longest run of our scripts", [one.longest for one in costs], "ms", at_most=16),
        median_row("  limit: longest run for bare requests", [one.longest for one in floors], "ms"),
        Row("long tasks on a quiet page", with_us, ""),
        Row("  limit: without us", without, ""),
    ]
