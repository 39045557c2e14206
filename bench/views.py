"""Whole views per second: the page and the detector's requests, or only the page."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.pages import PAGE
from bench.rounds import Sample, alternate, rows
from bench.serving import Server
from bench.table import BenchError, Row
from bench.visitor import Visitor
from detector.analytics.query import Summary, summary
from detector.core.counting.store_url import open_store

ROUNDS = 20
VISITORS = 4
VIEWS = 15
"""By each visitor in each round."""


def run(quick: bool = False) -> list[Row]:
    """View the 100 KB page by four visitors on two servers in turn; check the counts."""
    rounds, views = (1, 3) if quick else (ROUNDS, VIEWS)
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "db"
        with (
            Server("bench.apps:paper()") as without,
            Server(f"bench.apps:paper({str(db)!r})") as with_,
        ):
            if not quick:
                _go(without, _pages, views)
            _go(with_, _views, views)
            pairs = alternate(
                lambda: _go(without, _pages, views),
                lambda: _go(with_, _views, views),
                rounds,
            )
        counted = summary(open_store(str(db), readonly=True))
    wanted = views * VISITORS * (rounds + 1)
    _check(counted, wanted)
    count = Row("views counted", counted.views, "views", note="each with its verdict")
    return [count, *rows(pairs, "whole views")]


def _pages(visitor: Visitor) -> None:
    visitor.page(PAGE)


def _views(visitor: Visitor) -> None:
    visitor.view(PAGE)


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
