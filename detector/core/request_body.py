"""Reads the body of a report from a WSGI server, with a limit on its length and on the time.

Threaded servers read a body while the app waits for it, so an incomplete one would block a worker.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Timer
from typing import Any

SECONDS = 5.0
# Where servers that read from the connection itself put it.
_SOCKETS = ("gunicorn.socket", "werkzeug.socket")


def read_short(
    environ: Mapping[str, Any], size: int, read: Callable[[int], bytes] | None = None
) -> bytes:
    """Return a body of less than `size` bytes; ValueError for one that is longer, or incomplete.

    `read` replaces that of the environ's input. Input whose end the server does not know is not
    read.
    """
    read = read or environ["wsgi.input"].read
    length = environ.get("CONTENT_LENGTH") or ""
    if not length:
        if not environ.get("wsgi.input_terminated"):
            return b""
        return _read_in_time(environ, size, read)
    if not (length.isascii() and length.isdigit()) or int(length) >= size:
        raise ValueError(f"a body of {length[:20]} bytes")
    declared = int(length)
    body = _read_in_time(environ, declared, read)
    if len(body) < declared:
        raise ValueError("a body that ends too early")
    return body


def _read_in_time(environ: Mapping[str, Any], size: int, read: Callable[[int], bytes]) -> bytes:
    """Read at most `size` bytes; on servers that expose their socket, only for some seconds."""
    connection = next((environ[name] for name in _SOCKETS if environ.get(name)), None)
    if connection is None or _buffered(environ) >= size:
        return read(size)
    # A socket's own timeout restarts with each byte.
    timer = Timer(SECONDS, _end, [connection])
    timer.daemon = True
    timer.start()
    try:
        return read(size)
    finally:
        timer.cancel()


def _buffered(environ: Mapping[str, Any]) -> int:
    """Return how much of the body gunicorn has read with the headers: usually the whole report."""
    try:
        return len(environ["wsgi.input"].reader.unreader.buf.getbuffer())
    except (AttributeError, TypeError):
        return 0


def _end(connection: Any) -> None:
    """Shut down reading from a connection; the response can still be written."""
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as plain:
        plain.shutdown(socket.SHUT_RD)
