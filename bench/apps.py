"""The apps run by benches' servers; each also reports the CPU time of its process."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from flask import Flask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from detector.asgi import App, DetectorMiddleware
from detector.demo.app import create_app
from detector.flask import Detector

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from django.http import HttpRequest, HttpResponse

SECRET = "a secret for benches, long enough"
CPU = "/-/cpu"
BARE = "/-/bare"
DB = "BENCH_DB"


def paper(db: str = "") -> WSGIApplication:
    """Build the demo newspaper, with the detector if `db` names its store's file."""
    if not db:
        return _telling(create_app(secret=SECRET, detector=False))
    return _telling(create_app(secret=SECRET, db=db))


def paper_async() -> App:
    """Build the same newspaper for ASGI servers, with the detector if `DB` names its store."""
    newspaper = create_app(secret=SECRET, detector=False)

    async def page(request: Request) -> HTMLResponse:
        with newspaper.test_request_context(request.url.path):
            return HTMLResponse(newspaper.full_dispatch_request().get_data())

    return _telling_async(Starlette(routes=[Route("/{page}", page)]))


def bare_async() -> App:
    """Build what a report cannot be faster than: read the body, answer 204; a detector as above."""

    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body", False):
            pass
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return _telling_async(nothing)


def empty_async() -> App:
    """Build the smallest Starlette app, with a detector as above."""

    async def nothing(request: Request) -> Response:
        return Response(status_code=204)

    return _telling_async(Starlette(routes=[Route("/", nothing, methods=["POST"])]))


def empty_fastapi() -> App:
    """Build the smallest FastAPI app, with a detector as above."""
    app = FastAPI()

    @app.post("/", status_code=204)
    async def nothing() -> None:
        return None

    return _telling_async(app)


def _telling_async(app: App) -> App:
    db = os.environ.get(DB)
    if db:
        app = DetectorMiddleware(app, secret=SECRET, store=db)

    async def tell(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == CPU:
            await PlainTextResponse(str(time.process_time()))(scope, receive, send)
        else:
            await app(scope, receive, send)

    return tell


def empty(db: str = "") -> WSGIApplication:
    """Build the smallest Flask app, with a detector as above."""
    return _telling(smallest(db))


class BareMiddleware:
    """Django middleware that reads the body and answers 204: no report can be faster there."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: object) -> None:
        """Nothing behind it is asked."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        from django.http import HttpResponse

        request.read()
        return HttpResponse(status=204)


def bare_django() -> WSGIApplication:
    """Build the smallest Django app behind `BareMiddleware`."""
    return _django(["bench.apps.BareMiddleware"])


def empty_django(db: str = "") -> WSGIApplication:
    """Build the smallest Django app, with the detector's app and middleware as above."""
    if not db:
        return _django([])
    options = {"secret": SECRET, "store": db}
    return _django(
        ["detector.django.DetectorMiddleware"], INSTALLED_APPS=["detector.django"], DETECTOR=options
    )


def _django(middleware: list[str], **more: Any) -> WSGIApplication:
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpResponse
    from django.urls import path

    def nothing(request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=204)

    settings.configure(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=(path("", nothing),),
        SECRET_KEY=SECRET,
        MIDDLEWARE=middleware,
        **more,
    )
    django.setup(set_prefix=False)
    return _telling(WSGIHandler())


def smallest(db: str = "", **options: Any) -> Flask:
    """Build an app whose only view, POST /, returns an empty 204; with a detector as above."""
    app = Flask("bench")

    @app.post("/")
    def nothing() -> tuple[str, int]:
        return "", 204

    if db:
        Detector(app, secret=SECRET, store=db, **options)
    return app


def paper_bare() -> WSGIApplication:
    """Build the newspaper with something below `BARE` that reads the body and answers 204."""
    newspaper = create_app(secret=SECRET, detector=False)

    def bare(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != BARE:
            return newspaper(environ, start_response)
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("204 No Content", [])
        return []

    return _telling(bare)


def _telling(app: WSGIApplication) -> WSGIApplication:
    def tell(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != CPU:
            return app(environ, start_response)
        body = str(time.process_time()).encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    return tell
