"""The rewriting of one response, as every adapter does it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from detector.core.html.headers import Headers, first
from detector.core.html.injector import Injector
from detector.core.html.page_info import KnownPage
from detector.core.request import Request
from detector.core.response import SKIP, TAGGED, ResponseRewriter, mounted
from detector.core.site import Site
from tests.conftest import FIREFOX
from tests.support.bodies import BODIES, CUTS, RESPONSES, Response, check_passage
from tests.support.tags import group_of

PAGE = b"<!doctype html><html><head><title>x</title></head><body>text</body></html>"
HTML = ("content-type", "text/html; charset=utf-8")
REQUEST = {"user-agent": FIREFOX}


def send(
    site: Site, headers: Headers, chunks: list[bytes], status: int = 200, **more: Any
) -> tuple[Headers, bytes]:
    """Send one response through and return the output."""
    rewriter = ResponseRewriter(
        site, more.pop("marks", {}), Request(more.pop("method", "GET"), headers=REQUEST), **more
    )
    rewriter.start(status, headers)
    out = b"".join([rewriter.feed(chunk) for chunk in chunks])
    out += rewriter.finish()
    assert not rewriter.holds
    return rewriter.headers, out


@settings(
    max_examples=2000,
    deadline=None,
    # A slow machine is no failure.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(RESPONSES, BODIES, CUTS)
def test_output_without_the_tag_is_the_input(
    site: Site, response: Response, body: bytes, cuts: list[int]
) -> None:
    """For every body, every chunking and every kind: output minus the tag equals input."""
    check_passage(site, response, body, cuts)


def test_start_waits_for_the_place(site: Site) -> None:
    """Status and headers are held only while the position is unknown."""
    rewriter = ResponseRewriter(site, {}, Request("GET", headers=REQUEST))
    rewriter.start(200, [HTML, ("content-length", str(len(PAGE)))])
    assert rewriter.holds
    assert rewriter.feed(PAGE[:20]) == b""
    assert rewriter.holds
    out = rewriter.feed(PAGE[20:])
    assert not rewriter.holds
    assert first(rewriter.headers, "content-length") == str(len(out))


def test_what_is_no_page_never_waits(site: Site) -> None:
    """A stream of events, a file or a range is sent at once."""
    for headers in ([("content-type", "text/event-stream")], [HTML, ("content-range", "x")]):
        rewriter = ResponseRewriter(site, {}, Request("GET", headers=REQUEST))
        rewriter.start(200, headers)
        assert not rewriter.holds
        assert not rewriter.changes
        assert rewriter.feed(PAGE) is PAGE


@pytest.mark.parametrize("more", [-1, 1])
def test_body_that_lies_about_its_length(site: Site, more: int) -> None:
    """A body that contradicts its Content-Length is left unchanged, if that is noticed in time."""
    headers = [HTML, ("content-length", str(len(PAGE[:20]) + more))]
    assert send(site, headers, [PAGE[:9], PAGE[9:20]]) == (headers, PAGE[:20])


def test_marks_are_shared_by_two_detectors(site: Site) -> None:
    """Of two detectors around one app the inner one tags; the skip mark disables both."""
    marks: dict[str, Any] = {}
    _, inner = send(site, [HTML], [PAGE], marks=marks)
    assert marks[TAGGED]
    assert inner != PAGE
    assert send(site, [HTML], [inner], marks=marks)[1] == inner
    assert send(site, [HTML], [PAGE], marks={SKIP: True})[1] == PAGE
    assert send(site, [HTML], [PAGE], marks={TAGGED: True})[1] == PAGE


def test_start_again(site: Site) -> None:
    """If an app replaces its response before anything is sent, the new page is tagged."""
    rewriter = ResponseRewriter(site, {}, Request("GET", headers=REQUEST))
    for _ in range(2):
        rewriter.start(200, [HTML])
    assert rewriter.feed(PAGE) != PAGE


def test_giving_up(site: Site) -> None:
    """If the rest of the body is sent another way, the page is unchanged."""
    headers = [HTML, ("content-length", str(len(PAGE)))]
    rewriter = ResponseRewriter(site, {}, Request("GET", headers=REQUEST))
    rewriter.start(200, headers)
    rewriter.feed(PAGE[:20])
    assert rewriter.give_up() == PAGE[:20]
    assert rewriter.headers == headers
    assert rewriter.feed(PAGE[20:]) == PAGE[20:]
    assert rewriter.finish() == rewriter.give_up() == b""
    assert site.counters.snapshot() == {}


def test_before_the_start(site: Site) -> None:
    """Until there are status and headers nothing is held, and no byte is changed."""
    rewriter = ResponseRewriter(site, {}, Request("GET", headers=REQUEST))
    assert (rewriter.headers, rewriter.holds, rewriter.changes) == ([], False, False)
    assert rewriter.feed(PAGE) is PAGE
    assert rewriter.finish() == rewriter.give_up() == b""


def test_a_place_that_only_the_end_shows(site: Site) -> None:
    """A page whose last bytes may begin its head gets its tag if it has its declared length."""
    chunks = [b"<!doctype html>", b"<h", b"t"]
    for length in (18, 17, 19):
        headers = [HTML, ("content-length", str(length))]
        out = send(site, headers, chunks)[1]
        assert (out != b"".join(chunks)) is (length == 18)
    assert [key[5] for key in site.counters.snapshot() if key[2] == "all"] == ["page-shared"]


def test_other_buffers(site: Site) -> None:
    """A chunk may be any bytes-like object."""
    chunks: list[Any] = [bytearray(PAGE[:30]), memoryview(PAGE)[30:]]
    assert send(site, [HTML], chunks) == send(site, [HTML], [PAGE])
    whole: list[Any] = [memoryview(PAGE)]
    assert send(site, [HTML], whole) == send(site, [HTML], [PAGE])


class Asked:
    """Page information that records which attributes are read."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __getattr__(self, name: str) -> str:
        self.names.append(name)
        return name


