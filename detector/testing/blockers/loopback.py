"""A small server on this machine, and a proxy script served by it that refuses hosts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from detector.testing.blockers.model import BlockerError

# Chromium accepts a megabyte of proxy script, so hosts are stored as hashes of one length.
MOST_HOSTS = 145_000
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_WIDTH = 7
_PRIME = 68_719_476_731
_PAC = """const hashes = "HASHES", refused = new Set();
for (let at = 0; at < hashes.length; at += 7) refused.add(hashes.slice(at, at + 7));
function hash(text) {
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum = (sum * 257 + text.charCodeAt(at)) % 68719476731;
  return sum.toString(36).padStart(7, "0");
}
function FindProxyForURL(url, host) {
  for (let rest = host; rest.includes("."); rest = rest.slice(rest.indexOf(".") + 1))
    if (refused.has(hash(rest))) return "PROXY NOWHERE";
  return "ELSE";
}
"""


def _hash(host: str) -> str:
    total = 0
    for byte in host.encode():
        total = (total * 257 + byte) % _PRIME
    digits = ""
    for _ in range(_WIDTH):
        total, digit = divmod(total, 36)
        digits = _DIGITS[digit] + digits
    return digits


@contextmanager
def serve(files: dict[str, tuple[str, bytes]]) -> Iterator[int]:
    """Serve files by path, and an empty answer for anything else; yield the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = files.get(self.path, ("text/plain", b""))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

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
def refusing(hosts: list[str], proxy: str = "") -> Iterator[str]:
    """Yield the address of a proxy script that makes hosts, and their subdomains, unreachable.

    Chromium's resolver rules must fit a command line, which is too short for a list of hosts.
    """
    if len(hosts) > MOST_HOSTS:
        raise BlockerError(
            f"--filter-list: {len(hosts):,} hosts are too many for a browser's proxy settings; "
            f"name lists with at most {MOST_HOSTS:,}"
        )
    # Bound but not listening: a connection is refused, as where a resolver answers 0.0.0.0.
    with socket.socket() as nowhere:
        nowhere.bind(("127.0.0.1", 0))
        text = _PAC.replace("HASHES", "".join(map(_hash, hosts)), 1)
        text = text.replace("NOWHERE", f"127.0.0.1:{nowhere.getsockname()[1]}")
        text = text.replace("ELSE", f"PROXY {proxy}" if proxy else "DIRECT")
        file = ("application/x-ns-proxy-autoconfig", text.encode())
        with serve({"/proxy.pac": file}) as port:
            yield f"http://127.0.0.1:{port}/proxy.pac"
