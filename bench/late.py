"""How long a verdict of `clear` may still change: when do ads fail that had not by the verdict?

In every environment of the matrix whose ads do not arrive, in Playwright's browsers, with a quick
and a slow site, and on pages that ask for their ads in three ways. What fails is noted by a
listener of the bench's own, not by the detector.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.matrix.browsers import Started
from bench.matrix.changes import AD_TAG
from bench.matrix.conditions import is_ad
from bench.matrix.environment import Change, Environment, NotRun, Tab, plain
from bench.matrix.rows import BROWSERS
from bench.matrix.sites import HOST, put_sites
from bench.matrix.unreachable import unreachable
from bench.table import BenchError, Row
from detector.testing.adhosts import HARMLESS_HOST
from detector.testing.blockers import BlockerError, BrowserMissing
from detector.testing.driver import guard_driver
from detector.testing.internet import Internet

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

# Seconds by which each answer of the site, and of a tag manager, is delayed.
DELAYS = ((0.0, 0.0), (0.4, 0.4), (0.0, 2.0))
# So long a page is watched after its verdict and its load event, in milliseconds.
WATCHED = 8_000
AD = "https://securepubads.g.doubleclick.net/tag/js/gpt.js"
ADD = f"document.head.append(Object.assign(document.createElement('script'),{{src:'{AD}'}}))"
MANAGED = f'<script async src="https://{HARMLESS_HOST}/tags.js" onload="{ADD}"></script>'
BIDS = f'<script>addEventListener("load",()=>setTimeout(()=>{ADD},1000))</script>'
# As the tag's inline line and `lookAtAds` see it: failed, or a stand-in without a network entry.
NOTE = """(() => {
  const seen = window.seenLate = { verdict: 0, load: 0, state: "", failed: [] };
  const note = ({ type, target }) => {
    const url = target.src || target.href;
    if (!/^http/.test(url) || new URL(url).host == location.host) return;
    const standIn = target.tagName == "SCRIPT" && !performance.getEntriesByName(url).length;
    if (type == "error" || standIn) seen.failed.push([new URL(url).host, performance.now()]);
  };
  for (const type of ["load", "error"]) document.addEventListener(type, note, true);
  addEventListener("load", () => { seen.load = performance.now(); });
  document.addEventListener("ads:verdict", ({ detail }) => {
    if (!seen.verdict) Object.assign(seen, { verdict: performance.now(), state: detail.state });
  });
})()"""
WATCH = """(ms) => new Promise((done) => {
  (function look() {
    const { verdict, load } = window.seenLate;
    const over = verdict && load && performance.now() > Math.max(verdict, load) + ms;
    if (over || performance.now() > 40_000) done(window.seenLate);
    else setTimeout(look, 100);
  })();
})"""


def with_ads_by(tag: str) -> Change:
    """Return the change that has a page ask for its ads by another tag."""

    def changed(page: str, classes: tuple[str, ...]) -> str:
        return AD_TAG.sub("", page).replace("</head>", f"{tag}</head>", 1)

    return Change(changed)


PAGES = {
    "ads in the page": Change(),
    "ads by a tag manager": with_ads_by(MANAGED),
    "ads a second after load": with_ads_by(BIDS),
}


@dataclass
class Seen:
    """The loads of one sort of page."""

    loads: int = 0
    clear: int = 0
    """Those whose first verdict was `clear`."""
    after_verdict: list[float] = field(default_factory=list)
    """Seconds from the verdict to the first ad that failed, of these."""
    after_load: list[float] = field(default_factory=list)
    """The same, from verdict and load event, whichever came last; 0 if before."""

    def add(self, seen: dict[str, Any]) -> None:
        """Count one load."""
        self.loads += 1
        if seen["state"] != "clear":
            return
        self.clear += 1
        failed = [at for host, at in seen["failed"] if is_ad(host)]
        if failed:
            known = max(seen["verdict"], seen["load"])
            self.after_verdict.append((min(failed) - seen["verdict"]) / 1000)
            self.after_load.append(max(0.0, min(failed) - known) / 1000)


def run(quick: bool = False) -> list[Row]:
    """Load each environment's pages, several tabs at once; return how late ads fail."""
    from playwright.sync_api import sync_playwright

    guard_driver()
    logging.getLogger("detector").setLevel(logging.ERROR)
    rows = [row for row in unreachable() if row.visit is plain and row.browser != "webkit"]
    rows = [row for row in rows if not quick or row.browser == "chromium"]
    rows.sort(key=lambda row: row.browser)
    pages = {name: Seen() for name in PAGES}
    left_out: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="late-") as folder,
        sync_playwright() as playwright,
        Internet() as net,
    ):
        for browser, group in groupby(rows, key=lambda row: row.browser):
            own = list(group)
            try:
                for page, seen in _browser(playwright, net, Path(folder), own, 2 if quick else 4):
                    pages[page].add(seen)
            except (BrowserMissing, BlockerError, NotRun) as error:
                left_out.append(f"{browser}: {error}")
    if not any(seen.loads for seen in pages.values()):
        raise BenchError(f"no environment could be started: {'; '.join(left_out)}")
    rows_of = [row for name, seen in pages.items() for row in _rows(name, seen)]
    return rows_of + [Row("not run", 1, "browsers", note=why) for why in left_out]


def _rows(name: str, seen: Seen) -> list[Row]:
    rows = [
        Row(f"{name}: loads", seen.loads, "loads"),
        Row("  first verdict clear", seen.clear, "loads"),
        Row("  and an ad failed later", len(seen.after_verdict), "loads"),
    ]
    for since, times in (("verdict", seen.after_verdict), ("load", seen.after_load)):
        for what, share in (("median", 0.5), ("95th percentile", 0.95), ("last", 1.0)):
            if times:
                at = sorted(times)[min(len(times) - 1, int(share * len(times)))]
                rows.append(Row(f"  seconds after {since}: {what}", at, "s"))
    return rows


def _browser(
    playwright: Playwright, net: Internet, folder: Path, rows: list[Environment], loads: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    with BROWSERS[rows[0].browser](playwright, net) as started:
        for row in rows:
            for page, change in PAGES.items():
                for site, manager in DELAYS:
                    net.reset()
                    name = f"{row.name} {page} {site} {manager}"
                    put_sites(net, folder, replace(row, name=name, site=change), ())
                    if row.faults:
                        row.faults(net)
                    net.slow(HOST, site)
                    net.slow(HARMLESS_HOST, manager)
                    yield from ((page, seen) for seen in _loads(started, row, loads))
        net.reset()


def _loads(started: Started, row: Environment, loads: int) -> list[dict[str, Any]]:
    """Load the page in several tabs of new visitors, and watch all at once."""
    with ExitStack() as stack:
        tabs: list[Tab] = []
        for _ in range(loads):
            tabs.append(started.tab(row.options))
            stack.callback(tabs[-1].close)
            tabs[-1].page.add_init_script(NOTE)
        for tab in tabs:
            tab.goto(f"{row.scheme}://{HOST}/")
        return [tab.run(WATCH, WATCHED) for tab in tabs]
