"""Which responses may carry the tag, by status and headers."""

from __future__ import annotations

import pytest

from detector.core.html.eligibility import may_carry, may_differ, wants_fragment
from detector.core.html.headers import Headers, by_name, grown, headless, unstored

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
        [HTML, ("Content-Encoding", "gzip")],
        [HTML, ("content-encoding", "br")],
        [HTML, ("Content-Disposition", "Attachment; filename=a.html")],
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


@pytest.mark.parametrize("status", [200, 201, 203, 226])
def test_good_status(status: int) -> None:
    """Successful pages carry the tag."""
    assert may_carry("GET", status, by_name([HTML]))


@pytest.mark.parametrize("status", [100, 204, 205, 206, 301, 302, 304, 404, 500])
def test_other_status(status: int) -> None:
    """Other responses do not, and error pages only if configured."""
    assert not may_carry("GET", status, by_name([HTML]))
    assert may_carry("GET", status, by_name([HTML]), error_pages=True) is (status >= 400)


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


def test_grown_headers() -> None:
    """Content-Length grows, a strong entity tag becomes weak, and ranges are no longer offered."""
    headers = [("Content-Length", "10"), ("ETag", '"abc"'), ("Vary", "Cookie"), HTML]
    headers.append(("Accept-Ranges", "bytes"))
    assert grown(headers, 5) == [
        ("Content-Length", "15"), ("ETag", 'W/"abc"'), ("Vary", "Cookie"), HTML
    ]  # fmt: skip
    assert grown([("ETag", 'W/"abc"')], 5) == [("ETag", 'W/"abc"')]


def test_head_has_no_length() -> None:
    """A response to HEAD has no Content-Length, since the length is unknown."""
    assert headless([("Content-Length", "10"), ("ETag", '"a"')]) == [("ETag", 'W/"a"')]


def test_unstored() -> None:
    """No header remains that allows a cache to store or revalidate the response."""
    names = ["Cache-Control", "Expires", "Pragma", "ETag", "Last-Modified", "Surrogate-Control"]
    names += ["CDN-Cache-Control", "X-LiteSpeed-Cache-Control", "X-Accel-Expires", "cache-control"]
    headers = [HTML, *((name, "max-age=60") for name in names), ("Vary", "Cookie")]
    assert unstored(headers) == [HTML, ("Vary", "Cookie"), ("Cache-Control", "private, no-store")]
