"""Reports through uvicorn's own code without a network: what a busy machine can still compare."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from bench.apps import DB, bare_async, empty_async, empty_fastapi
from bench.rounds import interval
from bench.table import Row
from bench.wrk import BROWSER
from detector.asgi import App
from detector.core.counting.batch_queue import MOST

APPS: Mapping[str, Callable[[], App]] = {
    "a bare ASGI app": bare_async,
    "Starlette": empty_async,
    "FastAPI": empty_fastapi,
}
ROUNDS = 25
_BATCHES = 4


def enough(quick: bool) -> int:
    """Return how many reports each app is sent."""
    return MOST * (1 + _BATCHES * (1 if quick else ROUNDS))


def compared(folder: Path, path: str, bodies: list[bytes], bare: float, quick: bool) -> list[Row]:
    """Post to each app without and with the detector in turn; `bare` is the limit for the first."""
    rounds = 1 if quick else ROUNDS
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        ways = {
            name: _sides(loop, name, folder / f"protocol-{name}", path, bodies) for name in APPS
        }
        costs: dict[str, list[tuple[float, float]]] = {name: [] for name in APPS}
        for _ in range(rounds):
            for name, (empty, report) in ways.items():
                costs[name].append((_time(empty), _time(report)))
    rows = []
    for name, found in costs.items():
        ratios = [report / empty for empty, report in found]
        at_most = bare if name == next(iter(APPS)) else 1.0
        what = f"uvicorn in one process, time of a report / of an empty view of {name}"
        note = f"{median(empty for empty, _ in found):.0f} µs of the view"
        rows.append(Row(what, median(ratios), "", at_most, None, note, interval(ratios)))
    return rows


def _sides(
    loop: asyncio.AbstractEventLoop, name: str, db: Path, path: str, bodies: list[bytes]
) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return the posting of a report to an app's empty view, and to the detector around it."""
    with patch.dict(os.environ):
        os.environ.pop(DB, None)
        empty = _posting(loop, APPS[name](), "/", iter(bodies))
        os.environ[DB] = str(db)
        return empty, _posting(loop, APPS[name](), path, iter(bodies))


def _posting(
    loop: asyncio.AbstractEventLoop, app: App, path: str, bodies: Iterator[bytes]
) -> Callable[[], None]:
    config = Config(app, http="h11", lifespan="off", access_log=False, log_level="warning")
    config.load()
    protocol = H11Protocol(config, ServerState(), {}, loop)
    protocol.connection_made(_Nowhere())

    def post() -> None:
        body = next(bodies)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: news.example\r\nUser-Agent: {BROWSER}\r\n"
            "Content-Type: application/json\r\nSec-Fetch-Site: same-origin\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        protocol.data_received(head.encode() + body)
        while not protocol.cycle.response_complete:
            _turn(loop)
        _turn(loop)

    for _ in range(MOST):
        post()
    return post


def _turn(loop: asyncio.AbstractEventLoop) -> None:
    """Run what is ready, once."""
    loop.stop()
    loop.run_forever()


def _time(post: Callable[[], None]) -> float:
    """Return the CPU time of one of several posts, in µs."""
    began = time.thread_time()
    for _ in range(MOST * _BATCHES):
        post()
    return (time.thread_time() - began) / (MOST * _BATCHES) * 1e6


class _Nowhere(asyncio.Transport):
    """A connection whose output is not sent."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return no address: the detector then has no client to limit."""
        return default

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Drop the output."""

    def is_closing(self) -> bool:
        """Whether the connection ends: never."""
        return False
