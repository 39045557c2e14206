"""Pages that are hard to visit, on one local server."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme

HEAD = '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Hard</title>'
PAGES = {
    "/": "<h1>Plain</h1><button>Go on</button>",
    "/idle": "<h1>Idle</h1><script>setInterval(() => fetch('/held?' + Math.random()), 60)</script>",
    "/half": "<h1>Half</h1><button>Read</button><img src='/held' alt=''>",
    "/alert": "<h1>Alert</h1><script>alert('Stop'); confirm('Sure?'); prompt('Who?')</script>",
    "/spin": "<h1>Spin</h1><script>onload = () => setTimeout(() => { for (;;); }, 50)</script>",
    "/guarded": "<h1>Guarded</h1><button>Go on</button>",
    "/away": "<script>setTimeout(() => { location = '/' }, 100)</script>",
}
HUGE = 50 * 1024 * 1024


class _Handler(BaseHTTPRequestHandler):
    released: threading.Event

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in PAGES:
            self._answer((HEAD + PAGES[path]).encode())
        elif path == "/huge":
            row = b"<p>" + b"A long page of one and the same line. " * 26 + b"</p>\n"
            self._answer(HEAD.encode() + b"<h1>Huge</h1>" + row * (HUGE // len(row)))
        elif path == "/loop":
            self._answer(b"", status=302, Location="/loop")
        elif path == "/file.zip":
            self._answer(b"PK", "application/zip")
        elif path == "/empty":
            self._answer(b"", status=204)
        else:
            self.released.wait(60)

    def _answer(
        self, body: bytes, kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str
    ) -> None:
        self.send_response(status)
        headers |= {"Content-Type": kind, "Content-Length": str(len(body))}
        if self.path == "/guarded":
            headers["Content-Security-Policy"] = "default-src 'none'; script-src 'nonce-a'"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore it: a browser's disconnect is not an error."""


@contextmanager
def hard_pages(*, secure: bool = False) -> Iterator[str]:
    """Serve them and yield the address of the first; `secure` with an untrusted certificate."""
    released = threading.Event()
    handler = type("Handler", (_Handler,), {"released": released})
    server = _Server(("127.0.0.1", 0), handler)
    if secure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http{'s' if secure else ''}://127.0.0.1:{server.server_address[1]}"
    finally:
        released.set()
        server.shutdown()
        thread.join()
        server.server_close()
