"""ASGI middleware: answers our URLs before the app and puts the tag into its pages.

Pure ASGI: Starlette, FastAPI, Quart, Litestar and whatever else speaks it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from detector.core import request_body
from detector.core.html.headers import Headers
from detector.core.middleware import BaseMiddleware, Html, Marks, Origin, placed
from detector.core.reports.parser import LIMIT
from detector.core.request import Request
from detector.core.response import ResponseRewriter, mounted
from detector.core.site import Site
from detector.core.user_agent import classify

__all__ = ["DetectorMiddleware", "detector_tag"]

# Mappings; frameworks differ in how strictly they type them, and each should fit.
Scope = Any
Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# One for a request, however often frameworks copy its scope on the way in.
_MARKS = "detector.marks"
# They say nothing about the page, and a hint that waits helps nobody.
_AT_ONCE = ("http.response.early_hint", "http.response.push", "http.response.debug")


class DetectorMiddleware(BaseMiddleware):
    """Wraps an ASGI app; `options` are those of `detector.Config`, `secret` at least.

    `group(scope)` gives a page's route (found without for Starlette, FastAPI and Litestar),
    `nonce(scope)` the nonce of its policy, and `notice_for(scope)` the mode for this page, "" for
    the options' own; each is called while the app answers and must not block. `site` is for
    whoever made one already. Raises ConfigError.
    """

    if TYPE_CHECKING:  # frameworks' types want an argument without a name

        def __init__(self, app: App, /, **options: Any) -> None: ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever is not HTTP passes."""
        if scope["type"] == "lifespan":
            send = self._with_lifespan(send)
        elif scope["type"] == "http":
            root = (scope.get("root_path") or "").rstrip("/")
            path = scope["path"]
            # Servers differ in whether the path has the root path before it.
            path = path[len(root) :] if root and path.startswith(root + "/") else path
            query = str(scope.get("query_string", b""), "latin-1")
            remote = (scope.get("client") or ("",))[0] or ""
            request = Request(scope["method"], path, query, _Headers(scope), remote)
            if self.endpoints.owns(path):
                if request.method == "POST" and self.endpoints.reads(path):
                    body = await _read(receive)
                    request = request._replace(read=lambda size: body[:size])
                ours = self.answer(request)
                if ours is not None:
                    given = _encoded(ours.headers)
                    start = {"type": "http.response.start", "status": ours.status, "headers": given}
                    await send(start)
                    await send({"type": "http.response.body", "body": ours.body})
                    return
            scope["ad_state"] = self.site.state_cookie.read(request.headers)
            marks = _marks(scope)
            rewriter = self.rewriter(scope, marks, request, (root, path))
            send = _Page(self.site, rewriter, send).send
        await self.app(scope, receive, send)

    def route(self, source: Scope) -> str:
        """Return the route template that the framework found, with its app's mount."""
        # FastAPI keeps a route apart from the prefix of the router that it was included with.
        route = source.get("fastapi", {}).get("effective_route_context") or source.get("route")
        path = getattr(route, "path_format", None) or getattr(route, "path", None)
        path = path or source.get("path_template")  # Litestar
        root = source.get("root_path", "")
        # Starlette's mounts keep the root path of the outermost app under this name.
        return f"{root.removeprefix(source.get('app_root_path', root))}{path}" if path else ""

    def mount(self, source: Scope, origin: Origin) -> str:
        """Return the root path as it was at first: routers add what they hand on to sub-apps."""
        return mounted(origin[0])

    def _with_lifespan(self, send: Send) -> Send:
        """Import now what the first visitor would wait for, and write the counters at the end."""
        classify("a first look")

        async def sent(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self.site.will_close()
            # It blocks, but no request is left that could wait for it.
            if message["type"].startswith("lifespan.shutdown."):
                self.site.close()
            await send(message)

        return sent


def detector_tag(request: Any, nonce: str = "", inline: bool = True, notice: str = "") -> Html:
    """Return the tag for a template to place at the start of its head; the page gets no other.

    `request` is the framework's, or a scope. `inline=False` leaves out the inline line, for a
    policy that refuses it; `notice` is the mode for this page.
    """
    scope = getattr(request, "scope", request)
    return placed(scope, _marks(scope), nonce, inline, notice)


class _Page:
    """One response on its way through; `send` takes what the app sends."""

    def __init__(self, site: Site, rewriter: ResponseRewriter, send: Send) -> None:
        self._site = site
        self._rewriter = rewriter
        self._send = send
        self._held: Message | None = None
        self._given: Headers = []

    async def send(self, message: Message) -> None:
        """Send a message on, its start held while the tag's place is unknown."""
        kind = message["type"]
        if kind == "http.response.start":
            await self._take_start(message)
        elif self._held is None or kind in _AT_ONCE:
            await self._send(message)
        elif kind == "http.response.body":
            out = self._rewriter.feed(message.get("body", b""))
            if not message.get("more_body", False):
                out += self._rewriter.finish()
            if not self._rewriter.holds:
                await self._release()
                await self._send({**message, "body": out})
        else:  # a file that the server sends by itself
            out = self._rewriter.give_up()
            await self._release()
            if out:
                await self._send({"type": "http.response.body", "body": out, "more_body": True})
            await self._send(message)

    async def _take_start(self, message: Message) -> None:
        try:
            pairs = message.get("headers", ())
            if not isinstance(pairs, (list, tuple)):
                message = {**message, "headers": (pairs := list(pairs))}
            if message["status"] == 304 or _is_html(pairs):
                self._given = [(str(k, "latin-1"), str(v, "latin-1")) for k, v in pairs]
                self._rewriter.start(message["status"], self._given)
                self._held = message
        except Exception:
            self._site.circuit_breaker.caught("reading a response's headers")
        if self._held is None:
            await self._send(message)
        elif not self._rewriter.holds:
            await self._release()

    async def _release(self) -> None:
        """Send the start that was held, with the headers that fit what follows."""
        start, self._held = self._held, None
        assert start is not None
        if self._rewriter.headers is not self._given:
            start = {**start, "headers": _encoded(self._rewriter.headers)}
        await self._send(start)


def _is_html(pairs: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a response may be a page: most are told from one by a look at the bytes."""
    return any(b"html" in v.lower() for k, v in pairs if k.lower() == b"content-type")


class _Headers:
    """Request headers by lower-case name, read from an ASGI scope only when asked for."""

    __slots__ = ("_pairs", "_values")

    def __init__(self, scope: Scope) -> None:
        self._pairs = scope["headers"]
        self._values: dict[bytes, bytes] | None = None

    def get(self, name: str, /) -> str | None:
        """Return a header's value, or None; lines of one name are joined as WSGI servers do."""
        if self._values is None:
            pairs = list(self._pairs)
            values = dict(pairs)
            self._values = values if len(values) == len(pairs) else _joined(pairs)
        value = self._values.get(name.encode())
        return None if value is None else str(value, "latin-1")


def _joined(pairs: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return header lines by name: a list in their order, where one name has several.

    A proxy may add its own line behind those of a client, as HAProxy does with X-Forwarded-For.
    """
    values: dict[bytes, bytes] = {}
    for name, value in pairs:
        if name in values:
            # HTTP/2 may split a cookie into several lines (RFC 9113, 8.2.3).
            value = values[name] + (b"; " if name == b"cookie" else b", ") + value
        values[name] = value
    return values


async def _read(receive: Receive) -> bytes:
    """Read a report; one that takes too long is as if it were too long, which is refused."""
    with suppress(TimeoutError):
        async with _limited():
            return await _read_bounded(receive)
    return bytes(LIMIT + 1)


async def _read_bounded(receive: Receive) -> bytes:
    """Read a report, and at most one byte more than a report may have."""
    body = b""
    while len(body) <= LIMIT:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body[: LIMIT + 1]


def _limited() -> AbstractAsyncContextManager[object]:
    """End the reading after some seconds, where the event loop is asyncio's."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return nullcontext()
    return asyncio.timeout(request_body.SECONDS)


def _marks(scope: Scope) -> Marks:
    marks: Marks = scope.setdefault(_MARKS, {})
    return marks


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers]
