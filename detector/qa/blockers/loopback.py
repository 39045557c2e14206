"""A small server on this machine: the page to see whether a blocker acts, and proxy settings."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from detector.qa.profiles import READY_PAGE

_PAC = """const refused = new Set(HOSTS);
function FindProxyForURL(url, host) {
  for (let rest = host; rest; rest = rest.slice(rest.indexOf(".") + 1)) {
    if (refused.has(rest)) return "PROXY NOWHERE";
    if (!rest.includes(".")) break;
  }
  return "ELSE";
}
"""


@contextmanager
def serve(files: dict[str, tuple[str, bytes]]) -> Iterator[int]:
    """Serve files by path, anything else as an empty answer, and give the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = files.get(self.path, ("text/plain", b""))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def ready_site() -> Iterator[int]:
    """Serve the page that tells whether a blocker acts."""
    with serve({"/": ("text/html; charset=utf-8", READY_PAGE.encode())}) as port:
        yield port


@contextmanager
def refusing(hosts: list[str], proxy: str = "") -> Iterator[str]:
    """Give the address of proxy settings under which hosts, and all below them, are not reached.

    Chromium's resolver rules fit one command line, which is too short for a list of hosts.
    """
    # Bound and never listening: a connection is refused, as it is where a resolver says 0.0.0.0.
    with socket.socket() as nowhere:
        nowhere.bind(("127.0.0.1", 0))
        text = _PAC.replace("HOSTS", json.dumps(hosts), 1)
        text = text.replace("NOWHERE", f"127.0.0.1:{nowhere.getsockname()[1]}")
        text = text.replace("ELSE", f"PROXY {proxy}" if proxy else "DIRECT")
        file = ("application/x-ns-proxy-autoconfig", text.encode())
        with serve({"/proxy.pac": file}) as port:
            yield f"http://127.0.0.1:{port}/proxy.pac"
