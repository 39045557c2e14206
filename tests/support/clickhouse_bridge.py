"""An HTTP server with ClickHouse's own engine behind it, in a process of its own.

`python -m tests.support.clickhouse_bridge PASSWORD FOLDER` prints its port. It speaks as much of
ClickHouse's HTTP interface as its client needs. The engine is real; signing in is an emulation.
"""

from __future__ import annotations

import re
import sys
import tempfile
import threading
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import lz4.frame

_INSERT = re.compile(rb"\s*(INSERT INTO .*?)\s+FORMAT Native\s*?\n", re.DOTALL)
_CODE = re.compile(r"Code: (\d+)")
_REFUSED = "Code: 516. DB::Exception: Authentication failed (AUTHENTICATION_FAILED)"
_DECODERS = {"lz4": lz4.frame.decompress, "": bytes}


class Handler(BaseHTTPRequestHandler):
    """Runs one query in each request, one after another."""

    protocol_version = "HTTP/1.1"
    session: Any = None
    sign_in = ""
    engine = threading.Lock()

    def do_GET(self) -> None:
        """Answer as to a POST."""
        self.do_POST()

    def do_POST(self) -> None:
        """Run the query of the URL or the body."""
        body = self._body()
        if self.headers.get("Authorization") != self.sign_in:
            self._send(403, _REFUSED.encode(), "516")
            return
        asked = parse_qs(urlsplit(self.path).query)
        query = asked.get("query", [""])[0].encode() + body
        try:
            with self.engine:
                self.session.query(f"USE `{asked.get('database', ['default'])[0]}`")
                self._send(200, self._run(query))
        except Exception as error:
            code = _CODE.search(str(error))
            self._send(500, str(error).encode(), code[1] if code else "1")

    def _run(self, query: bytes) -> bytes:
        found = _INSERT.match(query)
        if not found:
            return bytes(self.session.query(query.decode(), "TabSeparated").bytes())
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows"
            path.write_bytes(query[found.end() :])
            self.session.query(f"{found[1].decode()} SELECT * FROM file('{path}', Native)")
        return b""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            found = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        else:
            found = b""
            while size := int(self.rfile.readline(), 16):
                found += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        decoded: bytes = _DECODERS[self.headers.get("Content-Encoding") or ""](found)
        return decoded

    def _send(self, status: int, body: bytes, code: str = "") -> None:
        self.send_response(status)
        if code:
            self.send_header("X-ClickHouse-Exception-Code", code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Print the headers that tell who asks."""
        print(self.headers.get("User-Agent"), file=sys.stderr, flush=True)


def main() -> None:
    """Serve until the process is ended."""
    Handler.sign_in = "Basic " + b64encode(f"counter:{sys.argv[1]}".encode()).decode()
    Handler.session = import_module("chdb.session").Session(sys.argv[2])
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
