"""Pages per second of the demo newspaper, with and without the detector."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

from bench import wrk
from bench.apps import DB, SECRET
from bench.rounds import Pair, alternate, rows
from bench.serving import HOST, Server, uvicorn
from bench.table import BenchError, Row
from bench.timing import medians, served
from detector.core.counting.batch_queue import MOST
from detector.core.html.tag import INLINE
from detector.demo.app import create_app

PAGE = "/big"
BUDGET = 0.98
ROUNDS = 40
SECONDS = 0.3


def run(quick: bool = False, times: int = 1) -> list[Row]:
    """Load the 100 KB page on two servers in turn, each round for a third of a second."""
    wrk.check()
    with tempfile.TemporaryDirectory() as folder:
        db = str(Path(folder) / "db")
        with_ = Server(f"bench.apps:paper({db!r})")
        rounds = 1 if quick else ROUNDS
        size, pairs = _both(Server("bench.apps:paper()"), with_, rounds, times)
        more = {DB: str(Path(folder) / "db-async")}
        app = "bench.apps:paper_async()"
        sides = Server(app, uvicorn), Server(app, uvicorn, more)
        _, by_uvicorn = _both(*sides, rounds, times)
        inside = _inside(str(Path(folder) / "inside"), 0.02 if quick else 4.0)
    return [
        size,
        *rows(pairs, "pages", at_least=BUDGET),
        *(
            replace(row, what=f"{row.what}, by uvicorn")
            for row in rows(by_uvicorn, "pages", at_least=BUDGET)
        ),
        *inside,
    ]


def _both(without: Server, with_: Server, rounds: int, times: int) -> tuple[Row, list[Pair]]:
    """Measure two servers in turn, restarted each time; return the size of the page too.

    Two processes of one program differ by their memory layout, so that one pair is not enough.
    """
    size, pairs = _started(without, with_, rounds)
    for _ in range(times - 1):
        pairs += _started(without, with_, rounds)[1]
    return size, pairs


def _started(without: Server, with_: Server, rounds: int) -> tuple[Row, list[Pair]]:
    with without, with_:
        plain, tagged = _page(without), _page(with_)
        if INLINE.encode() in plain or tagged.count(INLINE.encode()) != 1:
            raise BenchError(f"{PAGE} should have one tag with the detector and none without")
        if rounds > 1:
            for server in (without, with_):
                wrk.load(server, PAGE, SECONDS, wrk.OPENING)
        pairs = alternate(
            lambda: wrk.load(without, PAGE, SECONDS, wrk.OPENING),
            lambda: wrk.load(with_, PAGE, SECONDS, wrk.OPENING),
            rounds,
        )
    grown = len(tagged) - len(plain)
    return Row("size of the page", len(plain), "B", note=f"and {grown} B of tag"), pairs


def _inside(db: str, seconds: float) -> list[Row]:
    """Measure the same page in this process, without a server: less noise, and a stricter ratio."""
    pace = medians(
        {
            "without": served(create_app(secret=SECRET, detector=False), PAGE),
            "with": served(create_app(secret=SECRET, db=db), PAGE),
        },
        seconds,
    )
    return [
        Row(
            "in one process, added to each page",
            pace["with"] - pace["without"],
            "µs",
            note=f"but to one in {MOST}, which is counted with those before it",
        ),
        Row("in one process, with / without", pace["without"] / pace["with"], ""),
    ]


def _page(server: Server) -> bytes:
    http = HTTPConnection(HOST, server.port, timeout=20)
    try:
        http.request("GET", PAGE, headers={"User-Agent": wrk.BROWSER})
        return http.getresponse().read()
    finally:
        http.close()
