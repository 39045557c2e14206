"""The tiny Django project on real servers: gunicorn with WSGI, uvicorn with ASGI."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from itertools import count
from pathlib import Path

import pytest

from detector.analytics.query import summary
from detector.core.errors import StoreError
from detector.stores.sqlite.store import SqliteStore
from tests.conftest import FIREFOX
from tests.support.django_site import PAGE, PARTS
from tests.support.root import ROOT
from tests.support.tags import script, strip

COMMANDS = {
    "gunicorn": "gunicorn --workers 2 --preload --bind 127.0.0.1:0 tests.support.django_site:wsgi",
    "uvicorn": "uvicorn --port 0 tests.support.django_site:asgi",
}
PATIENCE = 30.0
HEADERS = {"User-Agent": FIREFOX, "Sec-Fetch-Site": "same-origin"}
VIEWS = count()
# Exit status after SIGTERM: gunicorn exits cleanly, uvicorn raises the signal again.
ENDS = {"gunicorn": 0, "uvicorn": -signal.SIGTERM}


class Server:
    """One server of the tiny project; its counters are stored in `folder`."""

    def __init__(self, name: str, folder: Path, **env: str) -> None:
        self.name = name
        self.store = folder / "detector.sqlite"
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *COMMANDS[name].split()],
                cwd=ROOT,
                env={**os.environ, "SITE_FOLDER": str(folder), **env},
                stdout=log,
                stderr=log,
            )
        self.port = self._port()

    def _port(self) -> int:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", self.log.read_text()):
                return int(found[1])
        raise AssertionError(self.log.read_text())

    def ask(
        self, path: str, method: str = "GET", body: str | None = None
    ) -> tuple[HTTPResponse, bytes]:
        """Request a path over a new connection."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, HEADERS)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def visit(self) -> None:
        """Do what a page's script does without a blocker."""
        path, report = self.view()
        response, answer = self.ask(path, "POST", report)
        assert (response.status, answer) == (204, b"")

    def view(self) -> tuple[str, str]:
        """Begin a view as the page's script does; return the address and the body of its report."""
        src, token = script(self.ask("/article/one/")[1].decode())
        assert self.ask(src)[0].status == 200
        _, answer = self.ask(f"{src}on?v={next(VIEWS):020}&p={token}")
        told = json.loads(answer)
        body = {"t": told["t"], "p": token, "s": "clear", "i": "", "f": [], "e": False}
        folder = src.rpartition("/")[0]
        return f"{folder}/{told['r']}", json.dumps(body)

    def stop(self) -> int:
        """Stop as an owner does, and wait for the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def wait_for_log(self, text: str) -> None:
        """Wait until the server has logged something."""
        until = time.monotonic() + PATIENCE
        while text not in self.log.read_text():
            assert time.monotonic() < until, self.log.read_text()

    def verdicts(self) -> int:
        """Count an event in the store."""
        store = SqliteStore(self.store, readonly=True)
        try:
            return summary(store).verdict_count
        except StoreError:  # not created yet
            return 0
        finally:
            store.close()


@pytest.fixture(scope="module", params=list(COMMANDS))
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Yield each server, once."""
    started = Server(request.param, tmp_path_factory.mktemp(request.param))
    yield started
    started.stop()


def test_page(server: Server) -> None:
    """A page arrives complete, with one tag and a correct length."""
    response, page = server.ask("/")
    assert strip(page) == PAGE.encode()
    assert response.headers["Content-Length"] == str(len(page))


def test_stream(server: Server) -> None:
    """A streamed page arrives complete, with one tag."""
    assert strip(
        server.ask("/later" if server.name == "uvicorn" else "/stream")[1]
    ).decode() == "".join(PARTS)


def test_head(server: Server) -> None:
    """HEAD has GET's length and no body."""
    head, nothing = server.ask("/", "HEAD")
    assert (head.status, nothing) == (200, b"")
    assert head.headers["Content-Length"] == server.ask("/")[0].headers["Content-Length"]


def test_file_and_data(server: Server) -> None:
    """A sent file and data arrive unchanged."""
    assert server.ask("/data")[1] == b'{"a": 1}'
    assert server.ask("/file")[1] == PAGE.encode()


def test_a_view_is_counted_in_the_store(server: Server) -> None:
    """A whole view over any worker is counted in the store of the project."""
    before = server.verdicts()
    server.visit()
    until = time.monotonic() + PATIENCE
    while server.verdicts() == before and time.monotonic() < until:
        pass
    assert server.verdicts() == before + 1


@pytest.mark.parametrize("name", ENDS)
def test_clean_stop_loses_nothing(name: str, tmp_path: Path) -> None:
    """Counts awaiting the next write are in the store after the server was stopped."""
    server = Server(name, tmp_path, SITE_FLUSH="3600")
    for _ in range(5):
        server.visit()
    assert server.verdicts() == 0
    assert server.stop() == ENDS[name]
    assert server.verdicts() == 5


def test_what_comes_in_while_uvicorn_stops_is_counted(tmp_path: Path) -> None:
    """A report whose end arrives after the signal to stop is answered and stored."""
    server = Server("uvicorn", tmp_path, SITE_FLUSH="3600")
    path, report = server.view()
    head = {**HEADERS, "Host": "x", "Content-Length": len(report), "Expect": "100-continue"}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        # Logged when the app waits for the body.
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        server.process.send_signal(signal.SIGTERM)
        server.wait_for_log("Waiting for connections to close")
        connection.sendall(report.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 204 ")
    assert server.process.wait(PATIENCE) == -signal.SIGTERM
    assert server.verdicts() == 1
