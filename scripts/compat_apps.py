"""The same small site in every framework, with the detector added as its owners do.

A framework is imported when its site is built. There is no `from __future__ import annotations`,
since FastAPI and Litestar read annotations.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

HTML = "text/html; charset=utf-8"
PAGE = b"<!doctype html><html><head><title>x</title></head><body>text</body></html>"
SITE: dict[str, tuple[str, dict[str, str], list[bytes]]] = {
    "/": (HTML, {}, [PAGE]),
    "/stream": (HTML, {}, [PAGE[:24], PAGE[24:40], PAGE[40:]]),
    "/private": (HTML, {"Cache-Control": "private, no-store"}, [PAGE]),
    "/fragment": (HTML, {}, [b"<p>part of a page</p>"]),
    "/data": ("application/json", {}, [b'{"a": 1}']),
    "/events": ("text/event-stream", {}, [b"data: 1\n\n", b"data: 2\n\n"]),
}
"""By path: the type, further headers, and the chunks, of which several are streamed."""
PAGES = ("/", "/stream", "/private")
"""The paths whose responses get the tag; all others must not change."""
OPTIONS = {"secret": "a secret for this table, long enough"}


async def later(chunks: list[bytes]) -> AsyncIterator[bytes]:
    """Yield chunks as an async view does."""
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


def bare_wsgi(store: str) -> Any:
    """Build the site without a framework, on WSGI."""
    from detector.wsgi import DetectorMiddleware

    def app(environ: Any, start_response: Any) -> Any:
        kind, headers, chunks = SITE[environ["PATH_INFO"]]
        start_response("200 OK", [("Content-Type", kind), *headers.items()])
        return iter(chunks)

    return DetectorMiddleware(app, **OPTIONS, store=store)


def bare_asgi(store: str) -> Any:
    """Build the site without a framework, on ASGI."""
    from detector.asgi import DetectorMiddleware

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for step in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{step}.complete"})
            return
        kind, headers, chunks = SITE[scope["path"]]
        pairs = [(k.lower().encode(), v.encode()) for k, v in headers.items()]
        pairs.append((b"content-type", kind.encode()))
        await send({"type": "http.response.start", "status": 200, "headers": pairs})
        for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})

    return DetectorMiddleware(app, **OPTIONS, store=store)


def flask(store: str) -> Any:
    """Build the site in Flask."""
    from flask import Flask, Response, request

    from detector.flask import Detector

    app = Flask("site")
    Detector(app, **OPTIONS, store=store)

    def view() -> Response:
        kind, headers, chunks = SITE[request.path]
        body = chunks[0] if len(chunks) == 1 else iter(chunks)
        return Response(body, content_type=kind, headers=headers)

    for path in SITE:
        app.add_url_rule(path, path.strip("/") or "home", view)
    return app


urlpatterns: list[Any] = []
"""Django's, filled below: this module is its site's ROOT_URLCONF."""


def _configure_django(store: str, wrap: Callable[[list[bytes]], Any], asynchronous: bool) -> None:
    import django
    from django.conf import settings
    from django.http import HttpResponse, StreamingHttpResponse
    from django.urls import path

    def view(request: Any) -> Any:
        kind, headers, chunks = SITE[request.path]
        if len(chunks) == 1:
            return HttpResponse(chunks[0], content_type=kind, headers=headers)
        return StreamingHttpResponse(wrap(chunks), content_type=kind, headers=headers)

    async def async_view(request: Any) -> Any:
        return view(request)

    urlpatterns.extend(path(one[1:], async_view if asynchronous else view) for one in SITE)
    settings.configure(
        SECRET_KEY="a key for this table",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=["detector.django"],
        MIDDLEWARE=["detector.django.DetectorMiddleware"],
        DETECTOR={**OPTIONS, "store": store},
    )
    django.setup()


def django_wsgi(store: str) -> Any:
    """Build the site in Django, on WSGI."""
    from django.core.wsgi import get_wsgi_application

    _configure_django(store, iter, asynchronous=False)
    return get_wsgi_application()


def django_asgi(store: str) -> Any:
    """Build the site in Django, on ASGI with async views."""
    from django.core.asgi import get_asgi_application

    _configure_django(store, later, asynchronous=True)
    return get_asgi_application()


def starlette(store: str) -> Any:
    """Build the site in Starlette."""
    from starlette.applications import Starlette
    from starlette.responses import Response, StreamingResponse
    from starlette.routing import Route

    from detector.asgi import DetectorMiddleware

    async def view(request: Any) -> Any:
        return _answer(request.url.path, Response, StreamingResponse)

    app = Starlette(routes=[Route(path, view) for path in SITE])
    app.add_middleware(DetectorMiddleware, **OPTIONS, store=store)
    return app


def _answer(path: str, whole: Any, stream: Any) -> Any:
    kind, headers, chunks = SITE[path]
    sent = {"content-type": kind, **headers}
    if len(chunks) == 1:
        return whole(chunks[0], headers=sent)
    return stream(later(chunks), headers=sent)


def fastapi(store: str) -> Any:
    """Build the site in FastAPI."""
    from fastapi import FastAPI, Request, Response
    from fastapi.responses import StreamingResponse

    from detector.asgi import DetectorMiddleware

    app = FastAPI()

    async def view(request: Request) -> Response:
        return _answer(request.url.path, Response, StreamingResponse)

    for path in SITE:
        app.add_api_route(path, view)
    app.add_middleware(DetectorMiddleware, **OPTIONS, store=store)
    return app


def litestar(store: str) -> Any:
    """Build the site in Litestar."""
    from litestar import Litestar, Request, get
    from litestar.response import Response, Stream

    from detector.asgi import DetectorMiddleware

    @get([*SITE])
    async def view(request: Request) -> Response:
        kind, headers, chunks = SITE[request.url.path]
        if len(chunks) == 1:
            return Response(chunks[0], media_type=kind, headers=headers)
        return Stream(later(chunks), media_type=kind, headers=headers)

    return DetectorMiddleware(Litestar([view]), **OPTIONS, store=store)


def quart(store: str) -> Any:
    """Build the site in Quart."""
    from quart import Quart, Response, request

    from detector.asgi import DetectorMiddleware

    app = Quart("site")

    async def view() -> Any:
        kind, headers, chunks = SITE[request.path]
        body: Any = chunks[0] if len(chunks) == 1 else later(chunks)
        return Response(body, content_type=kind, headers=headers)

    for path in SITE:
        app.add_url_rule(path, path.strip("/") or "home", view)
    app.asgi_app = DetectorMiddleware(app.asgi_app, **OPTIONS, store=store)
    return app


def falcon_wsgi(store: str) -> Any:
    """Build the site in Falcon, on WSGI."""
    import falcon

    from detector.wsgi import DetectorMiddleware

    class Pages:
        def on_get(self, request: Any, response: Any) -> None:
            _in_falcon(request, response, iter)

    app = falcon.App()
    for path in SITE:
        app.add_route(path, Pages())
    return DetectorMiddleware(app, **OPTIONS, store=store)


def falcon_asgi(store: str) -> Any:
    """Build the site in Falcon, on ASGI."""
    import falcon.asgi

    from detector.asgi import DetectorMiddleware

    class Pages:
        async def on_get(self, request: Any, response: Any) -> None:
            _in_falcon(request, response, later)

    app = falcon.asgi.App()
    for path in SITE:
        app.add_route(path, Pages())
    return DetectorMiddleware(app, **OPTIONS, store=store)


def _in_falcon(request: Any, response: Any, stream: Callable[[list[bytes]], Any]) -> None:
    response.content_type, headers, chunks = SITE[request.path]
    response.set_headers(headers)
    if len(chunks) == 1:
        response.data = chunks[0]
    else:
        response.stream = stream(chunks)
