"""Many loads of one browser, spread over the clean environments of the matrix."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.matrix import visits
from bench.matrix.browsers import Started
from bench.matrix.clean import clean
from bench.matrix.conditions import check
from bench.matrix.environment import CLEAR, Answer, Environment, NotRun, Tab, Visit, plain
from bench.matrix.reading import ours
from bench.matrix.rows import BROWSERS
from bench.matrix.run_rows import tried
from bench.matrix.sites import HOST, put_sites
from detector.testing.driver import guard_driver
from detector.testing.internet import Internet

# Loads of one visitor: the first with a cold cache, the others with a warm one.
IN_A_ROW = 5


@dataclass
class Count:
    """The states of the loads; `arriving` counts those of loads whose ads arrive."""

    states: Counter[str] = field(default_factory=Counter)
    arriving: Counter[str] = field(default_factory=Counter)
    # Environments that could not be set up, for instance a page that the browser did not keep.
    left_out: Counter[str] = field(default_factory=Counter)
    # Unexpected results: environment, answer.
    odd: list[tuple[str, Answer]] = field(default_factory=list)

    @property
    def loads(self) -> int:
        """All loads so far."""
        return self.states.total()

    @property
    def accusations(self) -> int:
        """Loads with the verdict blocked."""
        return self.states["blocked"]

    def add(self, row: Environment, answer: Answer) -> None:
        """Count one load."""
        state = str(answer.get("state"))
        self.states[state] += 1
        if row.wanted == (CLEAR,) and row.name != "no ads":
            self.arriving[state] += 1
        if not row.right(answer):
            self.odd.append((row.name, answer))


class Loading:
    """A number of loads of one engine, divided among parallel browsers."""

    def __init__(self, engine: str, loads: int, tell: Callable[[Count], object]) -> None:
        self.count = Count()
        self._engine = engine
        self._loads = loads
        self._tell = tell
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def run(self, browsers: int) -> None:
        """Load all; each browser has its own test internet, and its share of the environments."""
        with ThreadPoolExecutor(browsers) as pool:
            try:
                shares = [
                    pool.submit(self._one_browser, first, browsers, self._share(first, browsers))
                    for first in range(browsers)
                ]
                for share in shares:
                    share.result()
            finally:
                self._stopped.set()

    def _in_vain(self) -> bool:
        """Whether more loads were skipped than requested, which would never end."""
        return self.count.left_out.total() > self._loads

    def _share(self, first: int, browsers: int) -> int:
        return self._loads // browsers + (first < self._loads % browsers)

    def _one_browser(self, number: int, step: int, loads: int) -> None:
        from playwright.sync_api import sync_playwright

        rows = rows_for(self._engine)
        with (
            tempfile.TemporaryDirectory(prefix="clean-") as folder,
            sync_playwright() as playwright,
            Internet() as net,
            BROWSERS[self._engine](playwright, net) as started,
        ):
            while loads > 0 and not self._stopped.is_set() and not self._in_vain():
                row = rows[number % len(rows)]
                # Another name means another secret, and thus other baits.
                named = replace(row, name=f"{row.name} {number}")
                number += step
                net.reset()
                put_sites(net, Path(folder), named, ())
                if row.faults:
                    row.faults(net)
                loads -= self._one_visitor(started, net, row, loads)

    def _one_visitor(self, started: Started, net: Internet, row: Environment, most: int) -> int:
        """Load the page for a new visitor, and return how often."""
        tab = started.tab(row.options)
        # Other kinds of visits leave the tab in a state that is not a new visitor's.
        loads = min(most, IN_A_ROW if row.visit is plain else 1)
        done = 0
        try:
            while done < loads:
                net.clear_log()
                answer = _visit(row, tab, net)
                done += 1
                with self._lock:
                    self.count.add(row, answer)
                    self._tell(self.count)
        except NotRun:
            with self._lock:
                self.count.left_out[row.name] += 1
        finally:
            tab.close()
        return done


def rows_for(engine: str) -> list[Environment]:
    """Return the environments of an engine."""
    rows = [row for row in clean() if row.browser == ("chromium" if engine == "webkit" else engine)]
    if engine == "webkit":
        # The others need Playwright's page.
        anywhere = (plain, visits.slow, visits.after_consent)
        possible = [row for row in rows if row.visit in anywhere and not row.options]
        rows = [replace(row, browser=engine) for row in possible]
    long: tuple[Visit, ...] = (visits.slow, visits.warm)
    rows = [replace(row, visit=plain) if row.visit in long else row for row in rows]
    # Hidden tabs take seconds each and have no verdict at load.
    return [row for row in rows if row.visit is not visits.in_background]


def count_loads(
    engine: str, loads: int, tell: Callable[[Count], object], browsers: int = 2
) -> Count:
    """Load pages and count the verdicts; `tell` is called for every load."""
    guard_driver()
    logging.getLogger("detector").setLevel(logging.ERROR)
    loading = Loading(engine, loads, tell)
    loading.run(min(browsers, loads))
    return loading.count


def _visit(row: Environment, tab: Tab, net: Internet) -> Answer:
    def visit() -> Answer:
        answer = row.visit(tab, f"https://{HOST}/", ours(row))
        # A verdict of blocked counts, whatever the environment was.
        if answer["state"] != "blocked":
            check(row, tab, net)
        return answer

    return tried(visit)
