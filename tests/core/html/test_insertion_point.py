"""Where the tag is inserted: `|` marks the expected position in each page of the list."""

from __future__ import annotations

from random import Random

import pytest

from detector.core.html.insertion_point import MORE, NEVER, WINDOW, find
from tests.support.markup_fuzz import cases, misplaced

TAG = b"<script>a()</script><script async src=/a></script>"

PAGES = {
    "plain": b"<!doctype html><html><head>|<title>x</title></head><body></body></html>",
    "attributes": b'<!DOCTYPE html>\n<html lang="en"><head id="h">|<base href="https://x/">',
    "upper case": b"<!DOCTYPE HTML><HTML><HEAD>|<TITLE>",
    "byte order mark": b"\xef\xbb\xbf<!doctype html><html><head>|",
    "white space first": b"\n\t <!doctype html>\n<html>\n<head>|\n",
    "comment first": b"<!-- <head> --><!doctype html><html><head>|",
    "comment of four hyphens": b"<!----><!doctype html><html><!----><head>|<!-- -->",
    "comment ends once": b"<!doctype html><!--a--!>|b--!>c--><html><head>",
    "> behind an empty comment": b"<!doctype html><!-->|><html><head>",
    "comments between": b"<!doctype html><!--a--><html><!-- <head> --><head>|",
    "odd comments": b"<!--><!---><!-- --!><!doctype html><html><head>|",
    "many comments": b"<!doctype html>" + b"<!-->" * 31 + b"<html><head>|",
    "many attributes": b"<!doctype html><html " + b"x='' " * 63 + b"><head>|",
    "vertical tab": b"<!doctype html> |\v<html><head>",
    "two vertical tabs": b"<!doctype html> |\v \v<html><head>",
    "legacy doctype": b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x"><html><head>|',
    "no doctype": b"<html><head>|<title>",
    "quoted >": b"<!doctype html><html data-a='>' data-b=\"<head>\"><head data-c='>'>|<meta>",
    "quote without =": b"<!doctype html><html it's><head>|</head>",
    "= without a name": b'<!doctype html><html a=="x><head a="x>y">|',
    "= behind a slash": b"<!doctype html><html a/=\"x><head /=='>'>|",
    "= behind a value": b"<!doctype html><html a='>'='><head a=b='>|",
    "= for a value": b"<!doctype html><html a= ='><head a= ==\">|",
    "no value": b"<!doctype html><html a=><head a= \n>|'>",
    "quote in a value": b"<!doctype html><html a=b'><head a=/'>|'>",
    "quote in a name": b"<!doctype html><html \"='><head>' '><head a'b='>'>|",
    "value with slash": b"<!doctype html><html a=b/><head a=b/c='>|'>",
    "other spaces": b"<!doctype html><html\na\f=\r'>'\tb\t=\n\">\"><head\fa=b\fc='>'>|",
    "vertical tab in tags": b"<!doctype html><html a\v=\v'><head>|'>",
    "slash before a name": b"<!doctype html><html/a='>'/b=\">\"><head/a='>'/>|",
    "slash and space": b"<!doctype html><html / a='>' / ='><head a / ='>|",
    "values side by side": b"<!doctype html><html a='>'b=\">\"c><head a='>'\"b='>'>|",
    "tags in tags": b"<!doctype html><html <head> |x",
    "NUL in a name": b"<!doctype html><html \0='>' a\0=\">\"><head \0>|",
    "NUL in a tag's name": b"<!doctype html>|<html\0><head>",
    "NUL between tags": b"<!doctype html>|\0<html><head>",
    "NUL first in a comment": b"<!--\0> --><!doctype html><html><!---\0> --><head>|",
    "comment ends": b"<!-- --!><!----!><!-- -- ><head>--><!---><!doctype html><html><head>|",
    "comment does not end": b"<!---!> --><!--a--!b--><!--<!->--><!doctype html><html><head>|",
    "comment in a comment": b"<!-- <!-- --><!doctype html><html><!--<!--><head>|",
    "bogus comments": b"<!doctype html>|<!a '><html '>",
    "bogus comment in html": b"<!doctype html><html>|<?a '><head '>",
    "bogus comment of CDATA": b"<!doctype html><html>|<![CDATA[<head>]]>",
    "bogus comment of one dash": b"<!doctype html>|<!-><html>",
    "end tags": b"<!doctype html>|</p a='>'><html>",
    "> in the doctype's quotes": b"<!doctype html SYSTEM 'a>|b'><html><head>",
    "= in the doctype": b'<!doctype html ="><html><head>|',
    "second doctype": b"<!doctype html>|<!doctype html><html><head>",
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
    "open name": b"<!doctype html><html><head lang",
    "open quotes": b"<!doctype html><html><head lang='>",
    "open value": b"<!doctype html><html><head lang=en",
    "nothing behind =": b"<!doctype html><html><head lang=",
    "nothing behind /": b"<!doctype html><html><head/",
    "xml first": b"<?xml version='1.0'?><html><head>",
    "amp": b"<!doctype html><html amp lang=en><head><meta>",
    "amp by sign": "<!doctype html><html ⚡ lang=en><head><meta>".encode(),
    "amp with a value": b"<!doctype html><html AMP='' lang=en><head><meta>",
    "amp for ads": b"<!doctype html><html amp4ads><head><meta>",
    "amp for mail": b"<!doctype html><html lang=en amp4email><head><meta>",
    "frameset": b"<html><frameset cols='*'><frame></frameset>",
    "htmlx": b"<htmlx><head>",
    "too many comments": b"<!doctype html>" + b"<!-->" * 32 + b"<html><head>",
    "too many attributes": b"<!doctype html><html " + b"x='' " * 64 + b"><head>",
    "utf-16": "<!doctype html><html><head>".encode("utf-16"),
}


