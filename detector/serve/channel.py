"""Connections of `detector serve` that cannot be held open by sending a byte now and then.

waitress' channel_timeout counts from the last byte, so clients that send half a request very slowly
could hold all connections for as long as they like.
"""

from __future__ import annotations

import time
from typing import Any

from waitress.channel import HTTPChannel

IDLE = 120
REQUEST_SECONDS = 20.0
_CROWDED = 0.9
_MAKE_ROOM = 0.2
_PAUSE = 1.0


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection that knows how long its client has owed it a complete request."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        self.answered = self.began = time.monotonic()
        super().__init__(*arguments, **more)

    def received(self, data: bytes) -> bool:
        """Process what the client sent, and record when a request begins."""
        before = self.request
        taken: bool = super().received(data)
        if self.request is not before:
            self.began = time.monotonic()
        return taken

    def service(self) -> None:
        """Answer one request."""
        super().service()
        self.answered = time.monotonic()

    @property
    def waiting_since(self) -> float:
        """When the incoming request began, or when the last one was answered."""
        return self.began if self.request else self.answered

    def is_late(self, now: float) -> bool:
        """Whether an incomplete request, or only empty lines, has been coming in for too long."""
        if self.request and now - self.began > REQUEST_SECONDS:
            return True
        return now - self.answered > IDLE + REQUEST_SECONDS


class Sweeper:
    """Closes late connections of a server; when crowded, also those that have waited longest.

    So a client that sends a complete request is served, however many others send half of one.
    """

    def __init__(self, server: Any) -> None:
        self._server = server
        self._limit = server.adj.connection_limit
        self._due = 0.0
        server.channel_class = Channel

    def sweep(self) -> None:
        """Sweep when a second has passed, or when there are too many connections."""
        now = time.monotonic()
        crowded = len(self._server.active_channels) >= self._limit * _CROWDED
        if now < self._due and not crowded:
            return
        self._due = now + _PAUSE
        # A connection with a complete request belongs to a worker.
        waiting = [one for one in self._server.active_channels.values() if not one.requests]
        waiting.sort(key=lambda one: one.waiting_since)
        room = int(self._limit * _MAKE_ROOM) if crowded else 0
        for number, channel in enumerate(waiting):
            if number < room or channel.is_late(now):
                channel.handle_close()
