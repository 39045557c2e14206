"""The check of a tag's position detects each way to misplace it."""

from __future__ import annotations

import pytest

from tests.support.markup_fuzz import misplaced

PAGE = (
    b"<!doctype html><!-- c --><html lang='a'><head>|<title>t</title></head><body>hi</body></html>"
)
TAG = b"<script>a()</script><script async src=/a></script>"


def put(page: bytes) -> str:
    """Return what is wrong with a tag at the page's mark."""
    before, _, after = page.partition(b"|")
    return misplaced(before + after, before + TAG + after, TAG)


@pytest.mark.parametrize(
    "page",
    [PAGE, b"<!doctype html>|<p>hi", b"<!doctype html>|", b"<html><head>|<script>b()</script>"],
)
def test_right_places(page: bytes) -> None:
    """The start of the head is the right position, whether the head is explicit or implied."""
    assert put(page) == ""


@pytest.mark.parametrize(
    "page",
    [
        b"<html><head a='|'>",
        b"<html><!-- | --><head>",
        b"<html><head><title>|</title>",
        b"<html><head><title>a</title>|",
        b"<html><head></head><body>|",
        b"<html><head>x|",
        b"|<!doctype html><p>",
        b"<ht|ml><head>",
    ],
)
def test_wrong_places(page: bytes) -> None:
    """Attributes, comments, text, the body, and positions that change the rest are wrong."""
    assert put(page)


def test_nothing_else_may_change() -> None:
    """An unchanged page passes; a page with any other change does not."""
    assert misplaced(PAGE, PAGE, TAG) == ""
    assert misplaced(PAGE, PAGE + b" ", TAG)
