"""Reports per second, against the least that a Flask view can do: an empty 204."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import wrk
from bench.apps import SECRET, smallest
from bench.rounds import Sample, alternate, rows
from bench.serving import HOST, Server
from bench.table import BenchError, Row
from bench.timing import medians, served
from bench.visitor import verdict, view_id
from detector.names import Names
from detector.report.tokens import Tokens
from detector.stats.query import summary
from detector.stats.store import open_store

BUDGET = 1.0
ROUNDS = 30
SECONDS = 0.3
ENOUGH = 6_000
"""Reports for one round: one worker answers fewer than 20,000 a second."""


def run(quick: bool = False) -> list[Row]:
    """Post reports of ever new views to both servers in turn, a third of a second each."""
    wrk.check()
    names = Names(SECRET)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        db = folder / "db"
        with (
            Server("bench.apps:empty()") as without,
            Server(f"bench.apps:empty({str(db)!r})") as with_,
        ):
            ours = _Side(with_, f"/{names.prefix}/{names.report}", folder)
            theirs = _Side(without, "/", folder)
            theirs.post()
            warm = ours.post()
            pairs = alternate(theirs.post, ours.post, 1 if quick else ROUNDS)
        counted = summary(open_store(str(db), readonly=True))
        inside = _inside(str(folder / "inside"), 0.1 if quick else 1.0)
    done = warm.done + sum(pair[1].done for pair in pairs)
    # wrk leaves at most one report on each connection unanswered when its time is up.
    most = done + wrk.CONNECTIONS * wrk.TRIES * (len(pairs) + 1)
    if counted.refused or not done <= counted.verdicts["clear"] <= most:
        raise BenchError(f"{done} reports were posted, but counted was {counted.as_dict()}")
    return [*rows(pairs, "reports", ("empty view", "report"), at_least=BUDGET), *inside]


def _inside(db: str, seconds: float) -> list[Row]:
    """Measure the same in this process, with no server: less noise, and a stricter ratio."""
    bodies = [body.encode() for body in _bodies(int(40_000 * seconds) + 1000)]
    names = Names(SECRET)
    path = f"/{names.prefix}/{names.report}"
    apps = {db: smallest(db), db + "-shared": smallest(db + "-shared", shared_limits=True)}
    try:
        ours, sharing = apps.values()
        pace = medians(
            {
                "empty": served(smallest(), "/", iter(bodies)),
                "report": served(ours, path, iter(bodies)),
                "shared": served(sharing, path, iter(bodies)),
            },
            seconds,
        )
    finally:
        for app in apps.values():
            app.extensions["detector"].close()
    for store in apps:
        if summary(open_store(store, readonly=True)).refused:
            raise BenchError("reports that should have been taken were refused")
    return [
        Row("in one process, empty view", pace["empty"], "µs"),
        Row("in one process, report", pace["report"], "µs"),
        Row("in one process, report with shared limits", pace["shared"], "µs"),
        Row("in one process, report / empty view", pace["empty"] / pace["report"], ""),
    ]


def _bodies(count: int) -> Iterator[str]:
    """Make reports of as many views: a second report of one would be refused, and cost less."""
    tokens = Tokens([SECRET])
    page = tokens.page("/<section>/<slug>")
    return (verdict(tokens.view(view_id()), page) for _ in range(count))


class _Side:
    """One of the two addresses, and the file from which each round posts."""

    def __init__(self, server: Server, path: str, folder: Path) -> None:
        self._server = server
        self._path = path
        self._file = folder / f"bodies-{server.port}"

    def post(self) -> Sample:
        """Post each body once, for a third of a second."""
        headers = {
            "Content-Type": "text/plain;charset=UTF-8",
            "Origin": f"http://{HOST}:{self._server.port}",
            "Sec-Fetch-Site": "same-origin",
        }
        return wrk.load(self._server, self._path, SECONDS, headers, self._fresh)

    def _fresh(self) -> Path:
        self._file.write_text("\n".join(_bodies(ENOUGH)), "ascii")
        return self._file
