"""Finds `<script>`, `<base>` and `<meta>` in a page in one pass of linear time.

Python's html.parser searches for the end of each `<![if ` anew: 100 s on 10 MB of them. The states
are those of the HTML standard's tokenizer (13.2.5) for a browser that runs scripts; a
`<!-- <script>` within a script's text is not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

Attributes = dict[str, str]
# The head of every page is within; the rest is not read, so that no page takes longer than about
# two seconds.
MOST = 2 * 2**20
# Longer values are not unescaped; Python refuses to parse a number of over 4,300 digits.
_LONGEST = 4096
_WANTED = ("script", "base", "meta")
# Their text contains no tags (13.2.6.4), that of noscript where scripts run.
_RAW = ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript")
_JAVASCRIPT = ("", "text/javascript", "application/javascript", "application/x-javascript")

_OPENS, _CLOSES = re.compile("<[a-zA-Z]"), re.compile("</[a-zA-Z]")
_NAME = re.compile(r"[^\t\n\f\r />]*")
_BETWEEN = re.compile(r"[\t\n\f\r /]*")
_ATTRIBUTE = re.compile(r"=?[^\t\n\f\r />=]*")
_EQUALS = re.compile(r"[\t\n\f\r ]*=[\t\n\f\r ]*")
_BARE = re.compile(r"[^\t\n\f\r >]*")
_NO_COMMENT = re.compile("<!---?>")
_COMMENT_ENDS = re.compile(r"--!?>")
_RAW_ENDS = {name: re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE) for name in _RAW}


@dataclass(frozen=True, slots=True)
class Element:
    """A `<script>`, `<base>` or `<meta>`: its offset, and a script's own text."""

    name: str
    at: int
    attributes: Attributes
    text: str = ""

    @property
    def runs(self) -> bool:
        """Whether a browser treats the element as a script."""
        return self.attributes.get("type", "").strip().lower() in _JAVASCRIPT


def elements(text: str) -> Iterator[Element]:
    """Yield the elements of a page in order; one cut off at the end is left out."""
    at, text = 0, text[:MOST]
    while at >= 0:
        start = text.find("<", at)
        if start < 0:
            return
        if _OPENS.match(text, start):
            name, attributes, at = _tag(text, start + 1)
            begins = at
            if at >= 0 and name in _RAW:
                ends = _RAW_ENDS[name].search(text, at)
                at = ends.start() if ends else len(text)
            if at >= 0 and name in _WANTED:
                yield Element(name, start, attributes, text[begins:at] * (name == "script"))
        elif _CLOSES.match(text, start):
            at = _tag(text, start + 2)[2]
        elif text.startswith(("<!", "<?", "</"), start):
            at = _declaration_ends(text, start)
        else:
            at = start + 1


def _declaration_ends(text: str, start: int) -> int:
    """Return the end of a comment, or of what browsers parse as one; negative if there is none.

    `<!doctype …>` ends at its first `>` too.
    """
    if text.startswith("<!--", start):
        found = _NO_COMMENT.match(text, start) or _COMMENT_ENDS.search(text, start + 4)
        return found.end() if found else -1
    return text.find(">", start) + 1 or -1


def _tag(text: str, at: int) -> tuple[str, Attributes, int]:
    """Parse a tag from its name on; the end is negative if the page ends within it."""
    matched = _NAME.match(text, at)
    assert matched
    name, at = matched[0].lower(), matched.end()
    attributes: Attributes = {}
    wanted = name in _WANTED
    while True:
        at = _end(_BETWEEN, text, at)
        if at >= len(text):
            return name, attributes, -1
        if text[at] == ">":
            return name, attributes, at + 1
        begins, at = at, _end(_ATTRIBUTE, text, at)
        key = text[begins:at].lower() if wanted else ""
        value, at = _value(text, at)
        if at < 0:
            return name, attributes, -1
        if wanted:
            # The first of two attributes with the same name counts (13.2.5.33).
            attributes.setdefault(key, unescape(value) if len(value) < _LONGEST else value)


def _value(text: str, at: int) -> tuple[str, int]:
    """Parse the value after an attribute's name; return it and where it ends."""
    equals = _EQUALS.match(text, at)
    if not equals:
        return "", at
    at = equals.end()
    quote = text[at : at + 1]
    if quote in ("'", '"'):
        ends = text.find(quote, at + 1)
        return text[at + 1 : ends], ends + 1 if ends >= 0 else -1
    ends = _end(_BARE, text, at)
    return text[at:ends], ends


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return the end of a pattern that always matches, possibly nothing."""
    matched = pattern.match(text, at)
    assert matched
    return matched.end()
