"""Reads a page that has arrived: our tags in it, its other scripts, its own policies.

The page's bytes are read as latin-1, in which every byte is one character: positions then agree
with those that `detector.page` works with.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from detector.doctor.web import Answer
from detector.names import ALPHABET, is_foreign
from detector.page.place import find
from detector.page.preload import Preload

_SRC = re.compile(rf"(?P<mount>.*)/(?P<prefix>[{ALPHABET}]{{8}})/(?P<file>[{ALPHABET}]{{14}})\.js")
# What keeps Cloudflare's Rocket Loader from holding a script back.
NOT_HELD = "data-cfasync"
_JAVASCRIPT = ("", "text/javascript", "application/javascript", "application/x-javascript")

Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Element:
    """A `<script>`, `<base>` or `<meta>`: where it stands, and a script's own text."""

    name: str
    at: int
    attributes: Attributes
    text: str = ""

    @property
    def runs(self) -> bool:
        """Say whether a browser takes the element for a script."""
        return self.attributes.get("type", "").strip().lower() in _JAVASCRIPT


@dataclass(frozen=True, slots=True)
class Tag:
    """Our tag: its script's address, and what the address says.

    `mount` is the path before the `prefix`, `detect` the name of detect.js without its ending.
    """

    element: Element
    url: str
    mount: str
    prefix: str
    file: str
    detect: str

    @property
    def folder(self) -> str:
        """Give the path that all our URLs lie below."""
        return f"{self.mount}/{self.prefix}/"

    @property
    def nonce(self) -> str:
        """Give the tag's nonce, or nothing."""
        return self.element.attributes.get("nonce", "")

    @property
    def token(self) -> str:
        """Give the token of the page's group, which the script sends on."""
        values = [
            value
            for name, value in self.element.attributes.items()
            if name.startswith("data-") and name != NOT_HELD
        ]
        return values[0] if values else ""


@dataclass
class Page:
    """A page: how it was come to, and what it brought."""

    asked: str
    answer: Answer
    hops: tuple[str, ...] = ()
    tags: list[Tag] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Find our tags."""
        self.tags = [tag for one in self.elements if (tag := _tag(one, self.answer.url))]

    @cached_property
    def elements(self) -> list[Element]:
        """Give scripts, bases and metas in their order."""
        reader = _Reader(self.answer.body.decode("latin-1"))
        return reader.found

    @property
    def place(self) -> int:
        """Give the offset at which the tag belongs; negative when the page is no whole document."""
        return find(self.answer.body, complete=True)

    @property
    def policies(self) -> list[str]:
        """Give the policies that the page itself holds."""
        return [
            one.attributes.get("content", "")
            for one in self.elements
            if one.name == "meta"
            and one.attributes.get("http-equiv", "").lower() == "content-security-policy"
        ]


def _tag(element: Element, page: str) -> Tag | None:
    src = element.attributes.get("src", "")
    if element.name != "script" or not src:
        return None
    try:
        url = urljoin(page, src.strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    found = _SRC.fullmatch(parts.path)
    if not found or not is_foreign(f"/{found['prefix']}/"):
        return None
    preload = Preload.read(parts.query)
    if parts.query and not preload:
        return None
    detect = preload.detect if preload else found["file"]
    return Tag(element, url, found["mount"], found["prefix"], found["file"], detect)


class _Reader(HTMLParser):
    """Collects scripts, bases and metas; a page that it cannot read gives what came before."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[Element] = []
        self._text = text
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self._script: list[str] | None = None
        with suppress(AssertionError):  # Python's parser has no other word for odd declarations
            self.feed(text)
            self.close()

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take one."""
        if tag in ("script", "base", "meta"):
            # The first of two attributes of a name counts (HTML 13.2.5.33).
            attributes = {name: value or "" for name, value in reversed(attrs)}
            self.found.append(Element(tag, self._at(), attributes))
            self._script = [] if tag == "script" else None

    def handle_data(self, data: str) -> None:
        """Take a part of a script's text."""
        if self._script is not None:
            self._script.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Put a script's text to its element."""
        if tag == "script" and self._script is not None:
            last = self.found[-1]
            self.found[-1] = Element(last.name, last.at, last.attributes, "".join(self._script))
            self._script = None
