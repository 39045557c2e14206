"""Pages in the ASGI middleware: one tag, and the headers that change with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from detector.asgi import DetectorMiddleware
from detector.core.site import Site
from tests.asgi.conftest import HTML, PAGE, page, sends
from tests.support.calls import Message, Result, acall, call_asgi, scope_of, take
from tests.support.tags import strip


def test_page_gets_one_tag(site: Site) -> None:
    """A page gets one tag directly after <head>; its length and entity tag match."""
    headers = [HTML, (b"content-length", str(len(PAGE)).encode()), (b"etag", b'"a"')]
    result = call_asgi(DetectorMiddleware(page(headers=headers), site=site))
    assert result.body.startswith(b"<!doctype html><html><head><script data-cfasync=")
    assert strip(result.body) == PAGE
    assert result.headers["content-length"] == str(len(result.body))
    assert result.headers["etag"] == 'W/"a"'


def test_what_is_no_page_keeps_its_messages(site: Site) -> None:
    """Responses that are not pages are passed on as the same message objects."""
    start = {"type": "http.response.start", "status": 200, "headers": [(b"X-odd", b"\xff")]}
    messages: list[Message] = [
        {"type": "http.response.debug", "info": {}},
        start,
        {"type": "http.response.body", "body": b"a", "more_body": True},
        {"type": "http.response.body"},
    ]
    sent: list[Message] = []

    async def send(message: Any) -> None:
        sent.append(message)

    app: Any = DetectorMiddleware(sends(*messages), site=site)
    asyncio.run(app(scope_of(), None, send))
    assert sent == messages
    assert sent[2] is messages[2]


def test_streaming(site: Site) -> None:
    """The start is held until the head; later chunks are sent at once."""
    left: list[int] = []
    result = Result()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [HTML]})
        for part in (b"<!doctype html><ht", b"ml><he", b"ad>", b"<title>", b""):
            await send({"type": "http.response.body", "body": part, "more_body": bool(part)})
            left.append(len(result.messages))

    async def send(message: Any) -> None:
        take(result, message)

    middleware: Any = DetectorMiddleware(app, site=site)
    asyncio.run(middleware(scope_of(), None, send))
    assert left == [0, 0, 2, 3, 4]
    assert strip(result.body) == b"<!doctype html><html><head><title>"


def test_page_without_a_place(site: Site) -> None:
    """A body that is not a whole document is unchanged, start included."""
    headers = [HTML, (b"content-length", b"8"), (b"etag", b'"a"')]
    app = page(b"<p>o", b"ne<p", headers=headers)
    assert call_asgi(DetectorMiddleware(app, site=site)).messages == [
        {"type": "http.response.start", "status": 200, "headers": headers},
        {"type": "http.response.body", "body": b"<p>o", "more_body": True},
        {"type": "http.response.body", "body": b"ne<p", "more_body": False},
    ]


def test_head_and_revalidation(site: Site) -> None:
    """A response to HEAD has no length; a 304 has the visitor's entity tag."""
    headers = [HTML, (b"content-length", b"9"), (b"etag", b'"a"')]
    found = call_asgi(DetectorMiddleware(page(b"", headers=headers), site=site), method="HEAD")
    assert found.headers == {"content-type": "text/html; charset=utf-8", "etag": 'W/"a"'}
    known = DetectorMiddleware(page(b"", headers=[(b"etag", b'"a"')], status=304), site=site)
    asked = {"if-none-match": 'W/"a"'}
    assert call_asgi(known, headers=asked).headers == {"etag": 'W/"a"'}


def test_two_middlewares_one_tag(site: Site, make_site: Callable[..., Site]) -> None:
    """Mounted twice there is one tag, even if a middleware between copies the scope."""
    inner = DetectorMiddleware(page(), site=site)

    async def copying(scope: Any, receive: Any, send: Any) -> None:
        await inner(dict(scope), receive, send)

    other = make_site(secret="the secret of another detector")
    found = call_asgi(DetectorMiddleware(copying, site=other))
    assert strip(found.body) == PAGE
    assert site.names.prefix.encode() in found.body


def test_files(site: Site, tmp_path: Path) -> None:
    """A range is unchanged, and a whole page no longer offers ranges."""
    (tmp_path / "a.html").write_bytes(PAGE)

    async def show(request: Request) -> FileResponse:
        return FileResponse(tmp_path / "a.html")

    app = Starlette(routes=[Route("/", show)])
    with_, without = TestClient(DetectorMiddleware(app, site=site)), TestClient(app)
    part = {"range": "bytes=3-40"}
    assert with_.get("/", headers=part).content == without.get("/", headers=part).content
    whole = with_.get("/")
    assert strip(whole.content) == PAGE
    assert "accept-ranges" not in whole.headers
    assert "accept-ranges" in without.get("/").headers


def test_disabled(make_site: Callable[..., Site]) -> None:
    """Switched off, pages are unchanged and the detector's URLs still answer."""
    site = make_site(enabled=False)
    middleware = DetectorMiddleware(page(), site=site)
    assert call_asgi(middleware).body == PAGE
    assert call_asgi(middleware, path=f"/{site.names.prefix}/x").status == "404"


def test_many_at_once(site: Site) -> None:
    """Concurrent responses do not mix."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        text = scope["path"].encode()
        await send({"type": "http.response.start", "status": 200, "headers": [HTML]})
        for part in (PAGE[:20], PAGE[20:], text):
            await asyncio.sleep(0)
            await send({"type": "http.response.body", "body": part, "more_body": part != text})

    async def all_of() -> list[Result]:
        middleware = DetectorMiddleware(app, site=site)
        return await asyncio.gather(*(acall(middleware, scope_of(f"/{n}")) for n in range(50)))

    for number, found in enumerate(asyncio.run(all_of())):
        assert strip(found.body) == PAGE + f"/{number}".encode()
