"""Names in HTML and in templates that make it (Jinja, Django, Twig, Vue and the like), by text.

A template is not rendered: its expressions are unknown, and all branches of its conditions count.
"""

from __future__ import annotations

import re

from detector.lint import css, js
from detector.lint.names import PARTIAL, Kind, Spotted, address, blank, type_of, words

# Bounded, or to the text's end where the end is missing: else each start would read all the rest.
_COMMENT = re.compile(
    r"<!--.*?(?:-->|\Z)|\{#.{0,5000}?#\}|\{%-?\s*+comment\b.{0,5000}?endcomment\s*+-?%\}", re.DOTALL
)
_VALUE = re.compile(
    r"\{\{.{0,1000}?\}\}|<\?=.{0,1000}?\?>|<%=.{0,1000}?%>|\$\{[^{}]{0,1000}+\}", re.DOTALL
)
_STATEMENT = re.compile(r"\{%.{0,2000}?%\}|<\?(?:php)?\b.*?(?:\?>|\Z)|<%.{0,2000}?%>", re.DOTALL)
_REST = r"(?:[^<>\"']++|\"[^\"]{0,9999}+\"|'[^']{0,9999}+')*+"
_TAG = re.compile(rf"<([A-Za-z][\w:-]*+)({_REST})>")
_ATTRIBUTE = re.compile(r"([^\s=\"'<>/]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'=<>`]++))")
_CONTENT = re.compile(
    rf"(<(script|style)\b{_REST}>)(.*?)(?:</\2\s*+>|\Z)", re.IGNORECASE | re.DOTALL
)
_CANDIDATE = re.compile(r"[^\s,]\S*")
_SOURCES: dict[str, Kind] = {
    **{"script": "script", "img": "image", "image": "image", "input": "image"},
    **{"iframe": "subdocument", "frame": "subdocument", "embed": "subdocument"},
    **{"video": "media", "audio": "media", "track": "media", "source": "media"},
}
_PRELOADS: dict[str, Kind] = {"script": "script", "style": "stylesheet", "image": "image"}


def names(text: str) -> Spotted:
    """Yield the names of a page or template."""
    text = _COMMENT.sub(lambda found: blank(found[0]), text)
    text = _VALUE.sub(lambda found: re.sub(r"[^\n]", PARTIAL, found[0]), text)
    text = _STATEMENT.sub(lambda found: blank(found[0]), text)
    for found in _CONTENT.finditer(text):
        if found[2].lower() == "style":
            yield from css.names(found[3], found.start(3))
        elif not re.search(r"type=.?[\w/+.-]*json", found[1], re.IGNORECASE):
            yield from js.names(found[3], found.start(3))
    text = _CONTENT.sub(lambda found: found[1] + blank(found[0][len(found[1]) :]), text)
    for tag in _TAG.finditer(text):
        yield from _tag(tag[1].lower(), tag[2], tag.start(2))


def _tag(tag: str, text: str, start: int) -> Spotted:
    attributes = {one[1].lower(): one for one in _ATTRIBUTE.finditer(text)}
    given = {name: one[one.lastindex or 0] for name, one in attributes.items()}
    for name, one in attributes.items():
        value, offset = given[name], start + one.start(one.lastindex or 0)
        if name == "class" or name == "id":
            yield from words(value, "class" if name == "class" else "id", offset)
        elif name == "style":
            yield from css.urls(value, offset)
        elif name in ("srcset", "data-srcset", "imagesrcset"):
            yield from _candidates(value, offset)
        elif kind := _loaded(tag, name, given):
            yield from address(value, kind, offset)


def _candidates(value: str, offset: int) -> Spotted:
    """Yield the addresses of a srcset, without their widths and densities."""
    for found in _CANDIDATE.finditer(value):
        if not re.fullmatch(r"[\d.]+[wxh],?", found[0]):
            yield from address(found[0].rstrip(","), "image", offset + found.start())


def _loaded(tag: str, name: str, given: dict[str, str]) -> Kind | None:
    """Return the type of what an attribute loads; None for one that loads nothing."""
    if name == "poster":
        return "image"
    if name in ("src", "data-src", "xlink:href"):
        return _SOURCES.get(tag)
    if tag == "object" and name == "data":
        return "subdocument"
    if tag != "link" or name != "href":
        return None
    rel = given.get("rel", "").lower().split()
    if "stylesheet" in rel:
        return "stylesheet"
    if "modulepreload" in rel:
        return "script"
    if "preload" in rel or "prefetch" in rel:
        return _PRELOADS.get(given.get("as", "").lower()) or type_of(given["href"])
    return "image" if "icon" in rel else None
