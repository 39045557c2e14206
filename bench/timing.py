"""Timing within a process: several functions in turn, and WSGI calls as servers make them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.wrk import BROWSER, OPENING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from detector.asgi import App

Way = Callable[[], object]


def medians(ways: Mapping[str, Way], seconds: float) -> dict[str, float]:
    """Run all functions in turn, equally often; return each one's median in µs of CPU time.

    Other programs do not add CPU time, but they cool caches: of five parts of the time the
    quietest counts.
    """
    parts = [_part(ways, seconds / 5) for _ in range(5)]
    return min(parts, key=lambda part: sum(part.values()))


def together(way: Way, times: int) -> Way:
    """Return a function that runs another several times, for work that one call does for many."""

    def go() -> None:
        for _ in range(times):
            way()

    return go


def _part(ways: Mapping[str, Way], seconds: float) -> dict[str, float]:
    clock = time.thread_time_ns
    times: dict[str, list[int]] = {name: [] for name in ways}
    order = list(ways.items())
    until = time.monotonic() + seconds
    while True:
        # At random, so that periodic work, such as garbage collection, affects all.
        random.shuffle(order)
        for name, way in order:
            began = clock()
            way()
            times[name].append(clock() - began)
        if time.monotonic() > until:
            return {name: median(each) / 1e3 for name, each in times.items()}


def served(
    app: WSGIApplication,
    path: str = "/",
    bodies: Iterator[bytes] | None = None,
    more: Iterator[dict[str, str]] | None = None,
) -> Callable[[], list[bytes]]:
    """Return a server's handling of a GET, or of a POST of the next body, without the sending.

    `more` yields what else each request's environ has.
    """
    base: dict[str, Any] = {
        "REQUEST_METHOD": "GET" if bodies is None else "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "news.example",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "news.example",
        "HTTP_USER_AGENT": BROWSER,
        "HTTP_SEC_FETCH_SITE": "same-origin",
    }
    if bodies is None:
        base |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in OPENING.items()}

    def start_response(status: str, headers: Any, exc_info: Any = None, /) -> Way:
        return lambda: None

    def once() -> list[bytes]:
        environ = dict(base)
        if more is not None:
            environ.update(next(more))
        if bodies is not None:
            body = next(bodies)
            environ["CONTENT_LENGTH"] = str(len(body))
            environ["wsgi.input"] = BytesIO(body)
        parts = app(environ, start_response)  # type: ignore[arg-type]
        out = list(parts)
        close = getattr(parts, "close", None)
        if close is not None:
            close()
        return out

    return once


def served_async(app: App, path: str = "/") -> Callable[[], list[bytes]]:
    """Return an ASGI server's handling of a GET, without the loop and the sending."""
    headers = {
        b"host": b"news.example",
        b"user-agent": BROWSER.encode(),
        **{name.lower().encode(): value.encode() for name, value in OPENING.items()},
    }
    base: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": list(headers.items()),
        "client": ("127.0.0.1", 4000),
        "server": ("news.example", 80),
    }

    async def receive() -> Any:
        return {"type": "http.request"}

    def once() -> list[bytes]:
        out: list[bytes] = []

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                out.append(message.get("body", b""))

        # Nothing here ever waits, so one step runs the app to its end.
        with suppress(StopIteration):
            app(dict(base), receive, send).__await__().__next__()
        return out

    return once
