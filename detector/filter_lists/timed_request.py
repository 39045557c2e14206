"""Requests to other machines that end at a given time, however slowly the other side sends.

A socket's timeout applies to each read alone: a server that sends a byte a second holds a reader
forever. Here a timer shuts the connection down, during the TLS handshake and the headers too.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any


@contextmanager
def asked(
    request: urllib.request.Request,
    ends: float,
    *handlers: urllib.request.BaseHandler,
    context: ssl.SSLContext | None = None,
) -> Iterator[http.client.HTTPResponse]:
    """Yield the answer to an http or https request; other schemes are refused with a URLError.

    Raises TimeoutError when the block has not ended by `ends`, a time of `time.monotonic`.
    """
    with _Cut(ends) as cut:
        opener = urllib.request.OpenerDirector()
        usual = (urllib.request.ProxyHandler(), urllib.request.UnknownHandler())
        for handler in (*usual, _Bounded(cut, context), *handlers):
            opener.add_handler(handler)
        try:
            with opener.open(request, timeout=cut.left()) as answer:
                yield answer
        except (OSError, http.client.HTTPException, ValueError):
            if not cut.done:
                raise
        if cut.done:
            # A shut connection looks like the end of an answer that has no length.
            raise TimeoutError


class _Cut:
    """Shuts down the connection of one request when its time is up."""

    def __init__(self, ends: float) -> None:
        self.done = False
        self._ends = ends
        self._held: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(0.0, ends - time.monotonic()), self._cut)
        self._timer.daemon = True

    def __enter__(self) -> _Cut:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        if self._held:
            self._held.close()

    def left(self) -> float:
        """Return the seconds that are left; raise TimeoutError when there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def connect(self, address: tuple[str, int], *_: object) -> socket.socket:
        """Connect as `socket.create_connection` does, with one deadline for all addresses."""
        failed = OSError("its name resolves to no address")
        for *kind, _name, place in socket.getaddrinfo(*address, 0, socket.SOCK_STREAM):
            made = socket.socket(*kind)
            try:
                made.settimeout(self.left())
                made.connect(place)
                self._hold(made)
            except OSError as error:
                made.close()
                failed = error
            else:
                return made
        raise failed

    def _hold(self, made: socket.socket) -> None:
        # A duplicate, because TLS takes over the socket itself; a shutdown reaches both.
        with self._lock:
            self.left()
            self._held = made.dup()

    def _cut(self) -> None:
        with self._lock:
            self.done = True
            if self._held:
                with suppress(OSError):
                    self._held.shutdown(socket.SHUT_RDWR)


class _Bounded(urllib.request.AbstractHTTPHandler):
    """Opens http and https over connections that a `_Cut` shuts down."""

    def __init__(self, cut: _Cut, context: ssl.SSLContext | None) -> None:
        super().__init__()
        self._cut = cut
        self._context = context

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Open an http address."""
        return self.do_open(partial(self._made, http.client.HTTPConnection), request)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Open an https address."""
        made: Any = partial(self._made, http.client.HTTPSConnection)
        return self.do_open(made, request, context=self._context)

    def _made(self, kind: Any, host: str, **options: Any) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection = kind(host, **options)
        connection._create_connection = self._cut.connect  # type: ignore[attr-defined]
        return connection

    http_request = https_request = urllib.request.AbstractHTTPHandler.do_request_
