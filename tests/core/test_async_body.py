"""Reading a report from an ASGI server: when its time is limited, and what the limit ends."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any

import pytest

from detector.core import request_body
from detector.core.async_body import read_report
from detector.core.reports.parser import LIMIT

PARTS = [{"body": b"{", "more_body": True}, {"body": b"}", "more_body": False}]


class Server:
    """Sends the parts of a body, each after a turn of the event loop; then nothing."""

    def __init__(self, parts: list[dict[str, Any]], *, waits: bool = True) -> None:
        self.parts, self.waits = list(parts), waits
        self.ended: BaseException | None = None

    async def receive(self) -> dict[str, Any]:
        """Return the next part."""
        try:
            await asyncio.sleep(0) if self.waits else None
            if not self.parts:
                await asyncio.Event().wait()
        except BaseException as error:
            self.ended = error
            raise
        return self.parts.pop(0)


def test_no_timer_for_a_report_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that the server has received is read without a timer."""
    monkeypatch.delattr(asyncio, "timeout")
    assert asyncio.run(read_report(Server(PARTS, waits=False).receive)) == b"{}"
    with pytest.raises(AttributeError, match="timeout"):
        asyncio.run(read_report(Server(PARTS).receive))


def test_a_report_that_arrives_in_parts() -> None:
    """A report for which the server waits is read to its end."""
    assert asyncio.run(read_report(Server(PARTS).receive)) == b"{}"


@pytest.mark.parametrize(
    ("parts", "length"),
    [
        # A part may have neither key (ASGI, http.request), and one byte too many is read.
        ([{}], 0),
        ([{"body": b"x"}], 1),
        ([{"more_body": True}, {"body": b"x"}], 1),
        ([{"body": b"x" * LIMIT}], LIMIT),
        ([{"body": b"x" * LIMIT, "more_body": True}, {"body": b"y" * 9}], LIMIT + 1),
        ([{"body": b"x" * (LIMIT + 9), "more_body": True}], LIMIT + 1),
    ],
)
def test_length(parts: list[dict[str, Any]], length: int) -> None:
    """No more is read than is needed to see that a report is too large."""
    assert len(asyncio.run(read_report(Server(parts).receive))) == length


def test_time_is_up_at_the_first_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit ends the server's own wait, and the report counts as too large."""
    monkeypatch.setattr(request_body, "SECONDS", 0.01)
    for parts in ([], PARTS[:1]):
        server = Server(parts)
        assert len(asyncio.run(read_report(server.receive))) == LIMIT + 1
        assert isinstance(server.ended, asyncio.CancelledError)


def test_a_cancelled_request_stays_cancelled() -> None:
    """A request that its server cancels is not answered."""

    async def cancelled() -> None:
        server = Server([])
        reading = asyncio.ensure_future(read_report(server.receive))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert isinstance(server.ended, asyncio.CancelledError)

    asyncio.run(cancelled())


def test_an_error_of_the_server_is_raised() -> None:
    """What the server raises while it waits is raised to the middleware."""

    async def receive() -> None:
        await asyncio.sleep(0)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        asyncio.run(read_report(receive))


def test_other_event_loops() -> None:
    """What a loop other than asyncio's waits for is passed on to it, and its result back."""

    @coroutine
    def trap(what: str) -> Generator[str, Any, Any]:
        return (yield what)

    async def receive() -> Any:
        return await trap("next part")

    reading: Coroutine[str, Any, bytes] = read_report(receive)
    assert [reading.send(value) for value in (None, PARTS[0])] == ["next part"] * 2
    with pytest.raises(StopIteration, match=r"\{\}"):
        reading.send(PARTS[1])
