"""How many round trips a verdict waits for, through nginx with HTTP/2, in Chromium.

Each view is made at two latencies; the longer one's additional time, in round trips, is what waits
for the network. A relay before nginx delays what passes: an emulation of distance, without loss.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from bench.matrix.dnr import dnr_rules, style_sheet
from bench.matrix.extension import easylist, write_extension
from bench.rounds import median_row
from bench.table import BenchError, Row
from bench.verdicts import verdict
from detector.testing.blockers import BlockerError, BrowserMissing, Options, Running, start
from detector.testing.driver import guard_driver
from tests.support.deployed import detected, news, served
from tests.support.fronts import HOST, Certificate, nginx_front

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

# Seconds of a round trip: near, and as to a server on the next continent.
NEAR, FAR = 0.0, 0.1
# What can only follow one another: the page, and the bootstrap that its script asks for; before a
# first view also the handshake of TLS, and the script. It takes less where the browser is busy
# while it waits. The relay accepts connections itself, so that TCP's handshake is not in it.
LEAST = {"first": 4, "repeated": 2}
# Of a round trip, for what a delayed answer makes a busy browser do besides waiting.
TOLERANCE = 0.3


class Relay:
    """Passes bytes on to a port of this machine, each half a round trip later."""

    def __init__(self, port: int) -> None:
        self.round_trip = NEAR
        self.port = 0
        self._target = port
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise BenchError("the relay did not start within ten seconds")
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._relay, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_connection("127.0.0.1", self._target)
        await asyncio.gather(self._pass(reader, ours), self._pass(theirs, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A browser that has ended resets its connections.
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                self._loop.call_later(self.round_trip / 2, writer.write, data)
        self._loop.call_later(self.round_trip / 2, writer.close)


def run(quick: bool = False) -> list[Row]:
    """Count the round trips of blocked and clear views, from the start of the navigation."""
    from playwright.sync_api import sync_playwright

    guard_driver()
    loads = 2 if quick else 25
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate = Certificate(folder)
        app = detected(news(), store=str(folder / "db"), treat_bots_as_people=True, proxies=1)
        try:
            with (
                served(app) as url,
                nginx_front(folder, url, certificate) as port,
                Relay(port) as relay,
                sync_playwright() as playwright,
                _blocker(playwright, folder, "none") as clear,
                _blocker(playwright, folder, "rules") as blocked,
            ):
                return [
                    *_rows("blocked", blocked, relay, loads),
                    *_rows("clear", clear, relay, loads),
                ]
        except (BrowserMissing, BlockerError) as error:
            raise BenchError(str(error)) from None
        finally:
            app.site.close()


@contextmanager
def _blocker(playwright: Playwright, folder: Path, name: str) -> Iterator[Running]:
    """Start Chromium, with an extension made from EasyList or without; it reaches HOST alone."""
    rules = folder / "rules"
    if name == "rules":
        rules.mkdir()
        lines = easylist()
        write_extension(rules, dnr_rules(lines), style_sheet(lines))
    resolver = f"--host-resolver-rules=MAP {HOST} 127.0.0.1, MAP * ~NOTFOUND"
    options = Options(
        hide_automation=False,
        extensions={"rules": str(rules)} if name == "rules" else {},
        launch={"args": [resolver, "--ignore-certificate-errors"]},
    )
    with start(name, playwright, options) as running:
        yield running


def _rows(state: str, running: Running, relay: Relay, loads: int) -> list[Row]:
    rows = []
    for which in LEAST:
        trips, near = [], []
        for _ in range(loads):
            times = [_view(running, relay, which, state, latency) for latency in (NEAR, FAR)]
            trips.append((times[1] - times[0]) / (FAR - NEAR) / 1000)
            near.append(times[0])
        rows += [
            median_row(
                f"{state}, {which} view: round trips before the verdict",
                trips,
                at_most=LEAST[which] + TOLERANCE,
                note=f"{LEAST[which]} follow one another",
            ),
            median_row("  the verdict's time without latency", near, "ms"),
        ]
    return rows


def _view(running: Running, relay: Relay, which: str, state: str, latency: float) -> float:
    """Return the milliseconds from the navigation's start to the verdict, over HTTP/2."""
    context = running.new_context()
    page = context.new_page()
    try:
        if which == "repeated":
            relay.round_trip = NEAR
            _open(page, relay.port, state)
        relay.round_trip = latency
        return _open(page, relay.port, state)
    finally:
        context.close()


def _open(page: Page, port: int, state: str) -> float:
    # With another query, since a browser takes the same address for a reload.
    page.add_init_script(
        'document.addEventListener("ads:verdict", () => { window.toldAt ??= performance.now(); });'
    )
    page.goto(f"https://{HOST}:{port}/article/one?{time.monotonic_ns()}")
    found = verdict(page)
    protocol = page.evaluate('performance.getEntriesByType("navigation")[0].nextHopProtocol')
    if (found["state"], protocol) != (state, "h2"):
        raise BenchError(f"{state} over h2 was wanted, {found} over {protocol} came")
    told: float = page.evaluate("toldAt")
    return told
