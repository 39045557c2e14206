"""One contract for all adapters: bytes pass unchanged, and the tag is in its position.

Each adapter is one function in `ADAPTERS`: it builds an app of its framework that answers every
request with the given `Kind`, puts the detector of `site` around it (none where `site` is None),
sends it one request for `/` with the kind's method and headers and returns a `Result`, with
header names in lower case: `through_wsgi` and `through_asgi` do the last two. To test another
adapter, add such a function to the table.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import fastapi
import flask
import litestar
import litestar.handlers
import litestar.response
import pytest
import quart
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from detector.asgi import DetectorMiddleware as Asgi
from detector.core.config.loading import make_config
from detector.core.html.tag import INLINE
from detector.core.site import Site
from detector.flask import Detector
from detector.wsgi import DetectorMiddleware as Wsgi
from tests.conftest import SECRET
from tests.support.calls import Result, call_asgi, call_wsgi
from tests.support.kinds import KINDS, PAGE, Kind
from tests.support.tags import strip

METHODS = ["GET", "HEAD", "POST"]
Adapter = Callable[[Kind, Site | None], Result]


def through_wsgi(app: Any, kind: Kind) -> Result:
    """Send the request to a WSGI app."""
    sent = {f"HTTP_{name.upper().replace('-', '_')}": v for name, v in kind.request.items()}
    found = call_wsgi(app, REQUEST_METHOD=kind.method, QUERY_STRING=kind.query, **sent)
    found.status = found.status[:3]
    found.headers = {name.lower(): value for name, value in found.headers.items()}
    return found


def through_asgi(app: Any, kind: Kind, site: Site | None) -> Result:
    """Send the request to an ASGI app, with the detector around it."""
    app = Asgi(app, site=site) if site else app
    sent = {name.lower(): value for name, value in kind.request.items()}
    return call_asgi(app, method=kind.method, query_string=kind.query.encode(), headers=sent)


def pairs(kind: Kind) -> list[tuple[str, str]]:
    """Return all headers of a kind, without a type where none is allowed."""
    typed = [] if kind.status in (204, 304) else [("Content-Type", kind.type)]
    return [*typed, *kind.headers.items()]


def wsgi(kind: Kind, site: Site | None) -> Result:
    """Answer as a bare WSGI app."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        start(f"{kind.status} Said", pairs(kind))
        return list(kind.chunks)

    return through_wsgi(Wsgi(app, site=site) if site else app, kind)


def wsgi_generator(kind: Kind, site: Site | None) -> Result:
    """Answer as a WSGI app that is a generator."""

    def app(environ: Any, start: Any) -> Iterator[bytes]:
        start(f"{kind.status} Said", pairs(kind))
        yield from kind.chunks

    return through_wsgi(Wsgi(app, site=site) if site else app, kind)


def wsgi_write(kind: Kind, site: Site | None) -> Result:
    """Answer as an old-style WSGI app that calls `write`."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        write = start(f"{kind.status} Said", pairs(kind))
        for chunk in kind.chunks:
            write(chunk)
        return []

    return through_wsgi(Wsgi(app, site=site) if site else app, kind)


def in_flask(kind: Kind, site: Site | None) -> Result:
    """Answer as a Flask app."""
    app = flask.Flask("contract")

    @app.route("/", methods=METHODS)
    def view() -> flask.Response:
        body = kind.chunks[0] if len(kind.chunks) == 1 else iter(kind.chunks)
        response = flask.Response(body, kind.status, pairs(kind))
        if kind.status in (204, 304):  # the reference validator forbids a type here
            response.headers.remove("Content-Type")
        return response

    if site:
        Detector(app, secret=SECRET, store=":memory:")
    try:
        return through_wsgi(app.wsgi_app, kind)
    finally:
        if site:
            app.extensions["detector"].close()


def asgi(kind: Kind, site: Site | None) -> Result:
    """Answer as a bare ASGI app."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(k.lower().encode(), v.encode()) for k, v in pairs(kind)]
        await send({"type": "http.response.start", "status": kind.status, "headers": headers})
        for number, chunk in enumerate(kind.chunks, 1):
            more = number < len(kind.chunks)
            await send({"type": "http.response.body", "body": chunk, "more_body": more})

    return through_asgi(app, kind, site)


async def chunks_of(kind: Kind) -> AsyncIterator[bytes]:
    """Yield a kind's chunks."""
    for chunk in kind.chunks:
        yield chunk


async def answer(request: Any, kind: Kind) -> Response:
    """Answer as a view of Starlette and FastAPI."""
    headers = dict(pairs(kind))
    if len(kind.chunks) == 1:
        return Response(kind.chunks[0], kind.status, headers)
    return StreamingResponse(chunks_of(kind), kind.status, headers)


def in_starlette(kind: Kind, site: Site | None) -> Result:
    """Answer as a Starlette app."""

    async def view(request: Any) -> Response:
        return await answer(request, kind)

    return through_asgi(Starlette(routes=[Route("/", view, methods=METHODS)]), kind, site)


def in_fastapi(kind: Kind, site: Site | None) -> Result:
    """Answer as a FastAPI app."""
    app = fastapi.FastAPI()

    async def view(request: fastapi.Request) -> Response:
        return await answer(request, kind)

    app.add_api_route("/", view, methods=METHODS)
    return through_asgi(app, kind, site)


def in_quart(kind: Kind, site: Site | None) -> Result:
    """Answer as a Quart app."""
    app = quart.Quart("contract")

    async def view() -> quart.Response:
        body: Any = kind.chunks[0] if len(kind.chunks) == 1 else chunks_of(kind)
        return quart.Response(body, kind.status, dict(pairs(kind)))

    app.add_url_rule("/", view_func=view, methods=METHODS)
    return through_asgi(app, kind, site)


