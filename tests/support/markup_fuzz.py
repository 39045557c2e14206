"""Hostile document beginnings, and a check with html5lib of where a tag was inserted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any
from xml.etree import ElementTree

import html5lib

_SPACES = (b"", b"", b" ", b"\n", b"\t", b"\f", b"\r\n", b" \r ", b"\v", b"\0")
_COMMENTS = (
    *(b"<!-->", b"<!--->", b"<!---->", b"<!-- x -->", b"<!-- --!>", b"<!-- a -- b --><!--c-->"),
    *(b"<!-- <head> -->", b"<!-- <!-- -->", b"<!-- <!-->", b"<!--a--!b-->", b"<!----!-->"),
    *(b"<!---!>-->", b"<!--<!->-->", b"<!--->-->", b"<!-- '-->", b'<!-- "> -->', b"<!-- --\0>-->"),
    *(b"<!-->-->", b"<!-- never closed ", b"<!-", b"<!---", b"<!"),
)
_BOGUS = (
    *(b"<?xml version='1.0'?>", b"<?a '>' ?>", b"<!>", b"<!x '>'>", b"<!-x>", b"</ >", b"</>"),
    *(b"<![CDATA[ <head> ]]>", b"<![CDATA[>]]>", b"<![if !IE]>", b"</1>", b"</p>", b"</head>"),
    *(b"</html a='>'>", b"<>", b"<1>", b"&gt;", b"x"),
)
_DOCTYPES = (
    *(b"<!doctype html>", b"<!DOCTYPE HTML>", b"<!DocType\nhtml >", b"<!doctype html"),
    *(b'<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://x/">', b"<!doctypehtml>"),
    *(b'<!doctype html SYSTEM "a>b">', b"<!doctype html PUBLIC 'a>b' \">\">", b"<!doctype>"),
    *(b"<!doctype html [<!ENTITY a '>'>]>", b"<!doctype\0html>", b"<!doctype x '>", b"<!doctyp>"),
)
_NAMES = (
    *(b"lang", b"a", b"A", b"it's", b'"', b"'", b"=", b"==", b"='", b'="', b"<", b"<a", b"a<!--"),
    *(b"\0", b"\v", b"\xe9", b"data-x", b"`", b"a\xc2\xa0", b"@click", b"x:y"),
)
_EQUALS = (
    b"=",
    b"=",
    b"=",
    b" =",
    b"= ",
    b" = ",
    b"\n=\f",
    b"==",
    b"= =",
    b"/=",
    b"=/",
    b"=\0",
    b"",
)
_INSIDE = (
    *(
        b"",
        b"en",
        b">",
        b"a>b",
        b"<head>",
        b"x=y",
        b"=",
        b"a b",
        b"/",
        b"<!--",
        b"-->",
        b"\0",
        b"\v",
    ),
    *(b"</html>", b"<script>", b"&quot;", b"&#62;", b"a\nb", b"\xc3\xa9", b"x=' y", b'x=" y'),
)
_BETWEEN = (b" ", b" ", b"\n", b"\t", b"\f", b"\r", b"/", b" / ", b"//", b"", b"\v", b"\0")
_TAG_NAMES = (b"html", b"HTML", b"HtMl", b"html\0", b"htmlx", b"html\v", b"ht", b"html<")
_HEAD_NAMES = (b"head", b"HEAD", b"head\0", b"header", b"he", b"body", b"title", b"frameset")
_RESTS = (
    *(b"<title>x</title></head><body><p>hi</body></html>", b"<meta charset=utf-8><p>hi", b""),
    *(
        b"<script>'<head>'</script><head a='>'>",
        b"text <head>",
        b"</head><body a='>'>",
        b"<a href='",
    ),
    *(b"<html b=\"'>\" c><head d><title>'</title>", b"<!-- ' --><body>", b"<base href=/ ><link>"),
    *(b"\"><p>'>", b"'>--><b>\">", b"<template><head></template>", b"<noscript><p></noscript>"),
)
_NUL_FIRST = re.compile(rb"<!---?\0+")
_ALPHABET = b"<>=/!-?'\" \t\n\r\f\v\0ah\xc3\xa9&;[]"


def cases(rng: Random) -> bytes:
    """Return one document, usually with an error that a parser recovers from."""
    parts = [
        rng.choice((b"", b"", b"", b"\xef\xbb\xbf", b"\xef\xbb")),
        _filling(rng),
        rng.choice(_DOCTYPES if rng.random() < 0.4 else (b"<!doctype html>",)),
        _filling(rng),
        _tag(rng, b"html", _TAG_NAMES) if rng.random() < 0.9 else b"",
        _filling(rng),
        _tag(rng, b"head", _HEAD_NAMES) if rng.random() < 0.8 else b"",
        rng.choice(_SPACES),
        rng.choice(_RESTS),
        rng.choice(_RESTS),
    ]
    if rng.random() < 0.1:
        del parts[2]
    page = b"".join(parts)
    return _mutated(rng, page) if rng.random() < 0.3 else page


def misplaced(page: bytes, tagged: bytes, tag: bytes) -> str:
    """Return what is wrong with the tag's position in `tagged`, "" if nothing is.

    `page` is the document without the tag; leaving it untagged is right. The elements of the tag
    must come first in the head, and without them both documents must parse to the same tree, except
    for comments, the head's own attributes, and white space in the head.
    """
    if tagged == page:
        return ""
    at = next((i for i, (a, b) in enumerate(zip(page, tagged, strict=False)) if a != b), len(page))
    # The bytes after the insertion point may begin as the tag does.
    starts = range(max(0, at - len(tag)), at + 1)
    if not any(page[:i] + tag + page[i:] == tagged for i in starts):
        return "something other than the tag was added or changed"
    expected = [_events(child) for child in _fragment(tag)]
    document = _parsed(tagged)
    head = document.find("html/head")
    assert head is not None, "html5lib always makes a head"
    if (head.text or "").strip():
        return "text stands before the tag"
    ours = list(head)[: len(expected)]
    if [_events(child) for child in ours] != expected:
        return "the tag is not what the head starts with"
    for child in ours:
        head.remove(child)
    was, now = _events(_parsed(page)), _events(document)
    if was != now:
        differs = next((pair for pair in zip(was, now, strict=False) if pair[0] != pair[1]), None)
        return f"the rest is parsed otherwise: {differs or (len(was), len(now))}"
    return ""


def _tag(rng: Random, usual: bytes, names: tuple[bytes, ...]) -> bytes:
    name = rng.choice(names) if rng.random() < 0.15 else usual
    attributes = b"".join(_attribute(rng) for _ in range(rng.choice((0, 1, 1, 2, 3, 5))))
    ends = (b">", b">", b">", b">", b"/>", b" / >", b" =>", b"", b" '>", b' =">')
    return b"<" + name + attributes + rng.choice(ends)


def _attribute(rng: Random) -> bytes:
    between, name = rng.choice(_BETWEEN), rng.choice(_NAMES)
    if rng.random() < 0.2:
        return between + name
    inside, quote = rng.choice(_INSIDE), rng.choice((b'"', b"'", b'"', b"'", b"", b"`"))
    close = quote if rng.random() < 0.95 else b""
    return between + name + rng.choice(_EQUALS) + quote + inside + close


def _filling(rng: Random) -> bytes:
    if rng.random() < 0.5:
        return b""
    kinds = (_SPACES, _SPACES, _COMMENTS, _COMMENTS, _BOGUS)
    return b"".join(rng.choice(rng.choice(kinds)) for _ in range(rng.randint(1, 3)))


def _mutated(rng: Random, page: bytes) -> bytes:
    changed = bytearray(page)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(changed) + 1)
        end = at + rng.choice((0, 1, 1, 3))
        changed[at:end] = bytes(rng.choice(_ALPHABET) for _ in range(rng.randint(0, 2)))
    return bytes(changed)


def _parsed(page: bytes) -> Any:
    # html5lib 1.1 stays in a comment's start state at a NUL, so that a following ">" ends it;
    # browsers follow the standard (13.2.5.43).
    page = _NUL_FIRST.sub(lambda found: found[0].replace(b"\0", b"x"), page)
    # Each byte is decoded as one character, so that only markup is compared.
    text = page.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    builder = html5lib.getTreeBuilder("etree", implementation=ElementTree, fullTree=True)
    return html5lib.HTMLParser(tree=builder, namespaceHTMLElements=False).parse(text)


def _fragment(tag: bytes) -> list[Any]:
    builder = html5lib.getTreeBuilder("etree", implementation=ElementTree)
    parser = html5lib.HTMLParser(tree=builder, namespaceHTMLElements=False)
    return list(parser.parseFragment(tag.decode(), container="head"))


def _events(element: Any) -> list[tuple[str, ...]]:
    """Return an element as a list of its starts, ends and texts, without comments."""
    joined: list[tuple[str, ...]] = []
    for event in _walk(element, in_head=False):
        if event[0] == "text" and joined and joined[-1][0] == "text":
            joined[-1] = ("text", joined[-1][1] + event[1])
        elif event != ("text", ""):
            joined.append(event)
    return joined


def _walk(element: Any, in_head: bool) -> Iterator[tuple[str, ...]]:
    if not isinstance(element.tag, str):
        return
    is_head = element.tag == "head"
    attributes = [] if is_head else sorted(map(str, element.attrib.items()))
    yield ("start", element.tag, *attributes)
    yield ("text", _text(element.text, is_head))
    for child in element:
        yield from _walk(child, is_head)
        yield ("text", _text(child.tail, is_head))
    yield ("end", element.tag)


def _text(text: str | None, in_head: bool) -> str:
    return "" if in_head and not (text or "").strip() else text or ""
