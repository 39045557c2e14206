"""Hypothesis strategies for bodies that exercise the tag's placement, cut into chunks."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

from detector.core.html.headers import Headers, first
from detector.core.request import Request
from detector.core.response import ResponseRewriter
from detector.core.site import Site
from tests.conftest import FIREFOX

Response = tuple[str, int, str, Headers]
"""Method, status, type and further headers."""

PIECES = st.sampled_from(
    [
        *(
            b"<!doctype html>",
            b"<html>",
            b"<html lang='>'>",
            b"<head>",
            b"<HEAD >",
            b"<!--",
            b"-->",
        ),
        *(b">", b"<", b"</head>", b"<header>", b"<script>'<head>'</script>", b"\xef\xbb\xbf", b" "),
        *(b"\xff", b"x"),
    ]
)
BODIES = st.one_of(
    st.lists(PIECES, max_size=12).map(b"".join),
    st.lists(PIECES, max_size=6).map(lambda parts: b"<!doctype html>" + b"".join(parts)),
    st.binary(max_size=200),
)
CUTS = st.lists(st.integers(0, 200), max_size=6)


def chunked(body: bytes, cuts: list[int]) -> list[bytes]:
    """Cut a body at these offsets, empty chunks included."""
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    return [body[a:b] for a, b in itertools.pairwise(edges)]


RESPONSES = st.tuples(
    # Mostly responses that are tagged: the others can only fail by being tagged.
    st.sampled_from(["GET"] * 6 + ["POST"]),
    st.sampled_from([200] * 6 + [201, 404]),
    st.sampled_from(
        ["text/html"] * 5 + ["text/html; charset=latin-1", "text/plain", "text/html;\xff"]
    ),
    st.sampled_from([[], [("etag", '"a"')], [("cache-control", "private")]]),
)


def check_passage(site: Site, response: Response, body: bytes, cuts: list[int]) -> bool:
    """Check that a response is changed by the tag alone; return whether it is tagged."""
    method, status, kind, more = response
    headers = [("content-type", kind), ("content-length", str(len(body))), *more]
    rewriter = ResponseRewriter(site, {}, Request(method, headers={"user-agent": FIREFOX}))
    rewriter.start(status, headers)
    out = b"".join([rewriter.feed(chunk) for chunk in chunked(body, cuts)]) + rewriter.finish()
    assert not rewriter.holds
    assert first(rewriter.headers, "content-length") == str(len(out))
    if out == body:
        assert rewriter.headers == headers
        return False
    assert (method, status // 100, kind[:9]) == ("GET", 2, "text/html")
    assert out.replace(site.tagger.tag(), b"", 1) == body
    assert first(rewriter.headers, "etag") in (None, 'W/"a"')
    return True
