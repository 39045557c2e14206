"""Which responses may carry the tag, by status and headers."""

from __future__ import annotations

import pytest

from detector.core.html.eligibility import (
    is_navigation,
    is_prefetch,
    may_carry,
    may_differ,
    wants_fragment,
)
from detector.core.html.headers import Headers, by_name

HTML = ("Content-Type", "text/html; charset=utf-8")


@pytest.mark.parametrize(
    "headers",
    [
        [HTML],
        [("content-type", "TEXT/HTML")],
        [("Content-Type", "text/html;charset='ISO-8859-1'")],
        [HTML, ("Content-Encoding", "identity")],
        [HTML, ("Content-Length", "12"), ("ETag", '"x"'), ("Set-Cookie", "a=b")],
        [HTML, ("Content-Disposition", "inline; filename=attachment.html")],
        [HTML, ("Cache-Control", "public, max-age=60")],
        [("Content-Type", " Text/HTML ; a=b; Charset = Windows-1251 ")],
        [("Content-Type", "text/html; charset")],
        [("Content-Type", "text/html; version=utf-16")],
        [("Content-Type", 'text/html; charset="utf-8"')],
        [HTML, ("Content-Encoding", "")],
        [HTML, ("Content-Length", " 12 ")],
        [HTML, ("Trailer", "Server-Timing")],
    ],
)
def test_carries(headers: Headers) -> None:
    """Ordinary pages carry the tag."""
    assert may_carry("GET", 200, by_name(headers))


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Content-Type", "application/json")],
        [("Content-Type", "application/xhtml+xml")],
        [("Content-Type", "text/htmlx")],
        [("Content-Type", "text/event-stream")],
        [HTML, HTML],
        [("Content-Type", "text/html; charset=shift_jis")],
        [("Content-Type", "text/html; charset=utf-16")],
        [("Content-Type", "text/html; charset=nonsense")],
        [("Content-Type", "text/html; a=b; charset=utf-16")],
        [("Content-Type", "text/html; charset=utf-16; charset=utf-8")],
        [HTML, ("Content-Encoding", "gzip")],
        [HTML, ("content-encoding", "br")],
        [HTML, ("Content-Disposition", "Attachment; filename=a.html")],
        [HTML, ("Content-Disposition", " attachment ; filename=a;b.html")],
        [HTML, ("Content-Range", "bytes 0-1/2")],
        [HTML, ("Cache-Control", "public, No-Transform")],
        [HTML, ("Cache-Control", "public"), ("Cache-Control", "no-transform")],
        [HTML, ("Content-MD5", "x")],
        [HTML, ("Digest", "x")],
        [HTML, ("Repr-Digest", "x")],
        [HTML, ("Trailer", "Server-Timing, Content-Digest")],
        [HTML, ("Content-Length", "12"), ("Content-Length", "13")],
        [HTML, ("Content-Length", "a lie")],
    ],
)
def test_left_alone(headers: Headers) -> None:
    """Anything but a plain complete page, and content with a digest, is left unchanged."""
    assert not may_carry("GET", 200, by_name(headers))


@pytest.mark.parametrize("status", [200, 201, 203, 226, 299])
def test_good_status(status: int) -> None:
    """Successful pages carry the tag."""
    assert may_carry("GET", status, by_name([HTML]))


@pytest.mark.parametrize(
    "status", [100, 199, 204, 205, 206, 300, 302, 304, 399, 400, 404, 500, 599]
)
def test_other_status(status: int) -> None:
    """Other responses do not, and error pages only if configured."""
    assert not may_carry("GET", status, by_name([HTML]))
    assert may_carry("GET", status, by_name([HTML]), error_pages=True) is (status >= 400)


def test_no_status_of_http() -> None:
    """A number that is no status of HTTP marks no error page."""
    assert not may_carry("GET", 600, by_name([HTML]), error_pages=True)


