"""How response headers are read, and how they change with the body."""

from __future__ import annotations

import pytest

from detector.core.html.headers import (
    Headers,
    all_of,
    by_name,
    first,
    grown,
    headless,
    revalidated,
    unstored,
    words,
)

HTML = ("Content-Type", "text/html; charset=utf-8")
TWICE = [("Vary", "Cookie"), ("X-A", "1"), ("vary", "Accept")]


def test_names_are_read_in_any_case() -> None:
    """Repeated headers keep their order, under one name in lower case."""
    assert by_name(TWICE) == {"vary": ["Cookie", "Accept"], "x-a": ["1"]}
    assert (first(TWICE, "vary"), first(TWICE, "etag")) == ("Cookie", None)
    assert (all_of(TWICE, "vary"), all_of(TWICE, "etag")) == (["Cookie", "Accept"], [])


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, set()),
        ("", set()),
        (" , ,", set()),
        ("No-Store, max-age=60=1 , private", {"no-store", "max-age", "private"}),
    ],
)
def test_words(value: str | None, found: set[str]) -> None:
    """A header is split at commas into words in lower case, without what follows their "="."""
    assert words(value) == found


def test_grown_headers() -> None:
    """Content-Length grows, a strong entity tag becomes weak, and ranges are no longer offered."""
    headers = [("Content-Length", "10"), ("ETag", '"abc"'), ("Vary", "Cookie"), HTML]
    headers.append(("Accept-Ranges", "bytes"))
    assert grown(headers, 5) == [
        ("Content-Length", "15"), ("ETag", 'W/"abc"'), ("Vary", "Cookie"), HTML
    ]  # fmt: skip
    assert grown([("ETag", ' W/"abc" ')], 5) == [("ETag", 'W/"abc"')]


def test_a_length_that_is_no_number_stays() -> None:
    """A length with white space grows too; one that cannot be read is left to the server."""
    assert grown([("Content-Length", " 10 ")], 5) == [("Content-Length", "15")]
    assert grown([("Content-Length", "ten")], 5) == [("Content-Length", "ten")]


def test_head_has_no_length() -> None:
    """A response to HEAD has no Content-Length, since the length is unknown."""
    assert headless([("Content-Length", "10"), ("ETag", '"a"')]) == [("ETag", 'W/"a"')]


def test_unstored() -> None:
    """No header remains that allows a cache to store or revalidate the response."""
    names = ["Cache-Control", "Expires", "Pragma", "ETag", "Last-Modified", "Surrogate-Control"]
    names += ["CDN-Cache-Control", "X-LiteSpeed-Cache-Control", "X-Accel-Expires", "cache-control"]
    headers = [HTML, *((name, "max-age=60") for name in names), ("Vary", "Cookie")]
    assert unstored(headers) == [HTML, ("Vary", "Cookie"), ("Cache-Control", "private, no-store")]


@pytest.mark.parametrize(
    ("etag", "asked", "sent"),
    [
        ('"a"', 'W/"a"', 'W/"a"'),
        ('"a"', 'W/"b", W/"a"', 'W/"a"'),
        ('"a"', '"a"', '"a"'),
        ('"a"', None, '"a"'),
        ('W/"a"', 'W/"a"', 'W/"a"'),
    ],
)
def test_revalidated(etag: str, asked: str | None, sent: str) -> None:
    """A 304 repeats the weak entity tag under which the browser has the page, and no other."""
    headers: Headers = [("ETag", etag), HTML]
    assert revalidated(headers, asked) == [("ETag", sent), HTML]


def test_revalidated_without_an_entity_tag() -> None:
    """Without an entity tag a 304 stays as it is."""
    assert revalidated([HTML], 'W/"a"') == [HTML]
