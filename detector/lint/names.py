"""A name that a file contains: a class, an id, or the address of something that a page loads."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["class", "id", "script", "stylesheet", "image", "media", "fetch", "subdocument"]
"""A class or id, else the type of a request."""

Use = Literal["markup", "style", "code", "file"]
"""Where a name stands: in an element of a page, a style sheet, a script, or a file's own path."""

TYPES: dict[str, Kind] = {
    **dict.fromkeys(("js", "mjs"), "script"),
    "css": "stylesheet",
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "ico", "bmp"), "image"),
    **dict.fromkeys(("mp4", "webm", "mp3", "ogg", "wav", "m4a"), "media"),
    **dict.fromkeys(("json", "xml", "txt"), "fetch"),
}
"""The type of request by which a page mostly loads a file with this ending."""

PARTIAL = "\0"
"""Stands for each letter of a template's expression: a name that contains it is unknown."""


@dataclass(frozen=True, slots=True)
class Name:
    """One use of a name; `line` and `column` are from 1."""

    text: str
    kind: Kind
    use: Use
    line: int
    column: int

    @property
    def is_element(self) -> bool:
        """Whether it names an element, and not an address."""
        return self.kind in ("class", "id")


class Places:
    """Line and column of an offset in a text."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def name(self, text: str, kind: Kind, use: Use, offset: int) -> Name:
        """Return a name that begins at an offset."""
        line = bisect_right(self._starts, offset)
        return Name(text, kind, use, line, offset - self._starts[line - 1] + 1)


Spotted = Iterator[tuple[str, Kind, int]]
"""Names as scanners yield them: text, kind, offset."""

_WORD = re.compile(r"[^\s]+")
_ELEMENT = re.compile(r"-?[A-Za-z_][\w-]*", re.ASCII)


def words(value: str, kind: Kind, offset: int) -> Spotted:
    """Yield the complete names in the value of a class or id attribute."""
    for found in _WORD.finditer(value):
        if _ELEMENT.fullmatch(found[0]):
            yield found[0], kind, offset + found.start()


def address(value: str, kind: Kind, offset: int) -> Spotted:
    """Yield an address, unless a template makes part of it or it loads nothing."""
    text = value.strip()
    if not text or PARTIAL in text or re.match(r"(?!https?:)[a-z][a-z0-9+.-]*:|#", text, re.I):
        return
    yield text, kind, offset + len(value) - len(value.lstrip())


def type_of(path: str) -> Kind | None:
    """Return the type of request that a path's ending belongs to."""
    return TYPES.get(re.split(r"[?#]", path, maxsplit=1)[0].rpartition(".")[2].lower())


def blank(text: str) -> str:
    """Return spaces for a text, with its line ends, so that offsets behind it stay as they are."""
    return re.sub(r"[^\n]", " ", text)
