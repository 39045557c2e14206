"""The adapters on real servers: responses are correct to the last byte."""

from __future__ import annotations

import json
import re
import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from bench.serving import HOST, Process, gunicorn, hypercorn, uvicorn, waitress
from detector.analytics.query import summary
from detector.core.counting.store_url import open_store
from detector.core.served_names import ServedNames
from tests.conftest import FIREFOX, SECRET
from tests.support.kinds import PAGE
from tests.support.served import PLACE
from tests.support.tags import LINE, script, strip

Maker = Callable[[int, str], Sequence[str]]


def preloaded(number: int, app: str) -> list[str]:
    """Return the arguments for gunicorn with two workers and a preloaded app."""
    return [*gunicorn(number, app)[:-1], "--preload", "--workers=2", app]


SERVERS: dict[str, tuple[Maker, str]] = {
    "gunicorn": (preloaded, "tests.support.served:wsgi()"),
    "waitress": (waitress, "tests.support.served:wsgi()"),
    "uvicorn": (uvicorn, "tests.support.served:asgi()"),
    "hypercorn": (hypercorn, "tests.support.served:asgi()"),
}


@pytest.fixture(scope="module", params=SERVERS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    """Yield each server in turn."""
    by, app = SERVERS[request.param]
    with Process(app, by, {PLACE: str(tmp_path_factory.mktemp("site"))}) as made:
        yield made


@pytest.fixture
def http(server: Process) -> Iterator[HTTPConnection]:
    """Yield a connection that stays open."""
    connection = HTTPConnection(HOST, server.port, timeout=30)
    yield connection
    connection.close()


class Got:
    """One response."""

    def __init__(self, http: HTTPConnection, path: str, method: str = "GET", **more: str) -> None:
        sent = {"User-Agent": FIREFOX, **{k.replace("_", "-"): v for k, v in more.items()}}
        body = sent.pop("body", None)
        http.request(method, path, body, sent)
        answer = http.getresponse()
        self.status = answer.status
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        self.body = answer.read()


def test_one_connection_for_all(http: HTTPConnection) -> None:
    """On one connection each response ends correctly, the detector's and the app's."""
    for _ in range(2):
        page = Got(http, "/")
        assert strip(page.body) == PAGE
        assert page.headers["content-length"] == str(len(page.body))
        assert page.headers["etag"] == 'W/"a"'
        assert strip(Got(http, "/stream").body) == PAGE + b"more"
        assert Got(http, "/echo", "POST", body="x" * 5000).body.strip() == b'{"read":5000}'
        folder = re.findall(rb'src="(/\w+/)', page.body)[0].decode()
        assert Got(http, folder + "nothing").status == 404
        script = Got(http, re.findall(rb'src="([^"]+)"', page.body)[0].decode())
        assert script.headers["cache-control"].endswith("immutable")


def test_head(http: HTTPConnection) -> None:
    """HEAD has the headers of GET and no body, and the connection stays usable."""
    head, get = Got(http, "/", "HEAD"), Got(http, "/")
    assert (head.body, head.headers["etag"]) == (b"", get.headers["etag"])
    assert head.headers.get("content-length") is None
    assert strip(get.body) == PAGE


def test_old_protocol(server: Process) -> None:
    """A client of HTTP/1.0 reads the same page to the end of the connection."""
    for path, wanted in (("/", PAGE), ("/stream", PAGE + b"more")):
        with socket.create_connection((HOST, server.port), timeout=30) as client:
            request = f"GET {path} HTTP/1.0\r\nHost: x\r\nUser-Agent: {FIREFOX}\r\n\r\n"
            client.sendall(request.encode())
            head, _, body = b"".join(iter(lambda: client.recv(65536), b"")).partition(b"\r\n\r\n")
        assert head.split()[1] == b"200"
        assert strip(body) == wanted


def test_parts_of_a_file(http: HTTPConnection) -> None:
    """A range of a file has the file's own bytes."""
    part = Got(http, "/file", Range="bytes=5-30")
    assert (part.status, part.body) == (206, PAGE[5:31])


def test_client_that_leaves(server: Process) -> None:
    """A disconnect in the middle of a page ends the page, and the server keeps working."""
    with socket.create_connection((HOST, server.port), timeout=30) as client:
        client.sendall(
            f"GET /endless HTTP/1.1\r\nHost: x\r\nUser-Agent: {FIREFOX}\r\n\r\n".encode()
        )
        assert LINE.encode() in client.recv(65536) + client.recv(65536)
    until = time.monotonic() + 30
    while not server_place(server, "left").exists():
        assert time.monotonic() < until, "the page goes on without its reader"
        server.get("/")


def server_place(server: Process, name: str) -> Path:
    """Return a path in a server's folder."""
    return Path(server.environ[PLACE]) / name


def test_clean_stop_loses_nothing(server: Process) -> None:
    """The counts of every worker are in the store after the server was stopped."""
    views = 12
    for number in range(views):
        http = HTTPConnection(HOST, server.port, timeout=30)
        page = Got(http, "/").body.decode()
        src, token = script(page)
        got = Got(http, f"{src}on?v={number:020}&p={token}")
        assert json.loads(got.body)["v"] == f"{number:020}"
        http.close()
    server.stop()
    counted = summary(open_store(str(server_place(server, "db")), readonly=True))
    assert (counted.views, counted.errors) == (views, 0)


@pytest.mark.parametrize(
    ("by", "app"),
    [
        (gunicorn, "tests.support.served:hasty_wsgi()"),
        (uvicorn, "tests.support.served:hasty_asgi()"),
    ],
    ids=["gunicorn", "uvicorn"],
)
def test_half_a_report_holds_no_worker(by: Maker, app: str, tmp_path: Path) -> None:
    """More dripping reports than there are threads are soon refused."""
    half = 8
    with Process(app, by, {PLACE: str(tmp_path)}) as server, ExitStack() as stack:
        folder = script(server.get("/").decode())[0].rpartition("/")[0]
        head = f"POST {folder}/{ServedNames(SECRET).report} HTTP/1.1\r\nHost: x\r\n"
        head += "Content-Length: 999\r\n\r\n"
        waiting = []
        for _ in range(half):
            client = stack.enter_context(socket.create_connection((HOST, server.port), 30))
            client.sendall(head.encode())
            waiting.append(client)
        ends = time.monotonic() + 30
        while waiting:
            assert time.monotonic() < ends, "half reports are waited for"
            for client in waiting:
                client.sendall(b"x")
            answered = select.select(waiting, [], [], 0.05)[0]
            assert all(client.recv(1000).startswith(b"HTTP/1.1 204") for client in answered)
            waiting = [client for client in waiting if client not in answered]
        assert strip(server.get("/")) == PAGE
        server.stop()
        counted = summary(open_store(str(tmp_path / "db"), readonly=True))
        assert (counted.refused, counted.errors) == ({"size": half}, 0)


def test_waitress_that_removes_the_forwarded_address(tmp_path: Path) -> None:
    """Under waitress, which removes X-Forwarded-For, the first report logs how to keep it."""
    environ = {PLACE: str(tmp_path), "DETECTOR_PROXIES": "1"}
    with Process("tests.support.served:wsgi()", waitress, environ) as server:
        assert "proxies" not in server.said()
        folder = script(server.get("/").decode())[0].rpartition("/")[0]
        report = f"{folder}/{ServedNames(SECRET).report}"
        with closing(HTTPConnection(HOST, server.port, timeout=30)) as http:
            for _ in range(3):
                assert Got(http, report, "POST", body="x", X_Forwarded_For="9.8.7.6").status == 204
        assert server.said().count("--no-clear-untrusted-proxy-headers") == 1


def test_a_report_at_two_workers(tmp_path: Path) -> None:
    """One report, sent twenty times by as many connections to both workers, counts once."""
    with Process("tests.support.served:shared()", preloaded, {PLACE: str(tmp_path)}) as server:
        connections: dict[str, list[HTTPConnection]] = {}
        for _ in range(500):
            http = HTTPConnection(HOST, server.port, timeout=30)
            page = Got(http, "/")
            held = connections.setdefault(page.headers["x-worker"], [])
            if len(held) < 10:
                held.append(http)
            else:
                http.close()
            if len(connections) == 2 and all(len(held) == 10 for held in connections.values()):
                break
        src, token = script(page.body.decode())
        first = [held[0] for held in connections.values()]
        control = json.loads(Got(first[0], f"{src}on?v={7:020}&p={token}").body)
        body = json.dumps({"t": control["t"], "p": token, "s": "clear", "i": ""})
        report = src[: src.index("/", 1) + 1] + control["r"]
        for http in [http for pair in zip(*connections.values(), strict=True) for http in pair]:
            assert Got(http, report, "POST", body=body).status == 204
            http.close()
        server.stop()
    assert [len(held) for held in connections.values()] == [10, 10]
    counted = summary(open_store(str(tmp_path / "db"), readonly=True))
    assert (counted.verdict_count, counted.refused, counted.errors) == (1, {"repeat": 19}, 0)