def test_head() -> None:
    """A response to HEAD is treated like the one to GET."""
    assert may_carry("HEAD", 200, by_name([HTML]))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_methods(method: str) -> None:
    """Only responses to GET and HEAD are page views."""
    assert not may_carry(method, 200, by_name([HTML]))


@pytest.mark.parametrize("name", ["hx-request", "turbo-frame", "x-pjax", "x-up-target"])
def test_fragments(name: str) -> None:
    """Requests of scripts for a part of a page are recognised by their headers."""
    assert wants_fragment({name: "true"})
    assert not wants_fragment({})


def test_requests_by_script() -> None:
    """X-Requested-With marks a request of a script, except from an app that shows whole pages."""
    assert wants_fragment({"x-requested-with": "XMLHttpRequest"})
    assert not wants_fragment({"x-requested-with": "com.example.reader"})


def test_a_document_is_no_fragment() -> None:
    """What the browser requests as a document is one, whatever an earlier layer adds."""
    assert not wants_fragment({"sec-fetch-dest": "document", "x-pjax": "1"})
    assert wants_fragment({"sec-fetch-dest": "empty", "x-pjax": "1"})


@pytest.mark.parametrize(
    ("headers", "prefetched"),
    [
        ({}, False),
        ({"sec-purpose": "prefetch"}, True),
        ({"sec-purpose": "prefetch;prerender"}, True),
        ({"purpose": "prefetch"}, True),
        ({"sec-purpose": "other"}, False),
    ],
)
def test_pages_that_nobody_sees_yet(headers: dict[str, str], prefetched: bool) -> None:
    """A browser tells by a header, of either name, that it requests a page in advance."""
    assert is_prefetch(headers) is prefetched


@pytest.mark.parametrize(
    ("headers", "navigation"),
    [
        ({}, True),
        ({"sec-fetch-dest": "document"}, True),
        ({"sec-fetch-dest": "iframe"}, False),
        ({"sec-fetch-dest": "empty"}, False),
        ({"sec-fetch-dest": "image"}, False),
    ],
)
def test_pages_of_a_tab(headers: dict[str, str], navigation: bool) -> None:
    """A page of its own is requested as a document, or by a browser that does not tell."""
    assert is_navigation(headers) is navigation


def test_boosted_links_are_pages() -> None:
    """A link boosted by htmx requests a whole page."""
    assert not wants_fragment({"hx-request": "true", "hx-boosted": "true"})


@pytest.mark.parametrize(
    "headers",
    [
        [("Cache-Control", "Private, max-age=1")],
        [("cache-control", "no-store")],
        [("Cache-Control", "max-age=0"), ("Cache-Control", "private")],
        [("Cache-Control", 'no-cache="Set-Cookie", no-store')],
        [("Cache-Control", "private"), ("CDN-Cache-Control", "no-store")],
        [
            ("Cache-Control", "private"),
            ("CDN-Cache-Control", "no-store"),
            ("cdn-cache-control", "max-age=0"),
        ],
        [("Cache-Control", "private"), ("X-Accel-Expires", "0")],
    ],
)
def test_may_differ(headers: Headers) -> None:
    """A response that no shared cache may store may differ by request."""
    assert may_differ(by_name(headers))


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Cache-Control", "no-cache")],
        [("Cache-Control", "public, s-maxage=0")],
        [("Vary", "HX-Request")],
        [("Vary", "*")],
        [("Cache-Control", 'private="Set-Cookie"')],
        [("Cache-Control", 'no-cache="a, private, b"')],
        [("Cache-Control", "x-private")],
        [("Cache-Control", "private"), ("CDN-Cache-Control", "max-age=60")],
        [("Cache-Control", "private"), ("Cloudflare-CDN-Cache-Control", "public")],
        [("Cache-Control", "private"), ("Surrogate-Control", "max-age=60")],
        [("Cache-Control", "no-store"), ("X-Accel-Expires", "60")],
    ],
)
def test_may_not_differ(headers: Headers) -> None:
    """A response that any shared cache may store is the same for everybody."""
    assert not may_differ(by_name(headers))
