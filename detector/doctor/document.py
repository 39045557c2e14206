"""Parses a page that has arrived: our tags in it, its other scripts, its own policies.

The page's bytes are read as latin-1, in which every byte is one character: positions then agree
with those that `detector.core.html` works with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from detector.core.html.insertion_point import find
from detector.core.html.preload import Preload
from detector.core.served_names import ALPHABET, is_foreign
from detector.doctor.scan import Element, elements
from detector.doctor.web import Answer

_SRC = re.compile(rf"(?P<mount>.*)/(?P<prefix>[{ALPHABET}]{{8}})/(?P<file>[{ALPHABET}]{{14}})\.js")
# What keeps Cloudflare's Rocket Loader from holding a script back.
NOT_HELD = "data-cfasync"


@dataclass(frozen=True, slots=True)
class Tag:
    """Our tag: its script's address, and the parts of that address.

    `mount` is the path before the `prefix`, `detect` the name of detect.js without its extension.
    """

    element: Element
    url: str
    mount: str
    prefix: str
    file: str
    detect: str

    @property
    def folder(self) -> str:
        """Return the path that all our URLs are below."""
        return f"{self.mount}/{self.prefix}/"

    @property
    def nonce(self) -> str:
        """Return the tag's nonce, or an empty string."""
        return self.element.attributes.get("nonce", "")

    @property
    def token(self) -> str:
        """Return the token of the page's group, which the script sends on."""
        values = [
            value
            for name, value in self.element.attributes.items()
            if name.startswith("data-") and name != NOT_HELD
        ]
        return values[0] if values else ""


@dataclass
class Page:
    """A page: how it was reached, and what it returned.

    `barred` says why a redirect of it was not followed.
    """

    asked: str
    answer: Answer
    hops: tuple[str, ...] = ()
    barred: str = ""
    tags: list[Tag] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Find our tags."""
        self.tags = [tag for one in self.elements if (tag := _tag(one, self.answer.url))]

    @cached_property
    def elements(self) -> list[Element]:
        """Return scripts, bases and metas in document order."""
        return list(elements(self.answer.body.decode("latin-1")))

    @property
    def place(self) -> int:
        """Return the offset where the tag belongs; negative when it is not a whole document."""
        return find(self.answer.body, complete=True)

    @property
    def policies(self) -> list[str]:
        """Return the policies in the page's own `<meta>` elements."""
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
