"""A visitor over a real connection who sends the script's requests."""

from __future__ import annotations

import json
import random
import re
from http.client import HTTPConnection

from bench.apps import BARE
from bench.serving import HOST
from bench.table import BenchError
from bench.wrk import BROWSER
from detector.core.served_names import ALPHABET, VIEW_LENGTH, is_view

_TAG = re.compile(rb'<script async data-\w+="([^"]+)"[^>]* src="([^"]+)\.js"')


def view_id() -> str:
    """Return a random view id in a form that the server accepts: digits, or the names' letters."""
    for alphabet in ("0123456789", ALPHABET):
        view = "".join(random.choices(alphabet, k=VIEW_LENGTH))
        if is_view(view):
            return view
    raise BenchError("the server accepts no view id: see is_view in core/served_names.py")


def verdict(view_token: str, page_token: str) -> str:
    """Build the report of a view whose ads arrived."""
    made = {"t": view_token, "p": page_token, "s": "clear", "i": "", "f": [], "e": False}
    return json.dumps(made, separators=(",", ":"))


class Visitor:
    """One open connection of a visitor with Firefox."""

    def __init__(self, port: int) -> None:
        self._http = HTTPConnection(HOST, port, timeout=20)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def page(self, path: str) -> bytes:
        """Request only a page."""
        return self._ask("GET", path)

    def view(self, path: str) -> None:
        """View a page whose script is cached: the page, bootstrap, two baits, report."""
        tag = _TAG.search(self.page(path))
        if tag is None:
            raise BenchError(f"{path} has no tag")
        page_token, src = tag[1].decode(), tag[2].decode()
        view = view_id()
        control = json.loads(self._ask("GET", f"{src}.json?v={view}&p={page_token}&w=false"))
        if control.get("v") != view or "b" not in control:
            raise BenchError(f"the bootstrap answered {control}, not what to look with")
        prefix = src.rpartition("/")[0]
        for mark, _, bait, *_ in control["b"][:2]:
            url = f"{prefix}/{bait}"
            # The bootstrap may hold the token once, to be appended to each URL.
            body = self._ask("GET", url if control["t"] in url else url + control["t"])
            if mark != 1 and control["x"].encode() not in body:
                raise BenchError(f"the bait {bait} did not prove itself")
        report = verdict(control["t"], page_token)
        self._ask("POST", f"{prefix}/{control['r']}", report, 204)

    def bare(self, path: str) -> None:
        """Request a page, and as much as a view does of something that answers without work."""
        self.page(path)
        for _ in range(3):
            self._ask("GET", BARE, wanted=204)
        self._ask("POST", BARE, verdict(view_id(), "page"), 204)

    def _ask(self, method: str, path: str, body: str | None = None, wanted: int = 200) -> bytes:
        headers = {"User-Agent": BROWSER, "Accept": "*/*", "Sec-Fetch-Site": "same-origin"}
        if body:
            headers["Content-Type"] = "application/json"
        self._http.request(method, path, body, headers)
        response = self._http.getresponse()
        data = response.read()
        if response.status != wanted:
            raise BenchError(f"{method} {path} answered {response.status}, not {wanted}")
        return data
