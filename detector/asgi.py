"""ASGI middleware: answers our URLs before the app and inserts the tag into its pages.

Pure ASGI: works with Starlette, FastAPI, Quart, Litestar and any other ASGI framework.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from detector.core.async_body import read_report
from detector.core.html.headers import Headers
from detector.core.middleware import HERE, BaseMiddleware, Html, Marks, Origin, placed
from detector.core.request import Request
from detector.core.response import ResponseRewriter, mounted
from detector.core.site import Site
from detector.core.user_agent import classify

__all__ = ["DetectorMiddleware", "detector_tag"]

# Mappings; frameworks differ in how strictly they type them, and all should be accepted.
Scope = Any
Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# One dict per request, shared by all copies that frameworks make of its scope.
_MARKS = "detector.marks"
# These say nothing about the page, and a delayed hint is useless.
_AT_ONCE = ("http.response.early_hint", "http.response.push", "http.response.debug")


class DetectorMiddleware(BaseMiddleware):
    """Wraps an ASGI app; `options` are those of `detector.Config`, with `secret` required.

    `group(scope)` returns a page's route (not needed with Starlette, FastAPI and Litestar),
    `nonce(scope)` the nonce of its policy, and `notice_for(scope)` the mode for this page, "" for
    the configured one; each is called while the app responds and must not block.
    `scope["ad_free"] = True` marks a member's page, where nobody is looked at or asked. `site` is
    an existing Site to use instead of options. Raises ConfigError.
    """

    ad_free_key = "ad_free"

    if TYPE_CHECKING:  # frameworks' types require a positional argument

        def __init__(self, app: App, /, **options: Any) -> None: ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; scopes other than HTTP are passed on."""
        if scope["type"] == "lifespan":
            send = self._with_lifespan(send)
        elif scope["type"] == "http":
            root = (scope.get("root_path") or "").rstrip("/")
            path = scope["path"]
            # Servers differ in whether the path includes the root path.
            path = path[len(root) :] if root and path.startswith(root + "/") else path
            query = str(scope.get("query_string", b""), "latin-1")
            method, headers = scope["method"], _Headers(scope)
            if self.endpoints.owns(path):
                reads = method == "POST" and self.endpoints.reads(path)
                body = await read_report(receive) if reads else b""
                remote = (scope.get("client") or ("",))[0] or ""
                ours = self.answer(
                    Request(method, path, query, headers, remote, lambda size: body[:size])
                )
                if ours is not None:
                    pairs = _encoded(ours.headers)
                    start = {"type": "http.response.start", "status": ours.status, "headers": pairs}
                    await send(start)
                    await send({"type": "http.response.body", "body": ours.body})
                    return
            scope["ad_state"] = self.site.state_cookie.read(headers)
            marks, origin = _marks(scope), (root, path)
            marks[HERE] = self, origin

            def rewriter() -> ResponseRewriter:
                return self.rewriter(scope, marks, Request(method, path, query, headers), origin)

            send = _Page(self.site, rewriter, send).send
        await self.app(scope, receive, send)

    def route(self, source: Scope) -> str:
        """Return the route template that the framework matched, with its app's mount."""
        # FastAPI's own route lacks the prefix of the router that it was included with.
        route = source.get("fastapi", {}).get("effective_route_context") or source.get("route")
        path = getattr(route, "path_format", None) or getattr(route, "path", None)
        path = path or source.get("path_template")  # Litestar
        root = source.get("root_path", "")
        # Starlette's mounts store the root path of the outermost app under this name.
        return f"{root.removeprefix(source.get('app_root_path', root))}{path}" if path else ""

    def mount(self, source: Scope, origin: Origin) -> str:
        """Return the original root path: routers extend it for sub-apps."""
        return mounted(origin[0])

    def _with_lifespan(self, send: Send) -> Send:
        """Import at startup what would delay the first visitor; write the counters at shutdown."""
        classify("warm-up")

        async def sent(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self.site.will_close()
            # This blocks, but no requests are left that it could delay.
            if message["type"].startswith("lifespan.shutdown."):
                self.site.close()
            await send(message)

        return sent


def detector_tag(request: Any, nonce: str = "", inline: bool = True, notice: str = "") -> Html:
    """Return the tag for a template to place at the start of its head; the page gets no other.

    `request` is the framework's, or a scope. `inline=False` omits the inline line, for a policy
    that refuses it; `notice` is the mode for this page.
    """
    scope = getattr(request, "scope", request)
    return placed(scope, _marks(scope), nonce, inline, notice)


class _Page:
    """One response in progress; `send` receives the app's messages."""

    _rewriter: ResponseRewriter
    """Made at the start of what may be a page; nothing else is held."""

    def __init__(self, site: Site, make: Callable[[], ResponseRewriter], send: Send) -> None:
        self._site = site
        self._make = make
        self._send = send
        self._held: Message | None = None
        self._original: Headers = []

    async def send(self, message: Message) -> None:
        """Pass a message on; the start is held while the insertion point is unknown."""
        kind = message["type"]
        if kind == "http.response.start":
            await self._receive_start(message)
        elif self._held is None or kind in _AT_ONCE:
            await self._send(message)
        elif kind == "http.response.body":
            out = self._rewriter.feed(message.get("body", b""))
            if not message.get("more_body", False):
                out += self._rewriter.finish()
            if not self._rewriter.holds:
                await self._release()
                await self._send({**message, "body": out})
        else:  # a file that the server sends itself
            out = self._rewriter.give_up()
            await self._release()
            if out:
                await self._send({"type": "http.response.body", "body": out, "more_body": True})
            await self._send(message)

    async def _receive_start(self, message: Message) -> None:
        try:
            pairs = message.get("headers", ())
            if not isinstance(pairs, (list, tuple)):
                message = {**message, "headers": (pairs := list(pairs))}
            if message["status"] == 304 or _is_html(pairs):
                self._original = [(str(k, "latin-1"), str(v, "latin-1")) for k, v in pairs]
                self._rewriter = self._make()
                self._rewriter.start(message["status"], self._original)
                self._held = message
        except Exception:
            self._site.circuit_breaker.caught("reading a response's headers")
        if self._held is None:
            await self._send(message)
        elif not self._rewriter.holds:
            await self._release()

    async def _release(self) -> None:
        """Send the held start, with the headers that match the body."""
        start, self._held = self._held, None
        assert start is not None
        if self._rewriter.headers is not self._original:
            start = {**start, "headers": _encoded(self._rewriter.headers)}
        await self._send(start)


def _is_html(pairs: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a response may be a page: a cheap check on bytes that excludes most others."""
    for name, value in pairs:
        if name.lower() == b"content-type" and b"html" in value.lower():
            return True
    return False


class _Headers:
    """Request headers by lower-case name, read lazily from an ASGI scope."""

    __slots__ = ("_pairs", "_values")

    def __init__(self, scope: Scope) -> None:
        self._pairs = scope["headers"]
        self._values: dict[bytes, bytes] | None = None

    def get(self, name: str, /) -> str | None:
        """Return a header's value, or None; repeated headers are joined as WSGI servers do."""
        if self._values is None:
            pairs = list(self._pairs)
            values = dict(pairs)
            self._values = values if len(values) == len(pairs) else _joined(pairs)
        value = self._values.get(name.encode())
        return None if value is None else str(value, "latin-1")


def _joined(pairs: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return headers by name, repeated ones joined in their order.

    A proxy may add its own line after those of a client, as HAProxy does with X-Forwarded-For.
    """
    values: dict[bytes, bytes] = {}
    for name, value in pairs:
        if name in values:
            # HTTP/2 may split a cookie into several lines (RFC 9113, 8.2.3).
            value = values[name] + (b"; " if name == b"cookie" else b", ") + value
        values[name] = value
    return values


def _marks(scope: Scope) -> Marks:
    marks: Marks = scope.setdefault(_MARKS, {})
    return marks


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers]
