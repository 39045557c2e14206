"""Requests to an app in this process, by servers that enforce its protocol strictly."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from tests.conftest import FIREFOX

Message = dict[str, Any]


class Result:
    """A response as the client received it; `messages` are what an ASGI app sent."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: dict[str, str] = {}
        self.chunks: list[bytes] = []
        self.messages: list[Message] = []

    @property
    def body(self) -> bytes:
        """Return the whole body."""
        return b"".join(self.chunks)


def call_wsgi(app: Any, *, path: str = "/", **environ: Any) -> Result:
    """Call a WSGI app as a server does, wrapped in the reference validator."""
    result = Result()
    env: dict[str, Any] = {
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "HTTP_USER_AGENT": FIREFOX,
        "QUERY_STRING": "",
    }
    setup_testing_defaults(env)
    env.update(environ)

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        result.status, result.headers = status, dict(headers)
        return result.chunks.append

    body = validator(app)(env, start)
    try:
        result.chunks.extend(body)
    finally:
        body.close()  # type: ignore[attr-defined]
    return result


def scope_of(path: str = "/", method: str = "GET", **more: Any) -> dict[str, Any]:
    """Build the scope of one HTTP request; `headers` in `more` is a dict."""
    headers = {"host": "news.example", "user-agent": FIREFOX, **more.pop("headers", {})}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(k.encode(), v.encode("latin-1")) for k, v in headers.items()],
        "client": ("127.0.0.1", 4000),
        "server": ("news.example", 80),
        "extensions": {},
        **more,
    }


def call_asgi(app: Any, *, path: str = "/", body: Iterable[bytes] = (b"",), **more: Any) -> Result:
    """Call an ASGI app as a server does, and check that its messages follow the protocol."""
    return asyncio.run(acall(app, scope_of(path, **more), body))


async def acall(app: Any, scope: dict[str, Any], body: Iterable[bytes] = (b"",)) -> Result:
    """Call an ASGI app with a scope and the chunks of a request's body."""
    result = Result()
    chunks = list(body)
    ended = asyncio.Event()

    async def receive() -> Message:
        if chunks:
            part = chunks.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(chunks)}
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        take(result, message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            ended.set()

    await app(scope, receive, send)
    assert [m["type"] for m in result.messages].count("http.response.start") == 1
    return result


_AFTER_START = {
    "http.response.body",
    "http.response.pathsend",
    "http.response.zerocopysend",
    "http.response.trailers",
}


def take(result: Result, message: Message) -> None:
    """Process one message of an app as a server does."""
    kinds = [m["type"] for m in result.messages]
    last = result.messages[-1] if result.messages else {}
    result.messages.append(message)
    if message["type"] == "http.response.start":
        assert "http.response.start" not in kinds
        for name, value in message["headers"]:
            assert isinstance(name, bytes) and isinstance(value, bytes)
            assert name == name.lower()
        result.status = str(message["status"])
        pairs = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in message["headers"]]
        result.headers = dict(pairs)
    elif message["type"] in _AFTER_START:
        assert "http.response.start" in kinds, "a body before its start"
        if message["type"] == "http.response.body":
            first = last.get("type") == "http.response.start"
            assert first or last.get("more_body") or "body" not in kinds[-1]
            result.chunks.append(bytes(message.get("body", b"")))