def in_litestar(kind: Kind, site: Site | None) -> Result:
    """Answer as a Litestar app."""
    headers = dict(pairs(kind))
    shape: dict[str, Any] = {"status_code": kind.status, "headers": headers}
    shape["media_type"] = headers.pop("Content-Type", None)

    @litestar.handlers.route("/", http_method=METHODS)  # type: ignore[arg-type]
    async def view() -> litestar.response.Response[Any]:
        if len(kind.chunks) == 1:
            return litestar.response.Response(kind.chunks[0], **shape)
        return litestar.response.Stream(chunks_of(kind), **shape)

    app = litestar.Litestar([view], openapi_config=None, logging_config=None)
    return through_asgi(app, kind, site)


ADAPTERS: dict[str, Adapter] = {
    "WSGI": wsgi,
    "WSGI generator": wsgi_generator,
    "WSGI write": wsgi_write,
    "Flask": in_flask,
    "ASGI": asgi,
    "Starlette": in_starlette,
    "FastAPI": in_fastapi,
    "Quart": in_quart,
    "Litestar": in_litestar,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_same_bytes_out(adapter: str, kind: str, site: Site) -> None:
    """Status, headers and body are the app's own except for the tag, its length and a weak ETag."""
    made, serve = KINDS[kind], ADAPTERS[adapter]
    plain, found = serve(made, None), serve(made, site)
    assert plain.status == found.status == str(made.status)
    if not made.tagged:
        assert (found.headers, found.body) == (plain.headers, plain.body)
        return
    rest = strip(found.body)
    size = len(found.body) - len(rest)
    assert rest == plain.body
    assert INLINE.encode() not in rest
    wanted = dict(plain.headers)
    if "content-length" in wanted:
        wanted["content-length"] = str(int(wanted["content-length"]) + size)
    if "etag" in wanted:
        wanted["etag"] = "W/" + wanted["etag"].removeprefix("W/")
    assert found.headers == wanted


NONCE = {"Content-Security-Policy": "script-src 'nonce-abc'"}
STORED = {"Last-Modified": "Thu, 01 Oct 2026 10:00:00 GMT", "ETag": '"abc"'}
FOR_CACHES = {
    **STORED,
    "Cache-Control": "public, max-age=60, s-maxage=600",
    "Expires": "Thu, 01 Oct 2037 10:00:00 GMT",
    "CDN-Cache-Control": "max-age=600",
    "Surrogate-Control": "max-age=600",
    "X-Accel-Expires": "600",
}


@pytest.fixture
def living() -> Iterator[Site]:
    """Return a site with the real clock, so that its links are valid."""
    site = Site(make_config(secret=SECRET))
    yield site
    site.close()


def link(site: Site, mode: str) -> str:
    """Return the query of a valid link."""
    return urlsplit(site.simulate_link("https://news.example/", mode)).query


@pytest.mark.parametrize("headers", [STORED, {**STORED, **NONCE}, FOR_CACHES], ids=str)
@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_head_has_the_headers_of_get(
    adapter: str, linked: bool, headers: dict[str, str], living: Site
) -> None:
    """HEAD has GET's headers except for the length, and no body."""
    serve = ADAPTERS[adapter]
    query = link(living, "modal") if linked else ""
    headers = {**headers, "Content-Length": str(len(PAGE))}
    get = serve(Kind(headers=headers, query=query), living)
    head = serve(Kind((b"",), headers=headers, method="HEAD", query=query), living)
    assert {**head.headers, "content-length": get.headers["content-length"]} == get.headers
    assert "content-length" not in head.headers
    assert head.body == b""


@pytest.mark.parametrize("chunks", [(PAGE,), (PAGE[:20], PAGE[20:])], ids=["page", "stream"])
@pytest.mark.parametrize("mode", ["modal", "explain"])
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_what_a_link_shows_is_stored_nowhere(
    adapter: str, mode: str, chunks: tuple[bytes, ...], living: Site
) -> None:
    """A valid link makes the response private, whatever the app's cache headers are."""
    serve = ADAPTERS[adapter]
    kind = Kind(chunks, headers={**FOR_CACHES, "Vary": "Cookie"}, query=link(living, mode))
    plain, found = serve(kind, None), serve(kind, living)
    assert living.names.script("simulate", "")[:-3].encode() in found.body
    wanted = {k: v for k, v in plain.headers.items() if k not in map(str.lower, FOR_CACHES)}
    wanted["cache-control"] = "private, no-store"
    found.headers.pop("content-length", None)
    wanted.pop("content-length", None)
    assert found.headers == wanted


@pytest.mark.parametrize("headers", [{}, FOR_CACHES, {"Cache-Control": "private"}], ids=str)
@pytest.mark.parametrize("query", ["simulate=x", "simulate=modal+extension.AAAA.BBBB", "simulate="])
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_a_forged_link_changes_nothing(
    adapter: str, query: str, headers: dict[str, str], living: Site
) -> None:
    """A forged link changes neither the bytes nor the headers of a page."""
    serve = ADAPTERS[adapter]
    usual = serve(Kind(headers=headers), living)
    found = serve(Kind(headers=headers, query=query), living)
    assert INLINE.encode() in usual.body
    assert (found.headers, found.body) == (usual.headers, usual.body)


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_not_modified_ignores_links(adapter: str, living: Site) -> None:
    """A 304 confirms the page that a cache has, so that no link changes that page."""
    kind = Kind((b"",), headers=STORED, status=304, query=link(living, "modal"))
    serve = ADAPTERS[adapter]
    assert serve(kind, living).headers == serve(kind, None).headers
