"""Clients behind a real HAProxy are identified by the address in HAProxy's header."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from flask import Flask

from bench.serving import HOST, Process, gunicorn, uvicorn
from detector.analytics.query import summary
from detector.core.config.loading import make_config
from detector.core.counting.store_url import open_store
from detector.core.limits.rate_limiter import BURST
from detector.core.served_names import ServedNames
from detector.core.site import Site
from detector.core.tokens import Tokens
from detector.wsgi import DetectorMiddleware as WsgiMiddleware
from tests.conftest import FIREFOX, SECRET
from tests.support.haproxy import haproxy, haproxy_with
from tests.support.served import PLACE, place

SENT = 120
NAMES = ServedNames(SECRET)
TOKENS = Tokens([SECRET])
PATH = f"/{NAMES.prefix}/{NAMES.report}"
SERVERS = {
    "gunicorn": (gunicorn, "tests.support.served:limited_wsgi()"),
    "uvicorn": (uvicorn, "tests.support.served:limited_asgi()"),
}


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Process]:
    """Yield each server in turn."""
    by, app = SERVERS[request.param]
    with Process(app, by, {PLACE: str(tmp_path)}) as made:
        yield made


def forged(rng: random.Random) -> list[tuple[str, str]]:
    """Return header lines of a client that forges addresses, in one header or in several."""

    def address() -> str:
        return ".".join(str(rng.randrange(1, 224)) for _ in range(4))

    names = ["X-Forwarded-For", "x-forwarded-for", "X-FORWARDED-FOR", "X_Forwarded_For"]
    values = [address(), f"{address()}, {address()}", "", f"{address()},", "2600::1"]
    return [(rng.choice(names), rng.choice(values)) for _ in range(rng.randrange(1, 4))]


def proxied(number: int, app: str) -> list[str]:
    """Return the arguments for gunicorn that reads the PROXY protocol from this machine."""
    module, name, *options, bound, called = gunicorn(number, app)
    return [module, name, *options, "--keep-alive=0", "--proxy-protocol", bound, called]


def limited_here() -> WsgiMiddleware:
    """Wrap an app in a site without declared proxies, whose clock stands still."""
    began = time.time()
    config = make_config(secret=SECRET, store=str(place("db")), flush_seconds=3600)
    return WsgiMiddleware(Flask("limited").wsgi_app, site=Site(config, lambda: began))


def report(http: HTTPConnection, view: str, lines: list[tuple[str, str]]) -> None:
    """Send the verdict of a new view, with these header lines."""
    body = {"t": TOKENS.view(view), "p": TOKENS.page("/"), "s": "clear", "i": ""}
    data = json.dumps(body).encode()
    http.putrequest("POST", PATH)
    for name, value in [("User-Agent", FIREFOX), ("Content-Length", str(len(data))), *lines]:
        http.putheader(name, value)
    http.endheaders(data)
    answer = http.getresponse()
    assert (answer.status, answer.read()) == (204, b"")


def test_nobody_chooses_his_address(server: Process, tmp_path: Path) -> None:
    """Of 120 reports with forged X-Forwarded-For lines, 20 are counted for each client."""
    rng = random.Random(4)
    clients = ("127.0.0.1", "127.0.0.2")
    with haproxy(tmp_path, server.port) as port:
        for which, client in enumerate(clients):
            http = HTTPConnection(HOST, port, timeout=30, source_address=(client, 0))
            for number in range(SENT):
                report(http, f"{which}{number:019}", forged(rng))
            http.close()
        server.stop()
    counted = summary(open_store(str(tmp_path / "db"), readonly=True))
    assert counted.verdict_count == BURST * len(clients)
    assert counted.refused == {"rate": (SENT - BURST) * len(clients)}
    assert counted.errors == 0


def test_gunicorn_reads_the_proxy_protocol(tmp_path: Path) -> None:
    """Behind HAProxy with `send-proxy` clients are those of the PROXY protocol: no header tells.

    The clients of this test are load balancers for HAProxy, which believes their addresses.
    """
    rng = random.Random(4)
    clients = ("8.8.4.4", "9.9.9.9")
    app = "tests.servers.test_haproxy:limited_here()"
    lines = "bind 127.0.0.1:PORT accept-proxy\n  server app 127.0.0.1:{} send-proxy"
    with Process(app, proxied, {PLACE: str(tmp_path)}) as server:
        with haproxy_with(tmp_path, lines.format(server.port)) as port:
            for which, client in enumerate(clients):
                http = HTTPConnection(HOST, port, timeout=30)
                http.connect()
                http.sock.sendall(f"PROXY TCP4 {client} {HOST} 1 {port}\r\n".encode())
                for number in range(BURST + 5):
                    report(http, f"{which}{number:019}", forged(rng))
                http.close()
        server.stop()
    counted = summary(open_store(str(tmp_path / "db"), readonly=True))
    assert counted.verdict_count == BURST * len(clients)
    assert (counted.refused, counted.errors) == ({"rate": 5 * len(clients)}, 0)
