"""The HTTP proxy in front of the test internet: it terminates TLS and lets nothing out."""

from __future__ import annotations

import contextlib
import io
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any, cast
from urllib.parse import urlsplit

from detector.testing.hosting import body_of
from detector.testing.messages import Answer, Request
from detector.testing.tls import Authority

# What a browser does to its connections when a page is closed.
GONE = (OSError, ssl.SSLError, ValueError)


class Proxy(socketserver.ThreadingTCPServer):
    """Listens on a free port of the loopback address; a thread for each connection.

    `reachable(host)` is called for each CONNECT; `answer(request)` for each request, and returns
    None to drop the connection without an answer.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self,
        authority: Authority,
        reachable: Callable[[str], bool],
        answer: Callable[[Request], Answer | None],
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.authority = authority
        self.reachable = reachable
        self.answer = answer
        self._connections: set[_Connection] = set()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The address for a browser's proxy settings."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def opened(self, connection: _Connection) -> None:
        """Register a connection, so that stopping the proxy closes it too."""
        with self._lock:
            self._connections.add(connection)

    def closed(self, connection: _Connection) -> None:
        """Unregister a finished connection."""
        with self._lock:
            self._connections.discard(connection)

    def stop(self) -> None:
        """Stop listening and cut all connections."""
        self.shutdown()
        with self._lock:
            left = list(self._connections)
        for connection in left:
            with contextlib.suppress(OSError):
                connection.connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore it: a browser that hangs up is not an error, and an app's are stored elsewhere."""


class _Connection(BaseHTTPRequestHandler):
    """One connection of a browser, before and after it requested a tunnel."""

    protocol_version = "HTTP/1.1"
    server: Proxy
    wbufsize = -1
    timeout = 120
    disable_nagle_algorithm = True

    def setup(self) -> None:
        self.tunnel: str | None = None
        super().setup()
        self.server.opened(self)

    def handle(self) -> None:
        with contextlib.suppress(*GONE):
            super().handle()

    def finish(self) -> None:
        self.server.closed(self)
        with contextlib.suppress(*GONE):
            super().finish()
        with contextlib.suppress(*GONE):
            self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        # BaseHTTPRequestHandler finds a method by name; all but CONNECT are handled alike.
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def do_CONNECT(self) -> None:
        """Open a tunnel whose other end is this proxy itself."""
        host = self.path.rpartition(":")[0].lower()
        if not self.server.reachable(host):
            self.send_response(502, "Host Not Found")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.wfile.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
        self.wfile.flush()
        context = self.server.authority.context(host)
        secure = context.wrap_socket(self.connection, server_side=True)
        self.tunnel = host
        self.connection = secure
        self.rfile = cast(io.BufferedIOBase, secure.makefile("rb"))
        self.wfile = cast(io.BufferedIOBase, secure.makefile("wb"))
        self.close_connection = False

    def _serve(self) -> None:
        if self.tunnel is None:
            parts = urlsplit(self.path)
            host = (parts.hostname or str(self.headers.get("host"))).lower()
            path, scheme = parts.path or "/", "http"
            path += f"?{parts.query}" if parts.query else ""
        else:
            host, path, scheme = self.tunnel, self.path, "https"
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(host, self.command, path, headers, self._body(headers), scheme=scheme)
        answer = self.server.answer(request)
        if answer is None:
            self.close_connection = True
            return
        self._send(answer)

    def _body(self, headers: dict[str, str]) -> bytes:
        if "chunked" not in headers.get("transfer-encoding", ""):
            return self.rfile.read(int(headers.get("content-length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def _send(self, answer: Answer) -> None:
        bodiless = self.command == "HEAD" or answer.status in (204, 304)
        head = answer.head()
        names = {name.lower() for name, _ in head}
        if "content-length" not in names and isinstance(answer.body, (bytes, str)):
            size = len(answer.body.encode() if isinstance(answer.body, str) else answer.body)
            head = [*head, ("Content-Length", str(size))]
            names.add("content-length")
        chunked = not bodiless and "content-length" not in names
        self.send_response_only(answer.status, answer.reason or None)
        for name, value in head:
            self.send_header(name, value)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with body_of(answer) as chunks:
            if bodiless:
                self.wfile.flush()
                return
            try:
                for chunk in chunks:
                    if not chunk:
                        continue
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
                    self.wfile.flush()
            except BaseException:
                # An interrupted body must look interrupted, not complete.
                self.close_connection = True
                raise
            if chunked:
                self.wfile.write(b"0\r\n\r\n")
            self.wfile.flush()
