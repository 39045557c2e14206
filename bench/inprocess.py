"""The process that `bench.inject` starts; prints medians in µs as JSON."""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bench import peers
from bench.apps import SECRET
from bench.inject import SIZES
from bench.timing import Way, medians, served, served_async
from bench.wrk import BROWSER
from detector.asgi import DetectorMiddleware as AsgiMiddleware
from detector.core.config.loading import make_config
from detector.core.html.headers import by_name
from detector.core.html.injector import Injector
from detector.core.html.page_info import KnownPage
from detector.core.request import Request
from detector.core.response import ResponseRewriter
from detector.core.site import Site
from detector.wsgi import DetectorMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_HTML = "text/html; charset=utf-8"
_WINDOW = 65_536


def measure(quick: bool) -> dict[str, float]:
    """Measure everything once; the whole takes some ten seconds, quick under two."""
    seconds = 0.02 if quick else 1.0
    sizes = {name: size for name, size in SIZES.items() if not quick or size <= 100_000}
    site = Site(make_config(secret=SECRET))
    found: dict[str, float] = {}
    for name, size in sizes.items():
        page = document(size)
        added, copy = _added(site, page, _HTML, seconds)
        found |= {f"added {name}": added, f"copy {name}": copy}
    found["asgi"] = _added_async(site, document(100_000), _HTML, seconds)
    data, kind = b'{"tides": []}', "application/json"
    found["other"], _ = _added(site, data, kind, seconds)
    found["other asgi"] = _added_async(site, data, kind, seconds)
    found |= _parts(site, document(100_000), seconds)
    found |= _peers(document(100_000), seconds)
    for what, page, chunk in _slow_pages():
        usual = document(len(page))
        pace = medians(
            {"slow": _feeding(page, chunk), "usual": _feeding(usual, chunk)}, seconds / 2
        )
        found |= {what: pace["slow"], f"{what}: usual": pace["usual"]}
    return found


def document(size: int) -> bytes:
    """Build a page of about this many bytes."""
    start = (
        b'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Tides</title>'
        b"\n</head>\n<body>\n"
    )
    line = b"<p>High water at the old pier, and nobody in the queue for oysters yet.</p>\n"
    return start + line * max(1, (size - len(start)) // len(line)) + b"</body>\n</html>\n"


def _added(site: Site, page: bytes, kind: str, seconds: float) -> tuple[float, float]:
    """Return the time that the middleware adds to an app that sends `page`, and of one copy."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers = [("Content-Type", kind), ("Content-Length", str(len(page)))]
        start_response("200 OK", [*headers, ("Vary", "Cookie")])
        return [page]

    with_ = DetectorMiddleware(app, site=site, group=_group)
    body = b"".join(served(with_)())
    if (kind == _HTML) != (body != page):
        raise SystemExit(f"bench: the tag should be in pages and nowhere else, not so in {kind}")
    view = memoryview(page)
    ways = {"without": served(app), "with": served(with_), "copy": lambda: bytes(view)}
    pace = medians(ways, seconds)
    return pace["with"] - pace["without"], pace["copy"]


def _added_async(site: Site, page: bytes, kind: str, seconds: float) -> float:
    """Return the time that the ASGI middleware adds to an app that sends `page`."""
    headers = [(b"content-type", kind.encode()), (b"content-length", b"%d" % len(page))]
    headers.append((b"vary", b"Cookie"))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": page})

    with_ = AsgiMiddleware(app, site=site, group=_group)
    body = b"".join(served_async(with_)())
    if (kind == _HTML) != (body != page):
        raise SystemExit(f"bench: the tag should be in pages and nowhere else, not so in {kind}")
    pace = medians({"without": served_async(app), "with": served_async(with_)}, seconds)
    return pace["with"] - pace["without"]


def _group(request: Any) -> str:
    return "/<section>/<slug>"


def _peers(page: bytes, seconds: float) -> dict[str, float]:
    """Return the time that other packages' ways of injecting add to the same page."""
    pace = medians(peers.ways(page), seconds)
    reload = pace[peers.RELOAD] - pace[f"{peers.RELOAD} without"]
    toolbar = pace[peers.TOOLBAR] - pace[f"{peers.TOOLBAR} without"]
    return {peers.RELOAD: reload, peers.TOOLBAR: toolbar - pace[f"{peers.TOOLBAR} frame"]}


def _waiting(site: Site) -> float:
    """Return the memory of a stream without a head, at the limit of buffering, in bytes."""
    streams = 100
    headers = [("Content-Type", _HTML)]
    start, rest = b"<!doctype html><!--", b"x" * 4096

    def open_one() -> ResponseRewriter:
        rewriter = ResponseRewriter(site, {}, Request("GET", headers={"user-agent": BROWSER}))
        rewriter.start(200, headers)
        rewriter.feed(start)
        for _ in range((_WINDOW - len(start)) // len(rest)):
            rewriter.feed(bytes(bytearray(rest)))
        return rewriter

    open_one()
    tracemalloc.start()
    kept = [open_one() for _ in range(streams)]
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    if not all(rewriter.holds for rewriter in kept):
        raise SystemExit("bench: a page without its head yet should be held back")
    return taken / streams


def _parts(site: Site, page: bytes, seconds: float) -> dict[str, float]:
    headers = [("Content-Type", _HTML), ("Content-Length", str(len(page))), ("Vary", "Cookie")]
    request = {"user-agent": BROWSER}

    def decide() -> Injector | None:
        return site.tagger.injector(
            Request("GET", headers=request),
            200,
            by_name(headers),
            KnownPage(group="/<section>/<slug>"),
        )

    made = decide()
    if made is None:
        raise SystemExit("bench: an ordinary page is refused, see core/html/eligibility.py")
    tag = made.tag
    found = medians({"decide": decide, "place": lambda: Injector(tag).feed(page)}, seconds)
    tracemalloc.start()
    Injector(tag).feed(page)
    found["memory"] = tracemalloc.get_traced_memory()[1] / len(page)
    tracemalloc.stop()
    found["waiting"] = _waiting(site)
    return found


def _slow_pages() -> Iterable[tuple[str, bytes, int]]:
    """Yield pages designed to slow the parser: name, bytes, bytes in each chunk."""
    whole = 16_000_000
    shell = b'<!doctype html>\n<html lang="en">'
    yield "64 KB of <!--", b"<!--" * (_WINDOW // 4), whole
    yield "64 KB of <!-->", b"<!-->" * (_WINDOW // 5), whole
    yield "64 KB of spaces", b" " * _WINDOW, whole
    yield "64 KB of attributes", shell[:-1] + b" a" * (_WINDOW // 2), whole
    yield "8 KB of <!-->, in chunks of 64 B", b"<!-->" * 1638, 64
    yield "10 MB without <head>", shell + b"<p>low water</p>\n" * 600_000, whole


def _feeding(page: bytes, chunk: int) -> Way:
    tag = b"<script async></script>"

    def feed() -> None:
        injector = Injector(tag)
        for at in range(0, len(page), chunk):
            injector.feed(page[at : at + chunk])
        injector.finish()

    return feed


if __name__ == "__main__":
    print(json.dumps(measure("--quick" in sys.argv)))
