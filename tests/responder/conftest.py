"""What the tests of our own URLs share: a site's responder and somebody who views its pages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from detector.responder import Responder, Response
from detector.site import Site
from detector.static_files import script
from tests.conftest import FIREFOX

VIEW = "01234567890123456789"


class Visit:
    """One visitor of one site."""

    def __init__(self, site: Site, **headers: str) -> None:
        self.site = site
        self.responder = Responder(site)
        self.headers = {"user-agent": FIREFOX, **headers}
        self.remote = ""
        self.prefix = f"/{site.names.prefix}/"
        self.script = site.names.script("detect", script("detect").content_hash)
        self.page = site.tokens.page("/article/*")

    def get(self, path: str, query: str = "", method: str = "GET") -> Response:
        """Ask for a path below the prefix."""
        response = self.responder.respond(
            method, self.prefix + path, query, self.headers, lambda n: b""
        )
        assert response is not None
        return response

    def control(self, view: str = VIEW, more: str = "") -> dict[str, Any]:
        """Ask the first control."""
        answer = self.get(self.script[:-2] + "json", f"v={view}&p={self.page}{more}")
        data: dict[str, Any] = json.loads(answer.body)
        return data

    def post(self, body: bytes | dict[str, Any], **headers: str) -> Response:
        """Send a report."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = self.responder.respond(
            "POST",
            self.prefix + self.site.names.report,
            "",
            {**self.headers, **headers},
            lambda n: data[:n],
            self.remote,
        )
        assert response is not None
        return response

    def counted(self, action: str, state: str = "", dimension: str = "all", value: str = "") -> int:
        """Give one counter."""
        return sum(
            n
            for (_, _, d, v, s, a), n in self.site.counters.snapshot().items()
            if (d, v, s, a) == (dimension, value, state, action)
        )


@pytest.fixture
def visit(site: Site) -> Visit:
    """Give somebody with Firefox."""
    return Visit(site)


def verdict(visit: Visit, control: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Make a report of a verdict."""
    return {"t": control["t"], "p": visit.page, "s": "clear", "i": "", "f": [], "e": False, **more}
