"""Names in scripts, by their text: what gives an element a class or id, and addresses of files.

A script is not run, so a name that it puts together from parts is not seen.
"""

from __future__ import annotations

import re

from detector.lint.names import Kind, Spotted, address, blank, type_of, words

_STRING = re.compile(
    r"\"((?:[^\"\\\n]|\\.){0,400}+)\"|'((?:[^'\\\n]|\\.){0,400}+)'|`((?:[^`\\$]|\\.){0,400}+)`"
)
_COMMENTS = (
    re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL),
    re.compile(r"(?m)(?:^|(?<=[\s;{}]))//[^\n]*"),
)
# What is followed by a text, or by several, that become a class or id.
_GIVES: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (re.compile(r"\bclassName\s*+(?:=(?!=)|:)\s*+\{?\s*+"), "class"),
    (re.compile(r"\bclassList\s*+\.\s*+(?:add|toggle|replace)\s*+\(\s*+"), "class"),
    (re.compile(r"\.(?:addClass|toggleClass)\s*+\(\s*+"), "class"),
    (re.compile(r"\bsetAttribute\s*+\(\s*+[\"']class[\"']\s*+,\s*+"), "class"),
    (re.compile(r"\bsetAttribute\s*+\(\s*+[\"']id[\"']\s*+,\s*+"), "id"),
    (re.compile(r"\bgetElementById\s*+\(\s*+"), "id"),
)
_COMMA = re.compile(r"\s*+,\s*+")
# Markup in a text of the script; its quotes may be escaped.
_MARKUP = re.compile(
    r"<[a-z][^<>\n]{0,400}?\s(class|id)=\\?([\"'])([^\"'\\<>\n$]{1,200})\\?\2", re.I
)
_PATH = re.compile(
    r"(?:https?:)?(?://|\.{0,2}/)?[\w.@%~+-]+(?:/[\w.@%~+-]+)*\.[a-z0-9]{2,5}(?:\?[^\s<>]*)?", re.I
)


def names(text: str, offset: int = 0) -> Spotted:
    """Yield the names of a script."""
    for comment in _COMMENTS:
        text = comment.sub(lambda found: blank(found[0]), text)
    for pattern, kind in _GIVES:
        for found in pattern.finditer(text):
            yield from _given(text, found.end(), kind, offset)
    for found in _MARKUP.finditer(text):
        of: Kind = "class" if found[1].lower() == "class" else "id"
        yield from words(found[3], of, offset + found.start(3))
    for found in _STRING.finditer(text):
        number = found.lastindex or 0
        value = found[number] or ""
        if "/" in value and _PATH.fullmatch(value) and (loads := type_of(value)):
            yield from address(value, loads, offset + found.start(number))


def _given(text: str, at: int, kind: Kind, offset: int) -> Spotted:
    """Yield the names in the texts that begin here, with commas between them."""
    while found := _STRING.match(text, at):
        number = found.lastindex or 0
        yield from words(found[number] or "", kind, offset + found.start(number))
        more = _COMMA.match(text, found.end())
        if not more or kind == "id":
            return
        at = more.end()
