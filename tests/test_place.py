"""Where the tag goes: `|` marks the expected place in every page of the list."""

from __future__ import annotations

import pytest

from detector.page.place import MORE, NEVER, WINDOW, find

PAGES = {
    "plain": b"<!doctype html><html><head>|<title>x</title></head><body></body></html>",
    "attributes": b'<!DOCTYPE html>\n<html lang="en"><head id="h">|<base href="https://x/">',
    "upper case": b"<!DOCTYPE HTML><HTML><HEAD>|<TITLE>",
    "byte order mark": b"\xef\xbb\xbf<!doctype html><html><head>|",
    "white space first": b"\n\t <!doctype html>\n<html>\n<head>|\n",
    "comment first": b"<!-- <head> --><!doctype html><html><head>|",
    "comments between": b"<!doctype html><!--a--><html><!-- <head> --><head>|",
    "odd comments": b"<!--><!---><!-- --!><!doctype html><html><head>|",
    "legacy doctype": b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x"><html><head>|',
    "no doctype": b"<html><head>|<title>",
    "quoted >": b"<!doctype html><html data-a='>' data-b=\"<head>\"><head data-c='>'>|<meta>",
    "quote without =": b"<!doctype html><html it's><head>|</head>",
    "no head tag": b"<!doctype html><html>|<title>x</title><p>hi",
    "no html tag": b"<!doctype html>|<title>x</title><p>hi",
    "head without html": b"<!doctype html><head>|<title>x</title>",
    "header is not head": b"<!doctype html><html>|<header>x</header>",
    "no body": b"<!doctype html><html><head>|</head></html>",
    "solidus": b"<!doctype html><html><head/>|<title>",
    "text after doctype": b"<!doctype html>|hello world",
    "head in a script": b"<!doctype html><html>|<script>'<head>'</script><head>",
    "latin-1 bytes": b"<!doctype html><html lang='\xe9'><head>|<title>\xe9</title>",
}

LEFT_ALONE = {
    "empty": b"",
    "fragment": b"<div>part of a page</div>",
    "fragment with head": b"<head><title>x</title></head>",
    "text": b"hello",
    "json": b'{"html": "<html><head>"}',
    "html in a comment": b"<!-- <!doctype html><html><head> --> <p>x",
    "open comment": b"<!doctype html><!-- never closed <html><head>",
    "open tag": b"<!doctype html><html lang='en",
    "xml first": b"<?xml version='1.0'?><html><head>",
    "amp": b"<!doctype html><html amp lang=en><head><meta>",
    "amp by sign": "<!doctype html><html ⚡ lang=en><head><meta>".encode(),
    "frameset": b"<html><frameset cols='*'><frame></frameset>",
    "htmlx": b"<htmlx><head>",
    "utf-16": "<!doctype html><html><head>".encode("utf-16"),
}


@pytest.mark.parametrize("name", PAGES)
def test_place(name: str) -> None:
    """Each page gets the tag at its mark."""
    before, _, after = PAGES[name].partition(b"|")
    assert find(before + after, complete=True) == len(before)


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_left_alone(name: str) -> None:
    """Each of these is left alone."""
    assert find(LEFT_ALONE[name], complete=True) == NEVER


def test_comments_beyond_number() -> None:
    """A page that hides its head behind very many comments is left alone."""
    page = b"<!doctype html>" + b"<!---->" * 63 + b"<head>"
    assert find(page + b"<title>", complete=True) == len(page)
    assert find(b"<!---->" * 64 + page + b"<title>", complete=True) == NEVER


@pytest.mark.parametrize("name", PAGES)
def test_a_part_never_misleads(name: str) -> None:
    """However few bytes are there, the answer is the right place or "more"."""
    before, _, after = PAGES[name].partition(b"|")
    page = before + after
    for size in range(len(page) + 1):
        assert find(page[:size], complete=False) in (MORE, len(before))


@pytest.mark.parametrize(
    ("start", "fill"),
    [(b"", b"<!--"), (b"", b" "), (b"<!doctype html><html ", b"a "), (b"<!doctype ", b"x")],
)
def test_window_ends_the_waiting(start: bytes, fill: bytes) -> None:
    """A page that hides its head behind the window is left alone."""
    page = start + fill * (WINDOW // len(fill) + 1)
    assert find(page[: WINDOW - 1], complete=False) == MORE
    assert find(page, complete=False) == NEVER
