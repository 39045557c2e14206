"""Slow clients of `detector serve` lose their connections, and do not block others."""

from __future__ import annotations

import http.client
import select
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.support.serving import Serving, ask

SITE = '[sites.news]\nsecret = "the secret of the news site"\nhosts = ["news.example"]\n'
# The limits of `detector serve`, lowered, so that some hundred connections are many.
LOWERED = """
import sys
from pathlib import Path
from detector.serve import channel, server
server._CONNECTIONS, channel.REQUEST_SECONDS = int(sys.argv[2]), float(sys.argv[3])
server.run(Path(sys.argv[1]), "127.0.0.1", 0)
"""
HALF = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Close the connections of a test at its end."""
    with ExitStack() as stack:
        yield stack


def serving(stack: ExitStack, folder: Path, connections: int, seconds: float) -> Serving:
    """Run the server with these limits."""
    file = folder / "sites.toml"
    file.write_text(SITE)
    command = [sys.executable, "-c", LOWERED, str(file), str(connections), str(seconds)]
    return stack.enter_context(Serving(file, command=command))


def connect(stack: ExitStack, port: int, sent: bytes) -> socket.socket:
    """Open a connection and send some bytes."""
    client = stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))
    client.sendall(sent)
    return client


def is_closed(client: socket.socket) -> bool:
    """Whether the server has closed a connection without sending anything."""
    if not select.select([client], [], [], 0)[0]:
        return False
    try:
        return client.recv(100) == b""
    except ConnectionError:
        return True


def drip(client: socket.socket, sent: bytes) -> None:
    """Send one more byte, as slow clients do."""
    with suppress(OSError):  # closed
        client.sendall(sent)


def test_many_slow_clients_shut_nobody_out(stack: ExitStack, tmp_path: Path) -> None:
    """With three times as many partial requests as connections, a visitor is still answered."""
    server = serving(stack, tmp_path, 100, 600)
    slow = [connect(stack, server.port, HALF) for _ in range(300)]
    for _ in range(5):
        assert ask(server.port, "/healthz", "x") == (200, "ok")
        for client in slow:
            drip(client, b"x")


@pytest.mark.parametrize(
    "sent", [HALF, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n"]
)
def test_half_a_request_ends(stack: ExitStack, tmp_path: Path, sent: bytes) -> None:
    """A partial request that drips is closed; an idle connection is kept."""
    server = serving(stack, tmp_path, 1000, 1)
    resting = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    stack.callback(resting.close)
    resting.request("GET", "/healthz")
    assert resting.getresponse().read() == b"ok"
    known = resting.sock
    slow = [connect(stack, server.port, sent) for _ in range(20)]
    ends = time.monotonic() + 30
    while slow := [client for client in slow if not is_closed(client)]:
        assert time.monotonic() < ends, "slow connections stay open"
        for client in slow:
            drip(client, b"x")
        select.select(slow, [], [], 0.05)
    resting.request("GET", "/healthz")
    assert resting.getresponse().read() == b"ok"
    assert resting.sock is known
    assert server.stop() == 0
