"""Reading the body of a report from a WSGI server, with a limit on its length and on the time."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from detector.core import request_body
from detector.core.request_body import read_short

SIZE = 10


def environ(body: bytes, **more: Any) -> dict[str, Any]:
    """Return the environ of a request with a body."""
    return {"wsgi.input": io.BytesIO(body), **more}


@pytest.mark.parametrize(
    ("given", "body"),
    [
        (environ(b"hello", CONTENT_LENGTH="5"), b"hello"),
        (environ(b"hello, later", CONTENT_LENGTH="5"), b"hello"),
        (environ(b"123456789", CONTENT_LENGTH="9"), b"123456789"),
        (environ(b"", CONTENT_LENGTH="0"), b""),
        # Where the server does not know the end, nothing is read.
        (environ(b"hello"), b""),
        (environ(b"hello", CONTENT_LENGTH=""), b""),
        ({**environ(b"hello"), "wsgi.input_terminated": True}, b"hello"),
        ({**environ(b"x" * 99), "wsgi.input_terminated": True}, b"x" * SIZE),
    ],
)
def test_bodies(given: dict[str, Any], body: bytes) -> None:
    """A short body is read whole, one of unknown length up to the size."""
    assert read_short(given, SIZE) == body
    assert read_short(given, SIZE, io.BytesIO(body).read) == body


@pytest.mark.parametrize(
    ("length", "wrong"),
    [
        *((text, f"a body of {text} bytes") for text in ("10", "-1", "x", "٣", "+1", "1_0")),
        ("9" * 30, f"a body of {'9' * 20} bytes"),
        ("6", "a body that ends too early"),
    ],
)
def test_refused(length: str, wrong: str) -> None:
    """A body that is too long, of no length or shorter than it says is not used."""
    with pytest.raises(ValueError) as error:
        read_short(environ(b"hello", CONTENT_LENGTH=length), SIZE)
    assert str(error.value) == wrong


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Yield a server's connection and its client's."""
    made = socket.socketpair()
    yield made
    for each in made:
        each.close()


@pytest.mark.parametrize("name", ["gunicorn.socket", "werkzeug.socket"])
def test_a_slow_client(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Reading ends after some seconds; the response can still be written."""
    monkeypatch.setattr(request_body, "SECONDS", 0.05)
    server, client = pair
    with pytest.raises(ValueError, match="ends too early"):
        read_short({name: server, "CONTENT_LENGTH": "5", "wsgi.input": None}, SIZE, server.recv)
    server.sendall(b"answer")
    assert client.recv(9) == b"answer"


class Timed:
    """A timer that never fires, and records what happens to it."""

    made: list[Timed]

    def __init__(self, seconds: float, work: Any, about: list[Any]) -> None:
        self.seconds, self.about = seconds, about
        self.daemon = False
        self.did: list[object] = []
        self.made.append(self)

    def start(self) -> None:
        """Record it, with whether the process would wait for it."""
        self.did.append(self.daemon)

    def cancel(self) -> None:
        """Record it."""
        self.did.append("cancelled")


@pytest.mark.parametrize(("buffered", "timers"), [(0, 1), (4, 1), (5, 0), (9, 0), (None, 1)])
def test_what_is_there_needs_no_timer(
    monkeypatch: pytest.MonkeyPatch, buffered: int | None, timers: int
) -> None:
    """A report that gunicorn has read with its headers is read without one."""
    Timed.made = []
    monkeypatch.setattr(request_body, "Timer", Timed)
    unreader = SimpleNamespace(buf=io.BytesIO(b"x" * (buffered or 0)))
    reader = SimpleNamespace(reader=SimpleNamespace(unreader=unreader))
    source = {"wsgi.input": None if buffered is None else reader, "CONTENT_LENGTH": "5"}
    assert read_short({**source, "gunicorn.socket": "s"}, SIZE, io.BytesIO(b"hello").read) == (
        b"hello"
    )
    assert [(one.seconds, one.about, one.did) for one in Timed.made] == [
        (request_body.SECONDS, ["s"], [True, "cancelled"])
    ] * timers
    with pytest.raises(ZeroDivisionError):
        read_short({**source, "gunicorn.socket": "s"}, SIZE, lambda _: b"x" * (1 // 0))
    assert all(one.did == [True, "cancelled"] for one in Timed.made)


def test_one_byte_may_be_slow_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a server whose buffer is not known nothing counts as read."""
    Timed.made = []
    monkeypatch.setattr(request_body, "Timer", Timed)
    environ = {"wsgi.input": None, "CONTENT_LENGTH": "1", "werkzeug.socket": "s"}
    assert read_short(environ, SIZE, io.BytesIO(b"x").read) == b"x"
    assert len(Timed.made) == 1


def test_a_connection_that_is_gone() -> None:
    """The timer may end what has ended already."""
    gone, other = socket.socketpair()
    other.close()
    gone.close()
    request_body._end(gone)
