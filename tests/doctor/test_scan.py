"""Tests of detector.doctor.scan: the tags that the doctor reads, in bounded time."""

from __future__ import annotations

import time

import pytest

from detector.doctor.scan import MOST, Element, elements


def found(text: str) -> list[Element]:
    """Return all elements of a page."""
    return list(elements(text))


@pytest.mark.parametrize(
    ("tag", "attributes"),
    [
        ("<base href=/a/>", {"href": "/a/"}),
        ("<BASE HREF = '/a' >", {"href": "/a"}),
        ('<base/href="a>b"/>', {"href": "a>b"}),
        ("<base a b=1 a=2>", {"a": "", "b": "1"}),
        ("<base =x=1>", {"=x": "1"}),
        ("<base a==1 b>", {"a": "=1", "b": ""}),
        ("<base a= >", {"a": ""}),
        ('<base a="1"b=2>', {"a": "1", "b": "2"}),
        ("<base a='&amp;&#65;'>", {"a": "&A"}),
        ("<base a=\n'1\n2'>", {"a": "1\n2"}),
        ("<base>", {}),
    ],
)
def test_attributes(tag: str, attributes: dict[str, str]) -> None:
    """Attributes are read as the standard's tokenizer reads them."""
    assert [(one.name, one.attributes) for one in found(tag)] == [("base", attributes)]


@pytest.mark.parametrize(
    "before",
    [
        *(
            "<!-- <base> -->",
            "<!--><i>",
            "<!---><i>",
            "<!-- --!>",
            "<!--!><base>-->",
            "<!doctype html>",
            "<?php x ?>",
        ),
        *(
            "<![CDATA[x]]>",
            "</>",
            "</ base>",
            "< base>",
            "<",
            "<a title='<base>'>",
            "</a b='<base>'>",
        ),
        *("<title><base></title>", "<textarea><base></TEXTAREA>", "<noscript><base></noscript>"),
        *("<style><base></styles><base></style>", "<![if ", "<p x=>", "é"),
    ],
)
def test_what_is_no_tag_of_these(before: str) -> None:
    """Comments, quoted values and raw text contain no tags; tags after them are found."""
    text = before + ">" * before.startswith("<![if") + "<base>"
    assert [(one.name, one.at) for one in found(text)] == [("base", len(text) - 6)]


def test_text_of_scripts() -> None:
    """A script has its text up to the end tag, and contains no tags."""
    one, two = found("<script>'<base>' </scripts></script\n><meta a>")
    assert (one.name, one.text) == ("script", "'<base>' </scripts>")
    assert (two.name, two.attributes) == ("meta", {"a": ""})


@pytest.mark.parametrize(
    "end", ["<base href='", "<base href", "<base", "<!-- ", "<!doctype", "</a"]
)
def test_what_is_cut_off(end: str) -> None:
    """A tag cut off by the page's end is ignored; tags before it are found."""
    assert [one.name for one in found("<meta>" + end + "<meta"[:0])] == ["meta"]


@pytest.mark.parametrize(
    "part",
    [
        *(
            "<![if ",
            "<!",
            "<!--",
            "<",
            "<a ",
            "<a",
            "<a>",
            "<base>",
            "<meta a",
            "<base a='",
            "</",
            "&",
        ),
        *(
            "<script>",
            "</script",
            "<script><!--",
            "<title>",
            "<title></title ",
            "<base a=",
            " ",
            "=",
        ),
        *(
            "<meta \n\n\n\n\n\n\n\n\n\n\n\n\n\n",
            "<meta a='&#1111111111111111'>",
            "<?",
            "a=b ",
            "<b a a a",
        ),
    ],
)
def test_time_grows_with_the_length_only(part: str) -> None:
    """Any 10 MB are read in seconds; html.parser took 100 s for some."""
    text = "<base>" + part * (10 * 2**20 // len(part))
    started = time.process_time()
    first, *_ = elements(text)
    assert time.process_time() - started < 20
    assert (first.name, first.at) == ("base", 0)


def test_long_numbers_are_no_error() -> None:
    """A character reference with more digits than Python converts is unchanged."""
    assert found(f"<meta a='&#{'1' * 5000};'>")[0].attributes["a"].startswith("&#111")


def test_what_stands_far_behind_is_not_read() -> None:
    """Of an endless page only the beginning is read."""
    assert found("<base>" + " " * MOST + "<base>") == found("<base>")
