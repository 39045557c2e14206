"""Scopes other than HTTP: websockets are passed on, and the lifespan starts and ends."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from detector.analytics.query import summary
from detector.asgi import DetectorMiddleware
from detector.core.counting.store_url import open_store
from detector.core.site import Site
from tests.conftest import SECRET
from tests.support.calls import Message


def test_other_scopes_pass(site: Site) -> None:
    """A websocket reaches the app unchanged, also below the detector's prefix."""
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.append(arguments)

    given = ({"type": "websocket", "path": f"/{site.names.prefix}/x"}, object(), object())
    middleware: Any = DetectorMiddleware(app, site=site)
    asyncio.run(middleware(*given))
    assert seen == [given]


def test_websocket_of_an_app(site: Site) -> None:
    """A websocket works through the middleware."""

    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.close()

    app = Starlette(routes=[WebSocketRoute("/ws", echo)])
    app.add_middleware(DetectorMiddleware, site=site)
    with TestClient(app).websocket_connect("/ws") as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "hello"


def test_counters_are_written_at_shutdown(tmp_path: Path) -> None:
    """At the app's shutdown the counts are written to the store."""
    db = str(tmp_path / "db")
    app = Starlette()
    middleware = DetectorMiddleware(app, secret=SECRET, store=db, flush_seconds=3600)
    with TestClient(middleware):
        middleware.site.count("view", group="/", browser="firefox", device="desktop")
    assert summary(open_store(db, readonly=True)).views == 1


@pytest.mark.parametrize("lifespan", [True, False])
def test_signal_is_heard_where_no_lifespan_ends(lifespan: bool, tmp_path: Path) -> None:
    """The server's SIGTERM handler is wrapped only if no lifespan announces the end."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if not lifespan:
            raise ValueError("HTTP only")
        await send({"type": "lifespan.startup.complete"})

    async def serve() -> None:
        with contextlib.suppress(ValueError):
            await middleware({"type": "lifespan"}, None, send)
        middleware.site.count("view", group="/", browser="firefox", device="desktop")

    async def send(message: Message) -> None:
        assert message == {"type": "lifespan.startup.complete"}

    def server(number: int, frame: Any) -> None:
        raise AssertionError("no signal was sent")

    store = str(tmp_path / "db")
    middleware: Any = DetectorMiddleware(app, secret=SECRET, store=store, flush_seconds=3600)
    before = signal.signal(signal.SIGTERM, server)
    try:
        asyncio.run(serve())
        assert (signal.getsignal(signal.SIGTERM) is server) is lifespan
    finally:
        signal.signal(signal.SIGTERM, before)
        middleware.site.close()


def test_first_visitor_waits_for_no_import() -> None:
    """The parsers are imported while the server starts, not while it serves."""
    code = """
import asyncio, sys
from detector.asgi import DetectorMiddleware
async def app(scope, receive, send): print("ua_parser" in sys.modules)
made = DetectorMiddleware(app, secret="a secret for tests, long enough")
print("ua_parser" in sys.modules)
asyncio.run(made({"type": "lifespan"}, None, None))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
