"""What the kernel tells of this machine's network, as the tests' own hook hears it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from e2e.support.network_changes import HEADER, NetworkChanges


@pytest.fixture
def told() -> Iterator[tuple[NetworkChanges, socket.socket]]:
    """Yield a listener, and a socket in the kernel's place."""
    ours, kernels = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, kernels:
        ours.setblocking(False)
        yield NetworkChanges(ours), kernels


def message(kind: int, body: bytes = b"") -> bytes:
    """Return a message as the kernel sends it, padded to four bytes."""
    size = HEADER.size + len(body)
    return HEADER.pack(size, kind, 0, 0, 0) + body + b"\0" * (-size % 4)


def test_nothing_changed(told: tuple[NetworkChanges, socket.socket]) -> None:
    """Without a message there is nothing to tell."""
    assert told[0].since_last() == []


def test_each_message_is_told_once(told: tuple[NetworkChanges, socket.socket]) -> None:
    """Several messages may come at once, of any length and of kinds without a name."""
    changes, kernels = told
    kernels.send(message(20, b"12345") + message(17))
    kernels.send(message(24))
    assert changes.since_last() == ["address", "link removed", "24"]
    assert changes.since_last() == []


def test_a_broken_message_ends(told: tuple[NetworkChanges, socket.socket]) -> None:
    """A message that says it has no length is passed by."""
    changes, kernels = told
    kernels.send(HEADER.pack(0, 16, 0, 0, 0))
    assert changes.since_last() == ["link"]


def test_what_cannot_be_read(told: tuple[NetworkChanges, socket.socket]) -> None:
    """An error of the socket counts as a change, and is asked for once."""
    changes, _ = told
    changes.close()
    assert changes.since_last() == ["more than could be read"]


def test_listening_may_be_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel may not be listened to, nothing is heard, and tests run."""

    def forbidden(*_: object) -> socket.socket:
        raise PermissionError

    monkeypatch.setattr(socket, "socket", forbidden)
    assert NetworkChanges().since_last() == []
