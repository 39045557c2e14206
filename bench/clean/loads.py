"""Many loads of one browser, spread over the clean environments of the matrix."""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.matrix import visits
from bench.matrix.clean import clean
from bench.matrix.environment import CLEAR, Answer, Environment, NotRun, Tab, Visit, plain
from bench.matrix.reading import ours
from bench.matrix.rows import BROWSERS
from bench.matrix.sites import HOST, put_sites
from detector.qa.driver import guard_driver
from detector.qa.internet import Internet

# Loads of one visitor: the first with an empty cache, the others with a warm one.
IN_A_ROW = 5


@dataclass
class Count:
    """What the loads said; `arriving` counts states of loads whose ads arrive."""

    states: Counter[str] = field(default_factory=Counter)
    arriving: Counter[str] = field(default_factory=Counter)
    # Environments that the browser did not grant, for instance a page that it did not keep.
    left_out: Counter[str] = field(default_factory=Counter)
    # Whatever was not wanted: environment, answer.
    odd: list[tuple[str, Answer]] = field(default_factory=list)

    @property
    def loads(self) -> int:
        """All loads so far."""
        return self.states.total()

    def add(self, row: Environment, answer: Answer) -> None:
        """Count one load."""
        state = str(answer.get("state"))
        self.states[state] += 1
        if row.wanted == (CLEAR,) and row.name != "no ads":
            self.arriving[state] += 1
        if not row.right(answer):
            self.odd.append((row.name, answer))


def rows_for(engine: str) -> list[Environment]:
    """Return the environments that an engine is varied over."""
    rows = [row for row in clean() if row.browser == ("chromium" if engine == "webkit" else engine)]
    if engine == "webkit":
        plainly = [row for row in rows if row.visit in (plain, visits.slow) and not row.options]
        rows = [replace(row, browser=engine, visit=plain) for row in plainly]
    long: tuple[Visit, ...] = (visits.slow, visits.warm)
    rows = [replace(row, visit=plain) if row.visit in long else row for row in rows]
    # Hidden tabs take seconds each and are never judged by a load alone.
    return [row for row in rows if row.visit is not visits.in_background]


def count_loads(engine: str, loads: int, tell: Callable[[Count], object]) -> Count:
    """Load pages and count the verdicts; `tell` hears of every round."""
    from playwright.sync_api import sync_playwright

    guard_driver()

    logging.getLogger("detector").setLevel(logging.ERROR)
    rows, count, number = rows_for(engine), Count(), 0
    with (
        tempfile.TemporaryDirectory(prefix="clean-") as folder,
        sync_playwright() as playwright,
        Internet() as net,
        BROWSERS[engine](playwright, net) as started,
    ):
        while count.loads < loads:
            row = rows[number % len(rows)]
            # Another name makes another secret, and with it other baits.
            named = replace(row, name=f"{row.name} {number}")
            number += 1
            net.reset()
            net.clear_log()
            put_sites(net, Path(folder), named, ())
            if row.faults:
                row.faults(net)
            tab = started.tab(row.options)
            try:
                # Other visits leave their tab in a state that is not a fresh visitor's.
                in_a_row = IN_A_ROW if row.visit is plain else 1
                for _ in range(min(in_a_row, loads - count.loads)):
                    count.add(row, _visit(row, tab))
            except NotRun:
                count.left_out[row.name] += 1
            finally:
                tab.close()
            if number % len(rows) == 0:
                tell(count)
    return count


def _visit(row: Environment, tab: Tab) -> Answer:
    from playwright.sync_api import Error
    from selenium.common.exceptions import WebDriverException

    try:
        return row.visit(tab, f"https://{HOST}/", ours(row))
    except (Error, WebDriverException) as error:
        return {"state": "failed", "kind": None, "why": str(error).splitlines()[0][:200]}