@pytest.mark.parametrize("name", PAGES)
def test_place(name: str) -> None:
    """Each page gets the tag at its mark."""
    before, _, after = PAGES[name].partition(b"|")
    assert find(before + after, complete=True) == len(before)


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_left_alone(name: str) -> None:
    """Each of these pages is left unchanged."""
    assert find(LEFT_ALONE[name], complete=True) == NEVER


@pytest.mark.parametrize("name", PAGES)
def test_a_parser_agrees(name: str) -> None:
    """html5lib makes the tag the first element of the head in each page."""
    before, _, after = PAGES[name].partition(b"|")
    assert misplaced(before + after, before + TAG + after, TAG) == ""


@pytest.mark.parametrize("seed", range(8))
def test_nasty_beginnings(seed: int) -> None:
    """Whatever precedes it, the tag is never placed where a parser reads it differently."""
    rng = Random(seed)
    pages = [cases(rng) for _ in range(100)]
    places = [(page, at) for page in pages if (at := find(page, complete=True)) >= 0]
    assert len(places) > 25
    for page, at in places:
        assert misplaced(page, page[:at] + TAG + page[at:], TAG) == "", page


@pytest.mark.parametrize("name", PAGES)
def test_a_part_never_misleads(name: str) -> None:
    """For any prefix of the page the result is the right position or "more"."""
    before, _, after = PAGES[name].partition(b"|")
    page = before + after
    for size in range(len(page) + 1):
        assert find(page[:size], complete=False) in (MORE, len(before))


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_a_part_of_what_is_left_alone(name: str) -> None:
    """No prefix of such a page gets the tag, either."""
    page = LEFT_ALONE[name]
    for size in range(len(page) + 1):
        assert find(page[:size], complete=False) in (MORE, NEVER)


@pytest.mark.parametrize(
    ("start", "fill"),
    [(b"", b"<!--"), (b"", b" "), (b"<!doctype html><html ", b"a "), (b"<!doctype ", b"x")],
)
def test_window_ends_the_waiting(start: bytes, fill: bytes) -> None:
    """A page whose head starts after the window is left unchanged."""
    page = start + fill * (WINDOW // len(fill) + 1)
    assert find(page[: WINDOW - 1], complete=False) == MORE
    assert find(page[:WINDOW], complete=False) == NEVER


@pytest.mark.parametrize(
    ("start", "place"),
    [
        (b"", MORE),
        (b"\xef", MORE),
        (b"\xef\xbb", MORE),
        (b"\xef\xbb\xbf", MORE),
        (b"\xef\xbbx", NEVER),
        (b"<", MORE),
        (b"he", NEVER),
        (b"<!doctype html><p>", 15),
        (b"<!doctype html><html><p>", 21),
        (b"{", NEVER),
    ],
)
def test_first_bytes(start: bytes, place: int) -> None:
    """What may begin a document, or a tag of it, waits for more; all else is decided at once."""
    assert find(start, complete=False) == place
