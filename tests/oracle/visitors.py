"""A process of a site, and what browsers send to it: real requests to the WSGI middleware."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import detector
from detector.core.config.loading import make_config
from detector.core.site import Site
from detector.wsgi import DetectorMiddleware
from tests.oracle.facts import Options, Who
from tests.support.tags import SCRIPT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SECRET = "a secret for the oracle, long enough"
_PLATFORM = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
_IOS = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
AGENTS = {
    Who("firefox", "desktop"): "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 "
    "Firefox/140.0",
    Who("chrome", "desktop"): f"{_WINDOWS}{_PLATFORM}Safari/537.36",
    Who("chrome", "phone"): f"Mozilla/5.0 (Linux; Android 10; K) {_PLATFORM}Mobile Safari/537.36",
    Who("edge", "desktop"): f"{_WINDOWS}{_PLATFORM}Safari/537.36 Edg/140.0.0.0",
    Who("opera", "desktop"): f"{_WINDOWS}{_PLATFORM}Safari/537.36 OPR/122.0.0.0",
    Who("safari", "phone"): f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {_IOS}",
    Who("safari", "tablet"): f"Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) {_IOS}",
    Who(): "SomethingNew/1.0",
    Who(bot=True): "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
}
"""Visitors with the header that their browser sends."""

PAGE = b"<!doctype html><html><head><title>Page</title></head><body><p>Text</p></body></html>"
POOL = json.loads((Path(detector.__file__).parent / "core/baits/pool.json").read_text("utf-8"))[
    "requests"
]


class Time:
    """The true time, in seconds since 1970; it stands still until it is moved."""

    def __init__(self, now: int) -> None:
        self.now = now


class Clock:
    """The clock of one process, which may be ahead of the true time."""

    def __init__(self, time: Time) -> None:
        self.time, self.ahead = time, 0

    def __call__(self) -> float:
        """Return the seconds since 1970."""
        return float(self.time.now + self.ahead)


def pages(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with a page whose Cache-Control is the query, for a member where a header says so."""
    environ["detector.ad_free"] = bool(environ.get("HTTP_X_MEMBER"))
    headers = [("Content-Type", "text/html"), ("Cache-Control", environ["QUERY_STRING"])]
    start_response("200 OK", headers)
    return [PAGE]


class View:
    """An open page: what its script knows."""

    def __init__(self, view: str, group: str, who: Who, token: str) -> None:
        self.view, self.group, self.who, self.page_token = view, group, who, token
        self.bootstrap = self.token = self.reports = ""
        self.began = 0
        self.baits: tuple[tuple[int, str, str], ...] = ()
        self.urls: dict[int, str] = {}


class Process:
    """One process of a site; `number` is its own among all."""

    def __init__(
        self, number: int, name: str, clock: Clock, options: Options, store: str, flush: float
    ) -> None:
        self.number, self.name, self.clock = number, name, clock
        config = make_config(
            secret=SECRET,
            store=store,
            flush_seconds=flush,
            share=options.share,
            gpc=options.gpc,
            pairs=[pair.split("+") for pair in options.pairs],
            variants=[{"name": name} for name in options.variants],
            shared_limits=options.shared_limits,
            rotate_baits=False,
            proxies=1,
        )
        self.site = Site(config, clock, name=name)
        if self.site.flusher:
            # Only the run writes and compacts, however slow the machine is.
            self.site.flusher._interval = 24 * 3600.0
        self._app = DetectorMiddleware(
            pages, site=self.site, group=lambda environ: environ["PATH_INFO"]
        )

    def open(self, view: str, group: str, who: Who, client: str, cache: str, member: bool) -> View:
        """Load a page; the view has no token of the page if it carries no tag."""
        extra = {"HTTP_SEC_FETCH_DEST": "document"} | ({"HTTP_X_MEMBER": "1"} if member else {})
        body = self._call("GET", group, cache, who, client, extra)
        found = SCRIPT.search(body.decode())
        made = View(view, group, who, found["token"] if found else "")
        if found:
            made.bootstrap = found["src"].rpartition(".")[0] + ".json"
        return made

    def ask(self, view: View, client: str, *, foreign: bool = False) -> None:
        """Request the bootstrap of a view, as its script does."""
        extra = {"HTTP_SEC_FETCH_SITE": "cross-site" if foreign else "same-origin"}
        query = f"v={view.view}&p={quote(view.page_token)}"
        told = json.loads(self._call("GET", view.bootstrap, query, view.who, client, extra))
        if "t" in told:
            view.token, view.began = told["t"], int(self.clock())
            view.urls = {number: url for _, number, url, _ in told["b"]}
            view.baits = tuple((number, *_bait(number)) for number in view.urls)
            view.reports = (
                view.bootstrap.rpartition("/")[0] + "/" + told["r"] if "r" in told else ""
            )

    def load(self, view: View, number: int, client: str) -> None:
        """Load a bait of a view."""
        path, _, query = (view.urls[number] + view.token).partition("?")
        base = view.bootstrap.rpartition("/")[0]
        self._call("GET", f"{base}/{path}", query, view.who, client, {})

    def post(self, path: str, body: bytes, who: Who, client: str, extra: dict[str, str]) -> None:
        """Send the body of a report."""
        answer = self._call("POST", path, "", who, client, extra, body)
        assert answer == b""

    def flush(self) -> None:
        """Write what was counted, as the flusher does every few seconds."""
        assert self.site.flusher is not None
        assert self.site.flusher.flush(), "the store did not take the counts"

    def close(self) -> None:
        """End the process, which writes what it has counted."""
        self.site.close()

    def _call(
        self,
        method: str,
        path: str,
        query: str,
        who: Who,
        client: str,
        extra: dict[str, str],
        body: bytes = b"",
    ) -> bytes:
        agent = AGENTS[Who(who.browser, who.device, who.bot)]
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_X_FORWARDED_FOR": client,
            "HTTP_HOST": "site.example",
            "HTTP_USER_AGENT": agent,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(body),
            **({"HTTP_SEC_GPC": "1"} if who.objects else {}),
            **extra,
        }
        status: list[str] = []

        def start(line: str, headers: Any, exc_info: Any = None) -> Any:
            status.append(line)
            return status.append

        found = b"".join(self._app(environ, start))
        assert status[0][:3] in ("200", "204"), f"{method} {path}: {status[0]}"
        return found


def _bait(number: int) -> tuple[str, str]:
    """Return the reach of a bait of the shipped pool, and its name in the counts."""
    reach = "everywhere" if POOL[number].get("everywhere") else "full"
    return reach, f"{reach}:{POOL[number]['path']}"
