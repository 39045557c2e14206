"""Serves the gallery on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from detector.serve.listening import listen

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _Server(ThreadingMixIn, WSGIServer):
    """A threading server, because a gallery requests many pages at once."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """Keeps requests out of the terminal."""

    def log_message(self, *_: Any) -> None:
        pass


def make(app: WSGIApplication, host: str, port: int) -> tuple[_Server, str]:
    """Return a listening server, and its address; raise ListenError."""
    bound = listen(host, port)
    server = _Server((host, port), _Quiet, bind_and_activate=False)
    server.socket.close()
    server.socket = bound
    port = bound.getsockname()[1]
    server.server_name, server.server_port = host, port
    server.setup_environ()
    server.set_app(app)
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return server, f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


@contextmanager
def running(app: WSGIApplication) -> Iterator[str]:
    """Serve on a free port of the loopback address for the duration of the block; yield the URL."""
    server, url = make(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
