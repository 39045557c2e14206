"""The injector of one response: chunks in, the same bytes and one tag out."""

from __future__ import annotations

import pytest
from hypothesis import given

from detector.core.html import injector as injector_module
from detector.core.html.injector import Injector
from detector.core.html.insertion_point import MORE, WINDOW
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
    assert injector.decided
    assert injector.feed(b"ml>") == b"ml>"
    assert injector.give_up() == injector.finish() == b""


def test_nothing_to_hold() -> None:
    """Without a tag nothing waits, and before the first chunk nothing is held."""
    assert Injector(b"").decided
    assert Injector(TAG).give_up() == Injector(TAG).finish() == b""
    injector = Injector(TAG)
    assert injector.feed(PAGE) == WANTED
    assert injector.give_up() == b""


def test_what_is_told_of_a_page() -> None:
    """A page may be stored by shared caches and counts as one, unless its injector is told else."""
    page = Injector(TAG)
    assert (page.group, page.shared, page.private, page.counted) == ("", True, False, True)
    page = Injector(TAG, "/a", shared=False, private=True, counted=False)
    assert (page.group, page.shared, page.private, page.counted) == ("/a", False, True, False)


def test_text_is_no_page() -> None:
    """What can be no page from its first byte on is not held."""
    assert Injector(TAG).feed(b"x") == b"x"


@pytest.mark.parametrize(
    ("chunks", "walks"),
    [
        # A chunk that may end a tag is walked seventeen times; then each time the page has doubled.
        ([b"<a>"] * 63, [*range(3, 52, 3), 102]),
        # Any other waits until the page has doubled.
        ([b"<a>", *[b"b"] * 21], [3, 6, 12, 24]),
        ([b"<a>", *[b"b"] * 9, b">", b"b"], [3, 6, 12, 13]),
    ],
)
def test_small_chunks_cost_few_walks(
    monkeypatch: pytest.MonkeyPatch, chunks: list[bytes], walks: list[int]
) -> None:
    """The walk from the first byte is not repeated for each of many small chunks."""
    found: list[int] = []

    def find(page: bytes, complete: bool) -> int:
        found.append(len(page))
        return MORE

    monkeypatch.setattr(injector_module, "find", find)
    injector = Injector(TAG)
    assert b"".join(map(injector.feed, chunks)) == b""
    assert found == walks


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


@pytest.mark.parametrize(
    "page",
    [
        PAGE.replace(b"text", b" " * 17_000 + INLINE.encode()),
        b"<!--" + INLINE.encode() + b"-->" + PAGE,
    ],
    ids=["far down", "before the head"],
)
def test_text_that_is_like_the_tag(page: bytes) -> None:
    """A page that has the text elsewhere, such as one about it, gets its tag."""
    assert run([page])[0] == page.replace(b"<head>", b"<head>" + TAG)


@given(BODIES, CUTS)
def test_output_without_the_tag_is_the_input(body: bytes, cuts: list[int]) -> None:
    """For every body and every chunking: output minus the tag equals input."""
    out, injector = run(chunked(body, cuts))
    assert out.replace(TAG, b"", 1) == body
    assert out.count(TAG) == (1 if injector.tag else 0)
    assert run([body])[0] == out
