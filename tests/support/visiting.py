"""A visitor of one site who requests the detector's own URLs without a server."""

from __future__ import annotations

import json
from typing import Any

from detector.core.assets import script
from detector.core.endpoints import Endpoints, Response
from detector.core.request import Request
from detector.core.site import Site
from tests.conftest import FIREFOX

VIEW = "01234567890123456789"


class Visit:
    """One visitor of one site; `flags` are appended to the page's token."""

    def __init__(self, site: Site, flags: object = "", **headers: str) -> None:
        self.site = site
        self.endpoints = Endpoints(site)
        self.headers = {
            "user-agent": FIREFOX,
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        self.remote = ""
        self.prefix = f"/{site.names.prefix}/"
        self.script = site.names.script("detect", script("detect").content_hash)
        self.page = site.tokens.page("/article/*") + str(flags)

    def get(self, path: str, query: str = "", method: str = "GET") -> Response:
        """Request a path below the prefix."""
        response = self.endpoints.respond(
            Request(method, self.prefix + path, query, self.headers, self.remote)
        )
        assert response is not None
        return response

    def control(self, view: str = VIEW, more: str = "") -> dict[str, Any]:
        """Request the bootstrap."""
        answer = self.get(self.script[:-2] + "json", f"v={view}&p={self.page}{more}")
        data: dict[str, Any] = json.loads(answer.body)
        return data

    def bait(self, control: dict[str, Any]) -> Response:
        """Request the first bait of a bootstrap."""
        path, _, query = (control["b"][0][2] + control["t"]).partition("?")
        return self.get(path, query)

    def texts(self, query: str = "") -> Any:
        """Request the notice's texts."""
        return json.loads(self.get(self.site.names.texts, query).body)

    def post(self, body: bytes | dict[str, Any], **headers: str) -> Response:
        """Send a report."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = self.endpoints.respond(
            Request(
                "POST",
                self.prefix + self.site.names.report,
                "",
                {**self.headers, **headers},
                self.remote,
                lambda n: data[:n],
            )
        )
        assert response is not None
        return response

    def report(self, control: dict[str, Any], **more: Any) -> Response:
        """Send a verdict of clear, changed by `more`."""
        return self.post({"t": control["t"], "p": self.page, "s": "clear", "i": "", **more})

    def counted(self, action: str, state: str = "", dimension: str = "all", value: str = "") -> int:
        """Return one counter."""
        return sum(
            n
            for (_, _, d, v, s, a), n in self.site.counters.snapshot().items()
            if (d, v, s, a) == (dimension, value, state, action)
        )
