"""Fast calls of WSGI and ASGI apps in this process, without a validator or a loop."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from io import BytesIO
from typing import Any, NamedTuple

from detector.core.html.headers import Headers
from detector.core.site import Site


class AppError(Exception):
    """The app's own error, which has to reach the server unchanged."""


class Out(NamedTuple):
    """A response as received; `error` names the exception raised, "" for none."""

    status: int
    headers: Headers
    body: bytes
    error: str = ""


def watch_errors(site: Site, caught: list[str]) -> None:
    """Record a site's own errors in `caught`; pages are still tagged after any number of them."""

    def note(where: str, **_: Any) -> None:
        caught.append(f"{where}: {sys.exception()!r}")

    site.circuit_breaker.caught = note  # type: ignore[method-assign]


def call_wsgi(app: Any, environ: dict[str, Any]) -> Out:
    """Call a WSGI app as a server does."""
    started: list[tuple[str, Headers]] = []
    parts: list[bytes] = []

    def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
        started.append((status, headers))
        return parts.append

    error = ""
    found: Iterable[bytes] = ()
    try:
        found = app(environ, start)
        parts.extend(found)
    except AppError:
        error = "AppError"
    except Exception as ours:
        error = repr(ours)
    finally:
        getattr(found, "close", int)()
    status, headers = started[-1] if started else ("0", [])
    named = [(name.lower(), value) for name, value in headers]
    return Out(int(status[:3]), named, b"".join(parts), error)


def call_asgi(app: Any, scope: dict[str, Any], body: bytes = b"") -> Out:
    """Call an ASGI app that never has to wait, so that no loop is needed."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    error = ""
    running = app(scope, receive, send)
    try:
        running.send(None)
        error = "the app waits"
    except (StopIteration, AppError) as end:
        error = "AppError" if isinstance(end, AppError) else ""
    except Exception as ours:
        error = repr(ours)
    starts = [one for one in sent if one["type"] == "http.response.start"]
    if len(starts) != 1 or sent[0] is not starts[0]:
        return Out(0, [], b"", error or f"{len(starts)} starts")
    headers = [(str(k, "latin-1"), str(v, "latin-1")) for k, v in starts[0]["headers"]]
    return Out(starts[0]["status"], headers, b"".join(one["body"] for one in sent[1:]), error)


def environ_of(
    path: str, method: str, headers: dict[str, str], remote: str, body: bytes = b"", query: str = ""
) -> dict[str, Any]:
    """Build the environ of one request, without the keys that the middleware never reads."""
    named = {"HTTP_" + k.upper().replace("-", "_"): v for k, v in headers.items()}
    return {
        **{"PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": query, "REQUEST_METHOD": method},
        **{"REMOTE_ADDR": remote, "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)},
        **named,
    }


def no_page(*_: Any) -> Any:
    """Stand for the app, which no request for the detector's own URLs may reach."""
    raise AssertionError("a request for one of the detector's URLs reached the app")
