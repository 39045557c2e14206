"""Names in style sheets (CSS, SCSS, Less): classes and ids of selectors, and url()."""

from __future__ import annotations

import re

from detector.lint.names import Kind, Spotted, address, blank, type_of

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_LINE_COMMENT = re.compile(r"(?m)(?:^|(?<=[\s;{}]))//[^\n]*")
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'")
_URL = re.compile(r"url\(\s*+(?:\"([^\"\n]*+)\"|'([^'\n]*+)'|([^\s\"'()]++))\s*+\)", re.IGNORECASE)
_IMPORT = re.compile(r"@import\s++(?:\"([^\"\n]*+)\"|'([^'\n]*+)')", re.IGNORECASE)
_SIGN = re.compile(r"[{};]")
_NAME = re.compile(r"([.#])(-?(?:[A-Za-z_]|\\.)(?:[\w-]|\\.)*+)", re.ASCII)


def names(text: str, offset: int = 0, nested: bool = False) -> Spotted:
    """Yield the names of a style sheet; `nested` is for languages with comments of one line."""
    text = _COMMENT.sub(lambda found: blank(found[0]), text)
    if nested:
        text = _LINE_COMMENT.sub(lambda found: blank(found[0]), text)
    yield from urls(text, offset)
    bare = _URL.sub(lambda found: blank(found[0]), text)
    bare = _STRING.sub(lambda found: blank(found[0]), bare)
    start = 0
    for sign in _SIGN.finditer(bare):
        selector, at, start = bare[start : sign.start()], start, sign.end()
        if sign[0] != "{" or selector.lstrip().startswith("@"):
            continue
        for found in _NAME.finditer(selector):
            kind: Kind = "class" if found[1] == "." else "id"
            yield re.sub(r"\\(.)", r"\1", found[2]), kind, offset + at + found.start()


def urls(text: str, offset: int = 0) -> Spotted:
    """Yield what a style sheet or a style attribute loads."""
    for pattern in (_URL, _IMPORT):
        otherwise: Kind = "image" if pattern is _URL else "stylesheet"
        for found in pattern.finditer(text):
            number = found.lastindex or 0
            value = found[number] or ""
            yield from address(value, type_of(value) or otherwise, offset + found.start(number))
