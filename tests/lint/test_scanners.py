"""Which names are found in markup, templates, style sheets and scripts, and which are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.lint.files import scan

MARKUP = {
    "a class and an id": ('<p class="one two" id="three">', {"one", "two", "three"}),
    "no quotes": ("<p class=one id=three>", {"one", "three"}),
    "single quotes and capitals": ("<P CLASS='one'>", {"one"}),
    "both branches": ('<p class="{% if x %}one{% else %}two{% endif %}">', {"one", "two"}),
    "an expression beside a name": ('<p class="one {{ two }}">', {"one"}),
    "an expression within a name": ('<p class="ad-{{ size }} one">', {"one"}),
    "PHP": ('<p class="one <?php if ($x) { ?>two<?php } ?>">', {"one", "two"}),
    "PHP within a name": ('<p id="ad-<?= $n ?>">', set()),
    "an HTML comment": ('<!-- <p class="one"> --><p class="two">', {"two"}),
    "a Jinja comment": ('{# <p class="one"> #}', set()),
    "a Django comment": ('{% comment %}<p class="one">{% endcomment %}', set()),
    "a greater-than sign in an attribute": ('<p title="a > b" class="one">', {"one"}),
    "a script": ('<script src="/a.js"></script>', {"/a.js"}),
    "pictures": (
        '<img src="/a.png" srcset="/b.png 2x, /c.png 640w" data-src="d.png">',
        {"/a.png", "/b.png", "/c.png", "d.png"},
    ),
    "a style sheet": ('<link rel="stylesheet" href="/a.css">', {"/a.css"}),
    "what a link only refers to": ('<link rel="canonical" href="/ads/">', set()),
    "a preloaded script": ('<link rel=preload as=script href="/a.js">', {"/a.js"}),
    "where a reader may go": ('<a href="/ads/">', set()),
    "an address with an expression": ('<img src="{{ STATIC }}/a.png">', set()),
    "what is part of the page": ('<img src="data:image/png;base64,AA/ads/">', set()),
    "a style attribute": ("<p style=\"background: url('/a.png')\">", {"/a.png"}),
    "a script in the page": ('<script>x.className = "one"</script>', {"one"}),
    "data in the page": ('<script type="application/json">{"a": "/x/a.js"}</script>', set()),
    "a style in the page": ("<style>.one { color: red }</style>", {"one"}),
    "markup in a script is no markup": ("<script>var a = '<p title=x>'</script>", set()),
    "text": ("class = one", set()),
}
STYLE = {
    "a class and an id": (".one #two > p.three:hover {}", {"one", "two", "three"}),
    "numbers and colours": ("p { margin: .5em; color: #fff0ad }", set()),
    "a comment": ("/* .one {} */ .two {}", {"two"}),
    "a text": ('p::after { content: ".one {" }', set()),
    "at-rules": ("@media (min-width: 1.5em) { .one {} }", {"one"}),
    "an escaped name": (r".md\:two {}", {"md:two"}),
    "addresses": ("p { background: url(a.png) } @import 'b.css';", {"a.png", "b.css"}),
    "a font": ("@font-face { src: url(a.woff2) }", {"a.woff2"}),
}
CODE = {
    "className": ("a.className = 'one two'", {"one", "two"}),
    "a comparison": ("if (a.className == 'one') {}", set()),
    "JSX": ('<p className="one">', {"one"}),
    "classList": ("a.classList.add('one', \"two\")", {"one", "two"}),
    "what is taken away": ("a.classList.remove('one')", set()),
    "jQuery": ("$(a).addClass('one').removeClass('two')", {"one"}),
    "an id": ("document.getElementById('one')", {"one"}),
    "setAttribute": ("a.setAttribute('class', 'one'); b.setAttribute('id', `two`)", {"one", "two"}),
    "markup": ("""a.innerHTML = '<p class="one">' + "<p id=\\"two\\">" """, {"one", "two"}),
    "an expression in a template": ("a.className = `ad-${size}`", set()),
    "paths": ("load('/x/a.js'); load('b/c.png')", {"/x/a.js", "b/c.png"}),
    "a word with an ending": ("load('a.js')", set()),
    "a text with a slash": ("say('and/or')", set()),
    "comments": ("// a.className = 'one'\n/* load('/x/a.js') */", set()),
    "an address is no comment": ("load('https://a.example/x/a.js')", {"https://a.example/x/a.js"}),
}


@pytest.mark.parametrize("case", MARKUP)
def test_markup(case: str) -> None:
    """Pages and templates: elements and what they load, without what a template fills in."""
    text, wanted = MARKUP[case]
    assert {name.text for name in scan(text, "markup")} == wanted


@pytest.mark.parametrize("case", STYLE)
def test_style(case: str) -> None:
    """Style sheets: names of selectors, and addresses."""
    text, wanted = STYLE[case]
    assert {name.text for name in scan(text, "style")} == wanted


@pytest.mark.parametrize("case", CODE)
def test_code(case: str) -> None:
    """Scripts: what gives an element a name, and paths of files."""
    text, wanted = CODE[case]
    assert {name.text for name in scan(text, "code")} == wanted


def test_nested_style_sheets_have_comments_of_one_line() -> None:
    """SCSS and Less, but not CSS, end a comment at the line's end."""
    text = "// .one {\n.two { &.three {} }"
    assert {name.text for name in scan(text, "style", ".scss")} == {"two", "three"}
    assert "one" in {name.text for name in scan(text, "style", ".css")}


def test_places() -> None:
    """Line and column are those of the name itself, from 1, in the order of the text."""
    text = 'é <p\n  class="one two"\n  id=three><script>\n  x.className = "four"</script>'
    found = [(name.text, name.line, name.column) for name in scan(text, "markup")]
    assert found == [("one", 2, 10), ("two", 2, 14), ("three", 3, 6), ("four", 4, 18)]


def test_comments_exclude_lines() -> None:
    """A comment excludes its line; alone on a line the next one too; or the whole file."""
    text = (
        '<p class="one"> <!-- detector: ignore -->\n'
        "<!-- detector: ignore -->\n"
        '<p class="two">\n<p class="three">'
    )
    assert [name.text for name in scan(text, "markup")] == ["three"]
    assert scan("/* detector: ignore-file */\n.one {}", "style") == ()
    jinja = '{# detector: ignore #}\n<p class="two"><p class="one">\n<p id="three">'
    assert [name.text for name in scan(jinja, "markup")] == ["three"]


@given(st.text(alphabet="<>\"'=/*{}%#.`$\\ \nabc-:()!?", max_size=300))
def test_any_text_is_read(text: str) -> None:
    """No text makes a scanner fail, and every name stands where it is said to."""
    lines = text.split("\n")
    for use in ("markup", "style", "code"):
        for name in scan(text, use):
            assert lines[name.line - 1][name.column - 1 :]


@pytest.mark.parametrize("use", ["markup", "style", "code"])
@pytest.mark.parametrize(
    "unit", ["<a ", '<a "', "{%", "<!--", "url(", "/*", "className=", "`${", "<style>", ".a\\"]
)
def test_hostile_texts_end(use: str, unit: str) -> None:
    """A text made to be slow is read in time proportional to its length, or nearly so."""
    scan(unit * (60_000 // len(unit)), use)  # type: ignore[arg-type]