def test_group_and_nonce_are_asked_for_pages_only(site: Site) -> None:
    """Page information is read only for pages that are tagged."""
    about = Asked()
    data = [("content-type", "application/json")]
    send(site, data, [b"{}"], page=about)
    assert about.names == []
    out = send(site, [HTML], [PAGE], page=about)[1]
    assert about.names == ["nonce", "mount", "group", "query"]
    assert out.count(b'nonce="nonce"') == 2
    assert group_of(out, site) == "group"


@pytest.mark.parametrize("step", ["feed", "finish"])
def test_our_errors_leave_the_page_as_it_was(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, step: str
) -> None:
    """After an error while placing the tag the original page is sent, and the error is counted."""

    def broken(self: Injector, complete: bool) -> bytes:
        raise RuntimeError("ours")

    monkeypatch.setattr(Injector, "_decide", broken)
    chunks = [PAGE] if step == "feed" else [b"x"]
    headers = [HTML, ("etag", '"a"')]
    assert send(site, headers, chunks) == (headers, b"".join(chunks))
    assert any(key[5] == "error" for key in site.counters.snapshot())
    assert caplog.messages == ["detector: an error in adding the tag was kept from the page"]


def test_our_errors_before_the_body_leave_the_response_as_it_was(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """After an error while headers are examined the response is the app's, and does not wait."""
    monkeypatch.setattr(site.tagger, "injector", lambda *_: 1 / 0)
    headers = [HTML, ("etag", '"a"')]
    assert send(site, headers, [PAGE]) == (headers, PAGE)
    assert caplog.messages == ["detector: an error in examining a response was kept from the page"]


@pytest.mark.parametrize(("asked", "etag"), [(None, '"1"'), ('W/"1"', 'W/"1"'), ('"1"', '"1"')])
def test_a_page_that_is_not_modified(site: Site, asked: str | None, etag: str) -> None:
    """A 304 has the validator that the browser's page was sent with, and is no page itself."""
    sent = REQUEST | ({"if-none-match": asked} if asked else {})
    marks: dict[str, Any] = {}
    rewriter = ResponseRewriter(site, marks, Request("GET", headers=sent))
    rewriter.start(304, [HTML, ("ETag", '"1"')])
    assert rewriter.headers == [HTML, ("ETag", etag)]
    assert not rewriter.changes and marks == {}


@pytest.mark.parametrize(
    ("path", "mount"),
    [
        ("", ""),
        ("/", ""),
        ("/news", "/news"),
        ("/news/", "/news"),
        ("/a b/\xe9", "/a%20b/%C3%A9"),
        (b"/\xe9", "/%E9"),
        ("//evil.example", "/evil.example"),
        ("/\\evil.example", "/%5Cevil.example"),
    ],
)
def test_mount(path: str | bytes, mount: str) -> None:
    """The mount path from the server always becomes a path on the same host."""
    assert mounted(path) == mount


def test_a_page_with_a_nonce_has_no_validators(site: Site) -> None:
    """A 304 would pair a cached page with a new nonce, so its validators are removed."""
    policy = ("content-security-policy", "script-src 'nonce-abc123'")
    headers = [HTML, policy, ("etag", '"1"'), ("last-modified", "yesterday")]
    assert send(site, headers, [PAGE])[0] == [HTML, policy]


def test_a_response_without_a_body(site: Site) -> None:
    """HEAD has the headers of the page with its tag, but for the length, and holds nothing."""
    marks: dict[str, Any] = {}
    headers = [HTML, ("content-length", "9"), ("etag", '"1"'), ("accept-ranges", "bytes")]
    assert send(site, headers, [], method="HEAD", marks=marks) == ([HTML, ("etag", 'W/"1"')], b"")
    assert marks == {TAGGED: True}
    nonce = KnownPage(nonce="abc")
    assert send(site, headers, [], method="HEAD", page=nonce) == ([HTML], b"")


def test_a_preview_is_stored_by_nobody(site: Site) -> None:
    """The page of a preview link is private, also where there turns out to be no place for it."""
    query = site.simulate_link("https://news.example/", "modal").partition("?")[2]
    private = [HTML, ("Cache-Control", "private, no-store")]
    for body in (PAGE, b"no page"):
        headers = [HTML, ("cache-control", "max-age=9")]
        assert send(site, headers, [body], page=KnownPage(query=query))[0] == private


def test_a_page_that_has_its_declared_length(site: Site) -> None:
    """It gets its tag, whose length is added; that of an empty page stays."""
    headers, out = send(site, [HTML, ("content-length", str(len(PAGE)))], [PAGE[:9], PAGE[9:]])
    assert headers == [HTML, ("content-length", str(len(out)))]
    assert len(out) > len(PAGE)
    assert send(site, [HTML, ("content-length", "0")], [b""]) == (
        [HTML, ("content-length", "0")],
        b"",
    )


def test_an_app_that_starts_again_without_a_page(site: Site) -> None:
    """What an app sends in place of a page passes unchanged, and needs no mark."""
    marks: dict[str, Any] = {}
    rewriter = ResponseRewriter(site, marks, Request("GET", headers=REQUEST))
    rewriter.start(200, [HTML])
    rewriter.feed(PAGE[:9])
    rewriter.start(200, [("content-type", "text/plain")])
    assert not rewriter.changes
    assert rewriter.feed(PAGE) == PAGE
    # And a page again, whose length begins anew.
    rewriter.start(200, [HTML, ("content-length", str(len(PAGE)))])
    out = rewriter.feed(PAGE) + rewriter.finish()
    assert len(out) > len(PAGE)
