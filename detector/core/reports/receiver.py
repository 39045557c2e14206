"""Receives a report: checks and reads its request. `processor.py` counts what it contains."""

from __future__ import annotations

from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from detector.core.config.options import Config
from detector.core.html.headers import RequestHeaders
from detector.core.privacy_level import counts, objects
from detector.core.reports.client_address import ClientAddresses
from detector.core.reports.parser import LIMIT, Refused
from detector.core.request import Request


class ReceivedReport(NamedTuple):
    """A report that was received but not yet parsed: all that processing needs of its request."""

    body: bytes
    user_agent: str | None
    objects: bool


class Limit(Protocol):
    """Limits how many reports of one client count."""

    def takes(self, client: str) -> bool:
        """Whether one more report of this client counts."""


class ReportReceiver:
    """Receives the reports of one site."""

    def __init__(self, config: Config, clients: ClientAddresses, limit: Limit) -> None:
        self._counts = counts(config.level)
        self._clients = clients
        self._limit = limit

    def receive(self, request: Request) -> ReceivedReport:
        """Check and read a report's request; raises Refused."""
        headers = request.headers
        if not self._counts:
            raise Refused("consent")
        if not self._limit.takes(self._clients.client(request.remote, headers)):
            raise Refused("rate")
        if not same_origin(headers):
            raise Refused("origin")
        if headers.get("content-encoding") not in (None, "identity"):
            raise Refused("encoding")
        try:
            body = request.read(LIMIT + 1)
        except (OSError, ValueError):
            raise Refused("size") from None
        return ReceivedReport(body, headers.get("user-agent"), objects(headers))


def same_origin(headers: RequestHeaders) -> bool:
    """Whether a request comes from a page of this host, by the most reliable header present."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    if origin is not None:
        try:
            return urlsplit(origin).netloc == headers.get("host")
        except ValueError:
            return False
    return True
