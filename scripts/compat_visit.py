"""Serves one site of compat_apps.py by a real server and visits it as a browser does.

`python compat_visit.py NAME STORE` imports the installed wheel, the framework and the standard
library alone. It exits with 0 and writes its counts at the end, or with a traceback.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import compat_apps

import detector

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SCRIPT = re.compile(
    r'<script async data-\w+="(?P<token>[^"]+)"[^>]* src="(?P<src>[^"]+)\.js"></script>'
)
ASGI = {
    "bare_asgi",
    "django_asgi",
    "starlette",
    "fastapi",
    "litestar",
    "quart",
    "falcon_asgi",
}
SECONDS = 200  # a busy machine


def main(name: str, store: str) -> None:
    """Serve a site, visit it and stop it."""
    assert detector.__file__.startswith(sys.prefix), f"{detector.__file__} is not the wheel's"
    app = getattr(compat_apps, name)(store)
    with (on_asgi if name in ASGI else on_wsgi)(app) as port:
        visit(port)


@contextmanager
def on_wsgi(app: Any) -> Iterator[int]:
    """Serve an app by wsgiref, and yield its port."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Print no line for a request."""

    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def on_asgi(app: Any) -> Iterator[int]:
    """Serve an app by uvicorn, and yield its port."""
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            # Connections wait in the listener's queue until the server accepts them.
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def visit(port: int) -> None:
    """Load every path as a visitor, and send the report of one clear view."""
    for path, (kind, headers, chunks) in compat_apps.SITE.items():
        answer, body = ask(port, path)
        assert answer.status == 200, (path, answer.status)
        assert answer.headers.get_content_type() == kind.partition(";")[0], path
        for name, value in headers.items():
            assert answer.headers[name] == value, (path, answer.headers[name])
        tagged = len(SCRIPT.findall(body.decode()))
        assert tagged == (path in compat_apps.PAGES), (path, body)
        assert re.sub(rb"<script.*?</script>", b"", body) == b"".join(chunks), (path, body)
    found = SCRIPT.search(ask(port, "/")[1].decode())
    assert found
    src, token = found["src"], found["token"]
    answer, _ = ask(port, f"{src}.js")
    assert "javascript" in answer.headers["Content-Type"], answer.headers
    told = json.loads(ask(port, f"{src}.json?v=01234567890123456789&p={token}&w=false")[1])
    folder = src.rpartition("/")[0]
    for _, _, *baits in told["b"]:
        for bait in baits:
            assert ask(port, f"{folder}/{bait}{told['t']}")[0].status == 200, bait
    report = {"t": told["t"], "p": token, "s": "clear", "i": None, "f": []}
    answer, body = ask(port, f"{folder}/{told['r']}", json.dumps(report))
    assert (answer.status, body) == (204, b""), (answer.status, body)


def ask(port: int, path: str, body: str | None = None) -> tuple[HTTPResponse, bytes]:
    """Send one request as a page of the site does."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    headers = {"User-Agent": FIREFOX}
    if body is not None:
        headers |= {"Origin": f"http://127.0.0.1:{port}", "Content-Type": "application/json"}
    try:
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
