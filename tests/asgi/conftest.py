"""Fixtures of the tests of the ASGI middleware: a page, and apps that send it."""

from __future__ import annotations

from typing import Any

from tests.support.calls import Message

PAGE = b"<!doctype html><html><head><title>x</title></head><body>text</body></html>"
HTML = (b"content-type", b"text/html; charset=utf-8")


def page(*chunks: bytes, headers: Any = (HTML,), status: int = 200, **start: Any) -> Any:
    """Build an app that always sends one page."""
    parts = chunks or (PAGE,)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        begin = {"type": "http.response.start", "status": status, "headers": headers, **start}
        await send(begin)
        for number, part in enumerate(parts, 1):
            more = number < len(parts)
            await send({"type": "http.response.body", "body": part, "more_body": more})

    return app


def sends(*messages: Message) -> Any:
    """Build an app that sends these messages."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)

    return app
