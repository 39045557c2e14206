"""The sites run by the tests of real servers; `PLACE` in the environment is their folder.

`STORE` in the environment names the store of two of them, else it is a file in that folder.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from flask import Flask, Response, request, send_file
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    StreamingResponse,
)
from starlette.responses import Response as Answer
from starlette.routing import Route

from detector.asgi import DetectorMiddleware
from detector.core import request_body
from detector.core.config.loading import make_config
from detector.core.site import Site
from detector.flask import Detector
from detector.wsgi import DetectorMiddleware as WsgiMiddleware
from tests.conftest import SECRET
from tests.support.kinds import PAGE

PLACE = "SERVED_PLACE"
STORE = "SERVED_STORE"
ROUNDS = 100_000
CHUNK = b"<p>" + b"x" * 64_000


def place(name: str) -> Path:
    """Return a path in the site's folder."""
    return Path(os.environ[PLACE]) / name


def store() -> str:
    """Return the store of the sites that a test may give another one."""
    return os.environ.get(STORE) or str(place("db"))


def left() -> None:
    """Record that a client disconnected in the middle of a page."""
    with place("left").open("a") as file:
        file.write("left\n")


def wsgi() -> Flask:
    """Build the site for WSGI servers."""
    app = Flask("served")

    @app.get("/")
    def page() -> Response:
        return Response(PAGE, headers={"ETag": '"a"'})

    @app.get("/stream")
    def stream() -> Response:
        return Response(iter([PAGE[:20], PAGE[20:], b"more"]))

    @app.get("/endless")
    def endless() -> Response:
        def chunks() -> Iterator[bytes]:
            try:
                yield PAGE
                for _ in range(ROUNDS):
                    yield CHUNK
            finally:
                left()

        return Response(chunks())

    @app.get("/file")
    def file() -> Response:
        place("file.html").write_bytes(PAGE)
        return send_file(place("file.html"), conditional=True)

    @app.post("/echo")
    def echo() -> dict[str, int]:
        return {"read": len(request.get_data())}

    Detector(app, secret=SECRET, store=store(), flush_seconds=3600)
    return app


def shared() -> Flask:
    """Build a site whose workers share their limits and send their process ids."""
    app = Flask("shared")

    @app.get("/")
    def page() -> Response:
        return Response(PAGE, headers={"X-Worker": str(os.getpid())})

    Detector(app, secret=SECRET, store=str(place("db")), flush_seconds=0.2, shared_limits=True)
    return app


def limited_site() -> Site:
    """Build a site behind one proxy with a frozen clock, so that no client's budget is refilled
    while a test runs."""
    began = time.time()
    config = make_config(secret=SECRET, store=str(place("db")), flush_seconds=3600, proxies=1)
    return Site(config, lambda: began)


def limited_wsgi() -> WsgiMiddleware:
    """Wrap a WSGI app in the limited site."""
    return WsgiMiddleware(Flask("limited").wsgi_app, site=limited_site())


def limited_asgi() -> DetectorMiddleware:
    """Wrap an ASGI app in the limited site."""
    return DetectorMiddleware(Starlette(), site=limited_site())


def asgi() -> DetectorMiddleware:
    """Build the site for ASGI servers."""

    async def page(request: Request) -> Answer:
        return HTMLResponse(PAGE, headers={"ETag": '"a"'})

    async def parts() -> AsyncIterator[bytes]:
        for part in (PAGE[:20], PAGE[20:], b"more"):
            yield part

    async def stream(request: Request) -> Answer:
        return StreamingResponse(parts(), media_type="text/html")

    async def chunks() -> AsyncIterator[bytes]:
        try:
            yield PAGE
            for _ in range(ROUNDS):
                yield CHUNK
                await asyncio.sleep(0)
        finally:
            left()

    async def endless(request: Request) -> Answer:
        return StreamingResponse(chunks(), media_type="text/html")

    async def file(request: Request) -> Answer:
        place("file.html").write_bytes(PAGE)
        return FileResponse(place("file.html"))

    async def echo(request: Request) -> Answer:
        return JSONResponse({"read": len(await request.body())})

    views = {"/": page, "/stream": stream, "/endless": endless, "/file": file}
    routes = [Route(path, view) for path, view in views.items()]
    app = Starlette(routes=[*routes, Route("/echo", echo, methods=["POST"])])
    return DetectorMiddleware(app, secret=SECRET, store=store(), flush_seconds=3600)


def hasty_wsgi() -> Flask:
    """Build the site for WSGI servers, where a report must be received within a second."""
    request_body.SECONDS = 1.0
    return wsgi()


def hasty_asgi() -> DetectorMiddleware:
    """Build the site for ASGI servers, where a report must be received within a second."""
    request_body.SECONDS = 1.0
    return asgi()
