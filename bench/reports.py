"""Reports per second, compared with the minimal view of each framework: an empty 204."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench import protocol, wrk
from bench.apps import DB, SECRET, smallest
from bench.rounds import Pair, Sample, alternate, rows
from bench.serving import HOST, Server, uvicorn
from bench.table import BenchError, Row
from bench.timing import medians, served, together
from bench.visitor import verdict, view_id
from detector.analytics.query import summary
from detector.core.config.options import Config
from detector.core.counting.batch_queue import MOST
from detector.core.counting.store_url import open_store
from detector.core.request import Request
from detector.core.served_names import ServedNames
from detector.core.site import Site
from detector.core.tokens import Tokens

BUDGET = 1.0
BARE = 1.6
"""Times that a report may take of a bare ASGI app's answer."""
DJANGO = {
    "Django on gunicorn": ("bench.apps:empty_django()", BUDGET),
    "a bare Django middleware on gunicorn": ("bench.apps:bare_django()", None),
}
UVICORN = {
    "FastAPI on uvicorn": ("bench.apps:empty_fastapi()", BUDGET),
    "Starlette on uvicorn": ("bench.apps:empty_async()", BUDGET),
    "a bare ASGI app on uvicorn": ("bench.apps:bare_async()", 1 / BARE),
}
ROUNDS = 30
SECONDS = 0.3
SLOWEST = 50
"""Microseconds for checking one report."""
ENOUGH = 50_000
"""Reports for a second of a round: one worker answers fewer (22,000 were seen)."""


def run(quick: bool = False, times: int = 1) -> list[Row]:
    """Post reports of new views to servers in turn, a third of a second each."""
    wrk.check()
    seconds = 0.1 if quick else SECONDS
    with tempfile.TemporaryDirectory() as place:
        folder, rounds = Path(place), 1 if quick else ROUNDS
        db = folder / "db"
        pairs = _both(
            Server("bench.apps:empty()"),
            Server(f"bench.apps:empty({str(db)!r})"),
            db,
            rounds,
            times,
            seconds,
        )
        others = {}
        for title, (app, budget) in DJANGO.items():
            store = folder / app.partition(":")[2]
            sides = Server(app), Server(f"bench.apps:empty_django({str(store)!r})")
            others[title] = _both(*sides, store, rounds, times, seconds), budget
        for title, (app, budget) in UVICORN.items():
            store = folder / app.partition(":")[2]
            sides = Server(app, uvicorn), Server(app, uvicorn, {DB: str(store)})
            others[title] = _both(*sides, store, rounds, times, seconds), budget
        inside = _inside(str(folder / "inside"), 0.02 if quick else 1.0)
        own = ServedNames(SECRET)
        sent = [body.encode() for body in _bodies(protocol.enough(quick))]
        path = f"/{own.prefix}/{own.report}"
        by_protocol = protocol.compared(folder, path, sent, BARE, quick)
        taking = _taking(0.02 if quick else 1.0)
    names = ("empty view", "report")
    return [
        *rows(pairs, "reports", names, at_least=BUDGET),
        *(
            replace(row, what=f"{row.what}, by {title}")
            for title, (found, budget) in others.items()
            for row in rows(found, "reports", names, at_least=budget)
        ),
        *inside,
        *by_protocol,
        taking,
    ]


def _both(
    without: Server, with_: Server, db: Path, rounds: int, times: int, seconds: float
) -> list[Pair]:
    """Post to two servers in turn, and check that each report was counted once."""
    names = ServedNames(SECRET)
    with without, with_:
        ours = _Side(with_, f"/{names.prefix}/{names.report}", db.parent, seconds)
        theirs = _Side(without, "/", db.parent, seconds)
        theirs.post()
        warm = ours.post()
        pairs = alternate(theirs.post, ours.post, rounds, times)
    counted = summary(open_store(str(db), readonly=True))
    done = warm.done + sum(pair[1].done for pair in pairs)
    # wrk leaves at most one report on each connection unanswered when its time is up.
    most = done + wrk.CONNECTIONS * wrk.TRIES * (len(pairs) + 1)
    if counted.refused or not done <= counted.verdicts["clear"] <= most:
        raise BenchError(f"{done} reports were posted, but counted was {counted.as_dict()}")
    return pairs


def _inside(db: str, seconds: float) -> list[Row]:
    """Measure the same in this process, without a server: less noise, and a stricter ratio."""
    bodies = [body.encode() for body in _bodies(int(40_000 * seconds) + 1000)]
    names = ServedNames(SECRET)
    path = f"/{names.prefix}/{names.report}"
    apps = {db: smallest(db), db + "-shared": smallest(db + "-shared", shared_limits=True)}
    try:
        ours, sharing = apps.values()
        ways = {
            "empty": served(smallest(), "/", iter(bodies)),
            "report": served(ours, path, iter(bodies)),
            "shared": served(sharing, path, iter(bodies)),
        }
        found = medians({name: together(way, MOST) for name, way in ways.items()}, seconds)
        pace = {name: whole / MOST for name, whole in found.items()}
    finally:
        for app in apps.values():
            app.extensions["detector"].close()
    for store in apps:
        if summary(open_store(store, readonly=True)).refused:
            raise BenchError("valid reports were refused")
    return [
        Row("in one process, empty view", pace["empty"], "µs"),
        Row("in one process, report", pace["report"], "µs"),
        Row("in one process, report with shared limits", pace["shared"], "µs"),
        Row("in one process, report / empty view", pace["empty"] / pace["report"], ""),
    ]


def _taking(seconds: float) -> Row:
    """Measure the processing of a report alone: checked, corroborated, and counted."""
    bodies = iter([body.encode() for body in _bodies(int(100_000 * seconds) + 1000)])
    site = Site(Config(secret=SECRET))
    headers = {"user-agent": wrk.BROWSER, "sec-fetch-site": "same-origin"}

    def one() -> None:
        body = next(bodies)
        request = Request("POST", headers=headers, read=lambda size: body[:size])
        site.processor.process(site.receiver.receive(request))

    pace = medians({"take": one}, seconds)
    return Row("checking and counting one report", pace["take"], "µs", SLOWEST)


def _bodies(count: int) -> Iterator[str]:
    """Build reports of this many views: a second report of one would be refused, and cost less."""
    tokens = Tokens([SECRET])
    page = tokens.page("/<section>/<slug>")
    return (verdict(tokens.view(view_id()), page) for _ in range(count))


class _Side:
    """One of the two addresses, and the file from which each round posts."""

    def __init__(self, server: Server, path: str, folder: Path, seconds: float) -> None:
        self._server = server
        self._seconds = seconds
        self._path = path
        self._file = folder / f"bodies-{server.port}"

    def post(self) -> Sample:
        """Post each body once, for a part of a second."""
        headers = {
            "Content-Type": "application/json",
            "Origin": f"http://{HOST}:{self._server.port}",
            "Sec-Fetch-Site": "same-origin",
        }
        return wrk.load(self._server, self._path, self._seconds, headers, self._fresh)

    def _fresh(self, seconds: float) -> Path:
        self._file.write_text("\n".join(_bodies(int(ENOUGH * seconds))), "ascii")
        return self._file
