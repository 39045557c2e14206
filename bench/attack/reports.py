"""Reports: forged, damaged, replayed or excess ones are never counted, and never an error."""

from __future__ import annotations

import resource
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import ClassVar

from bench.attack.calling import Out, call_asgi, call_wsgi, environ_of, no_page, watch_errors
from bench.attack.report_ways import WAYS, Sent, damaged, flooding
from bench.attack.tally import Family
from detector.asgi import DetectorMiddleware as Asgi
from detector.core.config.loading import make_config
from detector.core.counting.dimensions import Key, rows_per_hour
from detector.core.limits.rate_limiter import BURST, CLIENTS
from detector.core.reports.recent_views import CAP
from detector.core.site import Site
from detector.core.vocabulary import HEALTH_ACTIONS
from detector.wsgi import DetectorMiddleware as Wsgi
from tests.conftest import SECRET, Clock
from tests.support.calls import scope_of

_GROWTH = 64
"""MB: 20,000 views and as many clients are about 10."""


class Reports(Family):
    """Mostly bad reports to one site, through WSGI and ASGI in turn."""

    name = "reports"
    count = 200_000
    properties: ClassVar[Mapping[str, str]] = {
        "errors": "never an exception",
        "answer": "the response is an empty 204, or a 405 for other methods than POST",
        "head": "HEAD has no body",
        "bad": "an invalid report is not counted",
        "right": "a valid report is counted once, however often it is sent",
        "flood": f"of one client's flood at most {BURST} are counted at once",
        "memory": f"memory grows by less than {_GROWTH} MB",
        "rows": f"rows stay below {rows_per_hour():,} an hour",
    }

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.site = Site(make_config(secret=SECRET), self.clock)
        self.caught: list[str] = []
        watch_errors(self.site, self.caught)
        self.wsgi, self.asgi = Wsgi(no_page, site=self.site), Asgi(no_page, site=self.site)
        self.path = f"/{self.site.names.prefix}/{self.site.names.report}"
        self.keys: set[tuple[str, ...]] = set()
        self.before = 0.0

    def case(self, rng: Random) -> None:
        """Send one report, several times if the case requires it."""
        # There are so many clients in a day that none is remembered for long.
        self.clock.now += rng.choice((0, 0, 0.1))
        sent = Sent(rng, self.site)
        way = flooding if rng.random() < 0.002 else rng.choice(WAYS)
        most = way(sent)
        for _ in range(abs(sent.times)):
            if sent.times < 0:
                sent.fields["t"] = self.site.tokens.view("".join(rng.choices("0123456789", k=20)))
            out = self._post(sent, asgi=rng.random() < 0.5)
            detail = f"{way.__name__}: {sent.bytes()[:150]!r} {sent.headers} {out}"
            self.check("errors", not out.error and not self.caught, f"{self.caught} {detail}")
            self.caught.clear()
            if sent.method == "POST":
                self.check("answer", (out.status, out.body) == (204, b""), detail)
            else:
                self.check("answer", out.status == 405, detail)
            if sent.method == "HEAD":
                self.check("head", not out.body, detail)
        rows = self.site.counters.drain()
        self.keys.update(key[1:] for key in rows)
        found = verdicts(rows)
        detail = f"{way.__name__}: {found} counted of {sent.bytes()[:150]!r} {sent.headers}"
        if not most:
            self.check("bad", found == 0, detail)
        elif way is flooding:
            self.check("flood", 0 < found <= most, detail)
        elif way is damaged:
            self.check("bad", found <= most, detail)
        else:
            self.check("right", found == most, detail)
        if self.tally.case == 2000:  # after imports and caches are filled
            self.before = _used()

    def finish(self) -> None:
        """Check the memory."""
        figures = self.tally.figures
        if self.before:
            grown = _used() - self.before
            figures["memory grew by"] = f"{grown:.1f} MB"
            self.check("memory", grown < _GROWTH, f"{grown:.1f} MB")
        views = self.site.recent_views
        self.check("memory", len(getattr(views, "_views", ())) <= CAP, "views")
        self.check("memory", len(getattr(self.site.rate_limiter, "_due", ())) <= CLIENTS, "clients")
        figures["different rows"] = f"{len(self.keys):,}"
        self.check("rows", len(self.keys) <= rows_per_hour(), len(self.keys))

    def close(self) -> None:
        """Close the site."""
        self.site.close()

    def _post(self, sent: Sent, asgi: bool) -> Out:
        body = sent.bytes()
        if asgi:
            more = {"headers": sent.headers, "client": (sent.remote, 1)}
            return call_asgi(self.asgi, scope_of(self.path, sent.method, **more), body)
        return call_wsgi(
            self.wsgi, environ_of(self.path, sent.method, sent.headers, sent.remote, body)
        )


def verdicts(rows: dict[Key, int]) -> int:
    """Return how many events of reports were counted, without refusals."""
    aside = (*HEALTH_ACTIONS, "corrected", "recovered")
    return sum(n for key, n in rows.items() if key[2] == "all" and key[5] not in aside)


def _used() -> float:
    """Return the current memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6
