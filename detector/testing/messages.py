"""The messages of the test internet: a request, its answer, and the log of both."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

LOGGED_BODY = 4096


@dataclass(frozen=True)
class Request:
    """One request as it reached the test internet.

    `path` is the target as sent, query included; header names are in lower case; `status` is None
    until the answer is known and 0 if there was none (a dead host); `at` is `time.monotonic()`.
    """

    host: str
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    status: int | None = None
    at: float = field(default_factory=time.monotonic)
    scheme: str = "https"

    @property
    def url(self) -> str:
        """The address as a page would write it."""
        return f"{self.scheme}://{self.host}{self.path}"


@dataclass
class Answer:
    """An answer of a host; a body of unknown length is sent in chunks, as it arrives."""

    body: bytes | str | Iterable[bytes] = b""
    type: str | None = "text/plain; charset=utf-8"
    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    reason: str = ""
    close: Callable[[], object] | None = None

    def head(self) -> list[tuple[str, str]]:
        """Return the headers, with the content type unless they have one."""
        if self.type is None or any(name.lower() == "content-type" for name, _ in self.headers):
            return self.headers
        return [("Content-Type", self.type), *self.headers]


Handler = Callable[[Request], Answer]


class RequestLog:
    """The requests of a test run in order, safe to read while browsers are writing."""

    def __init__(self) -> None:
        self._entries: list[Request] = []
        self._changed = threading.Condition()
        self._start = 0

    def add(self, request: Request) -> int:
        """Append a request and return the number under which its status can be set."""
        with self._changed:
            self._entries.append(replace(request, body=request.body[:LOGGED_BODY]))
            self._changed.notify_all()
            return self._start + len(self._entries) - 1

    def set_status(self, number: int, status: int) -> None:
        """Record how a request was answered; one that was cleared meanwhile stays cleared."""
        with self._changed:
            place = number - self._start
            if place >= 0:
                self._entries[place] = replace(self._entries[place], status=status)
                self._changed.notify_all()

    def clear(self) -> None:
        """Delete all requests so far."""
        with self._changed:
            self._start += len(self._entries)
            self._entries.clear()

    def all(self) -> list[Request]:
        """Return a copy of the log."""
        with self._changed:
            return list(self._entries)

    def wait_for(self, predicate: Callable[[Request], bool], timeout: float) -> Request:
        """Return the first matching request, waiting for it; TimeoutError lists the last ones."""

        def fitting() -> Request | None:
            return next((entry for entry in self._entries if predicate(entry)), None)

        with self._changed:
            found = self._changed.wait_for(fitting, timeout)
            if found is None:
                raise TimeoutError(f"no such request within {timeout} s; {self.last(20)}")
            return found

    def last(self, count: int) -> str:
        """Return the last requests as text: seconds since the first, status, method, address."""
        requests = self.all()
        lines = [
            f"\n  {one.at - requests[0].at:7.3f} {one.status} {one.method} {one.url}"
            for one in requests[-count:]
        ]
        return f"the last requests of {len(requests)}:{''.join(lines)}"
