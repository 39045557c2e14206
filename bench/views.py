"""Whole views per second: the page and the detector's requests, or only the page."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import pages
from bench.apps import SECRET
from bench.rounds import Pair, Sample, alternate, rows
from bench.serving import Server
from bench.table import BenchError, Row
from bench.timing import Way, medians, served, together
from bench.visitor import Visitor, verdict, view_id
from detector.analytics.query import Summary, summary
from detector.core.counting.batch_queue import MOST
from detector.core.counting.store_url import open_store
from detector.demo.app import create_app

if TYPE_CHECKING:
    from flask import Flask

PAGES = {"100 KB": pages.PAGE, "12 KB": "/"}
BUDGET = 0.8
ROUNDS = 15
VISITORS = 4
VIEWS = 15
"""By each visitor in each round."""
ENOUGH = 20_000
"""Bootstraps and reports for one second, each of another view."""


def run(quick: bool = False) -> list[Row]:
    """View two pages by four visitors on servers in turn; check the counts."""
    out = []
    for size, page in PAGES.items():
        out += [replace(row, what=f"{row.what}, of {size}") for row in _run(page, quick)]
    with tempfile.TemporaryDirectory() as folder:
        return out + _inside(str(Path(folder) / "db"), 0.1 if quick else 1.0)


def _run(page: str, quick: bool) -> list[Row]:
    """Measure the page alone and a view, then the page alone and bare answers to its requests."""
    rounds, views = (1, 3) if quick else (ROUNDS, VIEWS)

    def alone(visitor: Visitor) -> None:
        visitor.page(page)

    def whole(visitor: Visitor) -> None:
        visitor.view(page)

    def bare(visitor: Visitor) -> None:
        visitor.bare(page)

    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "db"
        with (
            Server("bench.apps:paper_bare()") as without,
            Server(f"bench.apps:paper({str(db)!r})") as with_,
        ):
            if not quick:
                _go(without, bare, views)
            _go(with_, whole, views)
            pairs = _pairs((without, alone), (with_, whole), rounds, views)
            least = _pairs((without, alone), (without, bare), max(1, rounds // 3), views)
        counted = summary(open_store(str(db), readonly=True))
    _check(counted, views * VISITORS * (len(pairs) + 1))
    return [
        Row("views counted", counted.views, "views", note="each with its verdict"),
        *rows(pairs, "whole views", at_least=BUDGET),
        *(
            row
            for row in rows(least, "whole views", ("without", "bare answers"))
            if "bare answers" in row.what
        ),
    ]


Side = tuple[Server, Callable[[Visitor], None]]


def _pairs(one: Side, other: Side, rounds: int, views: int) -> list[Pair]:
    return alternate(lambda: _go(*one, views), lambda: _go(*other, views), rounds)


def _go(server: Server, step: Callable[[Visitor], None], times: int) -> Sample:
    def one() -> None:
        visitor = Visitor(server.port)
        try:
            for _ in range(times):
                step(visitor)
        finally:
            visitor.close()

    before, began = server.cpu(), time.perf_counter()
    with ThreadPoolExecutor(VISITORS) as pool:
        for ended in [pool.submit(one) for _ in range(VISITORS)]:
            ended.result()
    seconds = time.perf_counter() - began
    return Sample(times * VISITORS, seconds, server.cpu() - before)


def _check(counted: Summary, wanted: int) -> None:
    clear = counted.verdicts["clear"]
    if (counted.views, clear, counted.errors) != (wanted, wanted, 0) or counted.refused:
        raise BenchError(f"{wanted} views were made, but counted was {counted.as_dict()}")


def _inside(db: str, seconds: float) -> list[Row]:
    """Measure each request of a view in this process: what is left without a server."""
    app = create_app(secret=SECRET, db=db)
    ways = requests(app, int(ENOUGH * seconds) + 1000)
    try:
        # Reports are queued, and one of a batch counts them all.
        found = medians({name: together(way, MOST) for name, way in ways.items()}, seconds)
    finally:
        app.extensions["detector"].close()
    if summary(open_store(db, readonly=True)).refused:
        raise BenchError("valid reports were refused")
    return [Row(f"in one process, {name}", whole / MOST, "µs") for name, whole in found.items()]


def requests(app: Flask, many: int) -> dict[str, Way]:
    """Return the script's requests, each to be made up to so many times, of another view each."""
    site = app.extensions["detector"]
    folder, token = f"/{site.names.prefix}", site.tokens.page("/")
    queries = iter([_query(token) for _ in range(many)])
    reports = iter([verdict(site.tokens.view(view_id()), token).encode() for _ in range(many)])
    bootstrap = served(app, f"{folder}/{site.tagger.file()}on", more=queries)
    told: dict[str, Any] = json.loads(b"".join(bootstrap()))
    path, _, query = (told["b"][0][2] + told["t"]).partition("?")
    return {
        "bootstrap": bootstrap,
        "bait": served(app, f"{folder}/{path}", more=repeat({"QUERY_STRING": query})),
        "report": served(app, f"{folder}/{site.names.report}", reports),
    }


def _query(token: str) -> dict[str, str]:
    """Return what differs between bootstraps: the view and its visitor's address."""
    return {
        "QUERY_STRING": f"v={view_id()}&p={token}&w=false",
        "REMOTE_ADDR": f"93.{random.randrange(256)}.{random.randrange(256)}.1",
        "HTTP_SEC_FETCH_SITE": "same-origin",
    }
