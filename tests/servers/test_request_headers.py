"""Request headers with several lines have the same value in ASGI as in WSGI."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from detector.asgi import DetectorMiddleware as AsgiMiddleware
from detector.core.request import Request
from detector.core.site import Site
from detector.wsgi import DetectorMiddleware as WsgiMiddleware
from tests.asgi.conftest import page as asgi_page
from tests.support.calls import acall, call_wsgi, scope_of
from tests.wsgi.conftest import page as wsgi_page

LINES = [
    ("x-forwarded-for", "6.6.6.6", "7.7.7.7, 8.8.8.8", "1.1.1.1"),
    ("x-forwarded-for", "", "1.1.1.1"),
    # Only one of these is valid: with two, neither is trusted.
    ("sec-fetch-site", "same-origin", "cross-site"),
    ("origin", "https://news.example", "https://evil.example"),
    ("content-encoding", "identity", "gzip"),
    ("user-agent", "Mozilla/5.0", "Googlebot/2.1"),
    ("accept-encoding", "br", "gzip"),
    ("cookie", "a=1", "b=2"),
    ("x-forwarded-for", "1.1.1.1"),
]


@pytest.mark.parametrize(("name", "lines"), [(name, lines) for name, *lines in LINES])
def test_lines_of_one_name_are_joined(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str, lines: list[str]
) -> None:
    """Lines of one name are one list in their order (RFC 9110, 5.3), cookies' by semicolons (RFC
    9113, 8.2.3); WSGI servers join them so before they call the app."""
    seen: list[str | None] = []

    def look(self: Any, request: Request) -> None:
        seen.extend([request.headers.get(name), request.headers.get("no-such-header")])

    monkeypatch.setattr(AsgiMiddleware, "answer", look)
    monkeypatch.setattr(WsgiMiddleware, "answer", look)
    path = f"/{site.names.prefix}/x"
    scope = scope_of(path)
    others = [pair for pair in scope["headers"] if pair[0] != name.encode()]
    scope["headers"] = [*others, *((name.encode(), line.encode()) for line in lines)]
    joined = ("; " if name == "cookie" else ", ").join(lines)
    asyncio.run(acall(AsgiMiddleware(asgi_page(), site=site), scope))
    environ = {f"HTTP_{name.upper().replace('-', '_')}": joined}
    call_wsgi(WsgiMiddleware(wsgi_page(), site=site), path=path, **environ)
    assert seen == [joined, None] * 2
