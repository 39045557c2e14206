"""The detector's own URLs in an ASGI app: before the app, bounded, and below the root path."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from detector.asgi import DetectorMiddleware
from detector.core import request_body
from detector.core.config.loading import make_config
from detector.core.reports.parser import LIMIT
from detector.core.site import Site
from tests.asgi.conftest import page
from tests.conftest import SECRET
from tests.support.calls import Message, call_asgi, scope_of


def test_own_urls_come_before_the_app(site: Site) -> None:
    """The detector's URLs never reach the app."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("reached the app")

    middleware = DetectorMiddleware(app, site=site)
    found = call_asgi(middleware, path=f"/{site.names.prefix}/nothing")
    assert (found.status, found.body) == ("404", b"no such file")
    assert found.headers["cache-control"] == "private, no-store"
    assert call_asgi(middleware, path=f"/{site.names.prefix}/x", method="HEAD").body == b""


def test_report_body_is_read_within_limits(site: Site) -> None:
    """A report is read to its end or limit, and no other body is read."""
    read: list[int] = []

    async def receive() -> Message:
        read.append(1)
        return {"type": "http.request", "body": b"x" * 400, "more_body": len(read) < 50}

    async def send(message: Any) -> None:
        sent.append(message)

    sent: list[Message] = []
    middleware: Any = DetectorMiddleware(page(), site=site)
    report = f"/{site.names.prefix}/{site.names.report}"
    asyncio.run(middleware(scope_of(report, "POST"), receive, send))
    assert (sum(read), sent[0]["status"]) == (LIMIT // 400 + 1, 204)
    for path, method in ((report, "GET"), (f"/{site.names.prefix}/x", "POST"), ("/", "POST")):
        asyncio.run(middleware(scope_of(path, method), receive, send))
    assert sum(read) == LIMIT // 400 + 1


def test_report_that_takes_too_long(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A partial report is refused after some seconds, with the usual response."""
    monkeypatch.setattr(request_body, "SECONDS", 0.01)
    parts = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> Message:
        if not parts:
            await asyncio.Event().wait()
        return parts.pop()

    async def send(message: Any) -> None:
        sent.append(message)

    sent: list[Message] = []
    middleware: Any = DetectorMiddleware(page(), site=site)
    path = f"/{site.names.prefix}/{site.names.report}"
    asyncio.run(asyncio.wait_for(middleware(scope_of(path, "POST"), receive, send), 30))
    assert sent[0]["status"] == 204
    rows = site.counters.snapshot()
    assert [key[3] for key in rows if key[2] == "reason"] == ["size"]


@pytest.mark.parametrize("level", ["off", "local"])
def test_reports_are_not_read_where_none_count(level: str) -> None:
    """A site whose level counts nothing reads no body."""
    site = Site(make_config(secret=SECRET, level=level))
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("the body was read")

    async def send(message: Any) -> None:
        sent.append(message)

    middleware: Any = DetectorMiddleware(page(), site=site)
    path = f"/{site.names.prefix}/{site.names.report}"
    asyncio.run(middleware(scope_of(path, "POST"), receive, send))
    assert sent[0]["status"] == 204


def test_report_of_a_client_that_leaves(site: Site) -> None:
    """A report that is cut off by a disconnect is refused without an error."""

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    middleware: Any = DetectorMiddleware(page(), site=site)
    path = f"/{site.names.prefix}/{site.names.report}"
    asyncio.run(middleware(scope_of(path, "POST"), receive, send))
    assert {key[5] for key in site.counters.snapshot()} == {"refused"}


@pytest.mark.parametrize("path", ["/news/{}", "/{}"])
@pytest.mark.parametrize("root", ["/news", "/news/"])
def test_root_path(site: Site, path: str, root: str) -> None:
    """Below a root path the detector's URLs work whether or not the path includes it."""
    middleware = DetectorMiddleware(page(), site=site)
    assert f'src="/news/{site.names.prefix}/'.encode() in call_asgi(middleware, root_path=root).body
    ours = path.format(f"{site.names.prefix}/x")
    assert call_asgi(middleware, path=ours, root_path=root).status == "404"


def test_path_that_only_begins_like_the_root_path(site: Site) -> None:
    """A root path matches whole segments only."""
    path = f"/news{site.names.prefix}/x"
    middleware = DetectorMiddleware(page(), site=site)
    assert call_asgi(middleware, path=path, root_path="/news").status == "200"
