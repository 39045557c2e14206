"""Pages per second of the demo newspaper, with and without the detector."""

from __future__ import annotations

import tempfile
from http.client import HTTPConnection
from pathlib import Path

from bench import wrk
from bench.apps import SECRET
from bench.rounds import alternate, rows
from bench.serving import HOST, Server
from bench.table import BenchError, Row
from bench.timing import medians, served
from detector.demo.app import create_app
from detector.page.tag import INLINE

PAGE = "/big"
BUDGET = 0.95
ROUNDS = 40
SECONDS = 0.3


def run(quick: bool = False) -> list[Row]:
    """Load the 100 KB page on two servers in turn, each round for a third of a second."""
    wrk.check()
    with (
        tempfile.TemporaryDirectory() as folder,
        Server("bench.apps:paper()") as without,
        Server(f"bench.apps:paper({str(Path(folder) / 'db')!r})") as with_,
    ):
        plain, tagged = _page(without), _page(with_)
        grown = len(tagged) - len(plain)
        if INLINE.encode() in plain or tagged.count(INLINE.encode()) != 1:
            raise BenchError(f"{PAGE} should have one tag with the detector and none without")
        if not quick:
            for server in (without, with_):
                wrk.load(server, PAGE, SECONDS)
        pairs = alternate(
            lambda: wrk.load(without, PAGE, SECONDS),
            lambda: wrk.load(with_, PAGE, SECONDS),
            1 if quick else ROUNDS,
        )
        inside = _inside(str(Path(folder) / "inside"), 0.1 if quick else 4.0)
    size = Row("size of the page", len(plain), "B", note=f"and {grown} B of tag")
    return [size, *rows(pairs, "pages", at_least=BUDGET), *inside]


def _inside(db: str, seconds: float) -> list[Row]:
    """Measure the same page in this process, with no server: less noise, and a stricter ratio."""
    pace = medians(
        {
            "without": served(create_app(secret=SECRET, detector=False), PAGE),
            "with": served(create_app(secret=SECRET, db=db), PAGE),
        },
        seconds,
    )
    return [
        Row("in one process, added to each page", pace["with"] - pace["without"], "µs"),
        Row("in one process, with / without", pace["without"] / pace["with"], ""),
    ]


def _page(server: Server) -> bytes:
    http = HTTPConnection(HOST, server.port, timeout=20)
    try:
        http.request("GET", PAGE, headers={"User-Agent": wrk.BROWSER})
        return http.getresponse().read()
    finally:
        http.close()
