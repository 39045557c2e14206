"""Reads the body of a report from an ASGI server, with a limit on its length and on the time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from types import coroutine
from typing import Any

from detector.core import request_body
from detector.core.reports.parser import LIMIT

Receive = Callable[[], Awaitable[Any]]


async def read_report(receive: Receive) -> bytes:
    """Read a report; one that takes too long is refused like one that is too large.

    A timer costs more than parsing the report, and a server usually has the whole report when it
    calls the app. So the timer starts once the server has to wait.
    """
    reading = _read_bounded(receive)
    try:
        awaited = reading.send(None)
    except StopIteration as done:
        body: bytes = done.value
        return body
    with suppress(TimeoutError):
        async with _limited():
            return await _resumed(reading, awaited)
    return bytes(LIMIT + 1)


async def _read_bounded(receive: Receive) -> bytes:
    """Read a report, up to one byte more than its limit."""
    body = b""
    while len(body) <= LIMIT:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body[: LIMIT + 1]


@coroutine
def _resumed(begun: Coroutine[Any, Any, bytes], awaited: object) -> Generator[Any, Any, bytes]:
    """Await a coroutine that has begun and waits for `awaited`, as `yield from` does (PEP 380)."""
    try:
        while True:
            try:
                result = yield awaited
            except BaseException as error:  # such as the cancellation when time is up
                awaited = begun.throw(error)
            else:
                awaited = begun.send(result)
    except StopIteration as done:
        body: bytes = done.value
        return body


def _limited() -> AbstractAsyncContextManager[object]:
    """Return a timeout for reading, if the event loop is asyncio's."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return nullcontext()
    return asyncio.timeout(request_body.SECONDS)
