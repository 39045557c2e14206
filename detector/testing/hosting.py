"""Hosts of the test internet backed by a WSGI app or by a server that runs on this machine."""

from __future__ import annotations

import contextlib
import http.client
import io
import itertools
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication

from detector.testing.messages import Answer, Handler, Request

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def environ_of(request: Request) -> dict[str, Any]:
    """Return the WSGI environment of a request."""
    raw_path, _, query = request.path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(raw_path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": request.host,
        "SERVER_PORT": "443" if request.scheme == "https" else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(request.body)) if request.body else "",
        "CONTENT_TYPE": request.headers.get("content-type", ""),
    }
    for name, value in request.headers.items():
        if name not in ("content-type", "content-length", *HOP_BY_HOP):
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ


def wsgi_host(app: WSGIApplication) -> Handler:
    """Return a handler that answers with a WSGI app, streaming its body."""

    def handle(request: Request) -> Answer:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        written: list[bytes] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            started[:] = [(status, headers)]
            return written.append

        result = app(environ_of(request), start_response)
        close = getattr(result, "close", None)
        chunks = iter(result)
        # A generator app calls start_response only when it is first asked for a chunk.
        first = next(chunks, b"")
        if not started:
            raise RuntimeError(f"the app of {request.host} never called start_response")
        status, headers = started[0]
        code, _, reason = status.partition(" ")
        body = itertools.chain(written, [first], chunks)
        return Answer(body, None, int(code), list(headers), reason, close)

    return handle


def forwarding_host(address: str, port: int) -> Handler:
    """Return a handler that forwards requests to a server on this machine and returns its answer.

    The server gets the requested host, and the scheme in `X-Forwarded-Proto`.
    """

    def handle(request: Request) -> Answer:
        connection = http.client.HTTPConnection(address, port, timeout=60)
        headers = {n: v for n, v in request.headers.items() if n not in HOP_BY_HOP}
        headers |= {"x-forwarded-proto": request.scheme, "x-forwarded-host": request.host}
        headers.pop("content-length", None)
        try:
            connection.request(request.method, request.path, request.body or None, headers)
            response = connection.getresponse()
        except OSError as error:
            connection.close()
            text = f"no server at {address}:{port} for {request.host}: {error}"
            return Answer(text, status=502)
        passed = [(n, v) for n, v in response.getheaders() if n.lower() not in HOP_BY_HOP]
        body = _chunks(response)
        return Answer(body, None, response.status, passed, response.reason, connection.close)

    return handle


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while chunk := response.read1(65536):
        yield chunk


@contextlib.contextmanager
def body_of(answer: Answer) -> Iterator[Iterable[bytes]]:
    """Yield the body of an answer as chunks and close it afterwards, as WSGI requires."""
    try:
        if isinstance(answer.body, str):
            yield [answer.body.encode()]
        elif isinstance(answer.body, bytes):
            yield [answer.body]
        else:
            yield answer.body
    finally:
        if answer.close is not None:
            answer.close()
