"""Unusual messages, immediate sending and the app's errors in the ASGI middleware."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from detector.asgi import DetectorMiddleware
from detector.core.html.injector import Injector
from detector.core.site import Site
from detector.core.tagger import Tagger
from tests.asgi.conftest import HTML, PAGE, page, sends
from tests.support.calls import Message, Result, call_asgi, scope_of, take
from tests.support.tags import strip


@pytest.mark.parametrize("kind", ["pathsend", "zerocopysend"])
@pytest.mark.parametrize("before", [b"", b"<!doctype html>"])
def test_file_sent_by_the_server(site: Site, kind: str, before: bytes) -> None:
    """A file that the server sends itself is unchanged, with everything before it."""
    headers = [HTML, (b"content-length", b"99")]
    messages: list[Message] = [
        {"type": "http.response.start", "status": 200, "headers": headers},
        {"type": "http.response.body", "body": before, "more_body": True},
        {"type": f"http.response.{kind}", "path": "/a", "file": 3},
    ]
    if not before:
        del messages[1]
    found = call_asgi(DetectorMiddleware(sends(*messages), site=site))
    assert found.messages == messages


def test_hints_and_trailers(site: Site) -> None:
    """An early hint is sent at once although the start is held; trailers follow the page."""
    hint = {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]}
    trailers = {"type": "http.response.trailers", "headers": [(b"server-timing", b"a")]}
    start = {"type": "http.response.start", "status": 200, "headers": [HTML], "trailers": True}
    body = {"type": "http.response.body", "body": PAGE}
    found = call_asgi(DetectorMiddleware(sends(start, hint, body, trailers), site=site))
    kinds = [message["type"].rpartition(".")[2] for message in found.messages]
    assert kinds == ["early_hint", "start", "body", "trailers"]
    assert (found.messages[0], found.messages[3]) == (hint, trailers)
    assert found.messages[1]["trailers"] is True
    assert strip(found.body) == PAGE


def test_events_are_never_held(site: Site) -> None:
    """Each event of a stream is sent at once."""
    headers = [(b"content-type", b"text/event-stream")]
    app = page(b"data: <!doctype html>\n\n", b"", b"data: 2\n\n", headers=headers)
    found = call_asgi(DetectorMiddleware(app, site=site))
    assert found.chunks == [b"data: <!doctype html>\n\n", b"", b"data: 2\n\n"]


def test_error_of_the_app_stays_its_own(site: Site) -> None:
    """An exception of the app reaches the server, without a partial page before it."""
    result = Result()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [HTML]})
        await send({"type": "http.response.body", "body": PAGE[:9], "more_body": True})
        raise KeyError("late")

    async def send(message: Any) -> None:
        take(result, message)

    middleware: Any = DetectorMiddleware(app, site=site)
    with pytest.raises(KeyError, match="late"):
        asyncio.run(middleware(scope_of(), None, send))
    assert result.messages == []


def test_client_that_leaves(site: Site) -> None:
    """An app is notified of a disconnect, and its stream ends."""
    ended: list[str] = []

    async def endless() -> AsyncIterator[bytes]:
        try:
            yield PAGE
            while True:
                await asyncio.sleep(0)
                yield b"more"
        finally:
            ended.append("yes")

    async def stream(request: Request) -> StreamingResponse:
        return StreamingResponse(endless(), media_type="text/html")

    got: list[Message] = []

    async def receive() -> Message:
        while len(got) < 3:
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        got.append(message)

    app: Any = DetectorMiddleware(Starlette(routes=[Route("/", stream)]), site=site)
    scope = scope_of(asgi={"version": "3.0", "spec_version": "2.3"})
    asyncio.run(app(scope, receive, send))
    assert len(got) >= 3
    assert ended == ["yes"]


def test_our_errors_never_reach_the_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an error of the detector the original page is sent."""
    monkeypatch.setattr(Injector, "_decide", lambda *a, **k: 1 / 0)
    assert call_asgi(DetectorMiddleware(page(PAGE[:30], PAGE[30:]), site=site)).body == PAGE
    monkeypatch.setattr(Tagger, "injector", lambda *a, **k: 1 / 0)
    assert call_asgi(DetectorMiddleware(page(), site=site)).body == PAGE


def test_headers_that_are_no_headers(site: Site) -> None:
    """A start message that the detector cannot parse is passed on."""
    sent: list[Message] = []

    async def send(message: Any) -> None:
        sent.append(message)

    middleware: Any = DetectorMiddleware(page(headers=[("text", "text/html")]), site=site)
    asyncio.run(middleware(scope_of(), None, send))
    assert sent[0]["headers"] == [("text", "text/html")]
    assert sent[1]["body"] == PAGE


def test_headers_that_can_be_read_once(site: Site) -> None:
    """Headers may be any iterable."""
    middleware = DetectorMiddleware(page(headers=iter([HTML])), site=site)
    assert strip(call_asgi(middleware).body) == PAGE
