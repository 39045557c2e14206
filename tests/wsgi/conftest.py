"""Fixtures of the tests of the WSGI middleware: a page, and an app that sends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

PAGE = b"<!doctype html><html><head><title>x</title></head><body>text</body></html>"
HTML = ("Content-Type", "text/html; charset=utf-8")


def page(
    body: Iterable[bytes] = (PAGE,), *headers: tuple[str, str], status: str = "200 OK"
) -> Callable[..., Iterable[bytes]]:
    """Build an app that always sends one page."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        start(status, [HTML, *headers])
        return list(body) if isinstance(body, tuple) else body

    return app
