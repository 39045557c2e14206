"""What hears of an audit while it runs: the table, and the delay between pages."""

from __future__ import annotations

import time
from collections.abc import Callable

from detector.audit.model import PageVisit, Under
from detector.audit.pages import Pages
from detector.audit.table import Plain


class AuditProgress:
    """What hears of an audit: passes all on to a table, keeps pages apart in time."""

    def __init__(
        self,
        table: Plain,
        found: Pages,
        runs: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.table = table
        self._delay = found.delay
        self._runs = runs
        self._clock, self._sleep = clock, sleep
        self._last = float("-inf")
        self._seen: set[str] = set()
        table.expect(runs * (found.most if found.crawl else len(found.urls)))

    def page(self, url: str, blocker: str) -> None:
        """Wait as long as robots.txt asks for."""
        wait = self._last + self._delay - self._clock()
        if wait > 0:
            self._sleep(wait)
        self._last = self._clock()
        self.table.page(url, blocker)

    def visit(self, visit: PageVisit) -> None:
        """Pass a visit on."""
        self._seen.add(visit.url)
        self.table.visit(visit)

    def blocker(self, under: Under) -> None:
        """Pass a blocker on; by the first that blocks all pages are known."""
        if under.clean:
            self.table.expect(self._runs * len(self._seen))
        self.table.blocker(under)
