"""The injector of one response: chunks in, the same bytes and one tag out."""

from __future__ import annotations

from hypothesis import given

from detector.core.html.injector import Injector
from detector.core.html.insertion_point import WINDOW
from detector.core.html.tag import INLINE
from tests.support.bodies import BODIES, CUTS, chunked

TAG = b"<script>tag</script>"
PAGE = b"<!doctype html><html><head><title>x</title></head><body>text</body></html>"
WANTED = b"<!doctype html><html><head>" + TAG + b"<title>x</title></head><body>text</body></html>"


def run(chunks: list[bytes], tag: bytes = TAG) -> tuple[bytes, Injector]:
    """Feed all chunks and return the output."""
    injector = Injector(tag)
    out = b"".join(injector.feed(chunk) for chunk in chunks)
    return out + injector.finish(), injector


def test_one_chunk() -> None:
    """A page in one chunk gets its tag."""
    assert run([PAGE])[0] == WANTED


def test_one_byte_chunks() -> None:
    """A page sent byte by byte gets its tag at the same position."""
    assert run([bytes([b]) for b in PAGE])[0] == WANTED


def test_empty_chunks() -> None:
    """Empty chunks change nothing."""
    assert run([b"", PAGE[:20], b"", b"", PAGE[20:], b""])[0] == WANTED


def test_streaming_goes_on() -> None:
    """Once the position is known nothing is buffered."""
    injector = Injector(TAG)
    assert injector.feed(b"<!doctype html><html><he") == b""
    assert injector.feed(b"ad><title>") == b"<!doctype html><html><head>" + TAG + b"<title>"
    assert injector.decided
    assert injector.feed(b"later") == b"later"


def test_window_is_the_most_that_is_held() -> None:
    """Buffering ends if no head appears within the window."""
    injector = Injector(TAG)
    assert injector.feed(b" " * (WINDOW - 1)) == b""
    assert injector.feed(b" ") == b" " * WINDOW
    assert injector.tag == b""


def test_large_page_in_one_piece() -> None:
    """A page larger than the window gets its tag too."""
    rest = b"x" * (2 * WINDOW)
    assert run([PAGE + rest])[0] == WANTED + rest


def test_tagged_page_stays_as_it_is() -> None:
    """A page that already has the tag does not get another."""
    tag = f"<script>{INLINE}</script>".encode()
    page = PAGE.replace(b"<head>", b"<head>" + tag)
    out, injector = run([page], tag)
    assert out == page
    assert injector.tag == b""


def test_give_up_returns_what_was_held() -> None:
    """Giving up loses no bytes."""
    injector = Injector(TAG)
    injector.feed(b"<!doctype ")
    injector.feed(b"html><ht")
    assert injector.give_up() == b"<!doctype html><ht"
    assert injector.feed(b"ml>") == b"ml>"


def test_pages_that_begin_alike() -> None:
    """Pages that share a beginning are decided independently."""
    start, end = b"<!doctype html>" + b" " * 400, b"</head>" + b"x" * 4096
    for head in (b"<head>", b"<head data-a='>'>", b"<html><head>", b"<!--<head>--><head >"):
        assert run([start + head + end])[0] == start + head + TAG + end
    assert run([start + b"<frameset>" + end])[0] == start + b"<frameset>" + end
    for cut in range(150, 240):
        page = b"<!doctype html><html lang=en>".ljust(cut, b"\n") + b"<head>"
        assert run([page + end])[0] == page + TAG + end


def test_tag_further_down_in_the_head() -> None:
    """A tag that a template placed later in the head is detected too."""
    tag = f"<script>{INLINE}</script>".encode()
    page = PAGE.replace(b"</title>", b"</title>" + b"<meta name=x>" * 900 + tag)
    assert run([page], tag)[0] == page


@given(BODIES, CUTS)
def test_output_without_the_tag_is_the_input(body: bytes, cuts: list[int]) -> None:
    """For every body and every chunking: output minus the tag equals input."""
    out, injector = run(chunked(body, cuts))
    assert out.replace(TAG, b"", 1) == body
    assert out.count(TAG) == (1 if injector.tag else 0)
    assert run([body])[0] == out
