"""What the doctor reads in a page: our tag and whatever may stand in its way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from detector.names import ALPHABET, is_foreign
from detector.page.tag import INLINE

_OPTED = re.compile(rf"([{ALPHABET}]{{14}})\.[0-9]+\.[01]")
_WORKER = re.compile(r"serviceWorker\s*\.\s*register\s*\(")


@dataclass(frozen=True, slots=True)
class Tag:
    """Our tag as it stands in a page; `src` as written.

    `before` names what stands before it: script, base, and meta where it holds a policy.
    """

    src: str
    nonce: str
    token: str
    at: int
    inline: bool
    inline_nonce: str
    before: tuple[str, ...]

    @property
    def file(self) -> str:
        """Give the name of detect.js without its ending, behind front.js too."""
        parts = urlsplit(self.src)
        opted = _OPTED.fullmatch(parts.query)
        return opted[1] if opted else parts.path.rpartition("/")[2].removesuffix(".js")

    @property
    def opted(self) -> bool:
        """Say whether front.js stands before detect.js."""
        return bool(urlsplit(self.src).query)

    def folder(self, page: str) -> str:
        """Give the address of the folder that all of our URLs lie in."""
        return urljoin(urljoin(page, self.src), ".")


@dataclass(slots=True)
class Document:
    """One page as it was read."""

    text: str
    tags: list[Tag] = field(default_factory=list)
    base: str = ""
    policies: list[str] = field(default_factory=list)
    worker: bool = False


def read(body: bytes) -> Document:
    """Read a page; latin-1 keeps every offset, and all that is looked for is ASCII."""
    text = body.decode("latin-1")
    document = Document(text, worker=bool(_WORKER.search(text)))
    reader = _Reader(document)
    reader.feed(text)
    reader.close()
    return document


def is_ours(src: str) -> bool:
    """Say whether an address has the form of our script's, whatever secret made it."""
    try:
        folders, _, file = urlsplit(src).path.rpartition("/")
    except ValueError:
        return False
    prefix = folders.rpartition("/")[2]
    return is_foreign(f"/{prefix}/") and bool(re.fullmatch(rf"[{ALPHABET}]{{14}}\.js", file))


class _Reader(HTMLParser):
    """Notes what stands before our tag, and the tag itself."""

    def __init__(self, document: Document) -> None:
        super().__init__(convert_charrefs=True)
        self._document = document
        self._lines = [0]
        at = document.text.find("\n")
        while at >= 0:
            self._lines.append(at + 1)
            at = document.text.find("\n", at + 1)
        self._before: list[str] = []
        # The script element that is open: where, with which nonce, and its text.
        self._open: tuple[int, str] | None = None
        self._text = ""
        self._inline: tuple[int, str] | None = None

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in reversed(attrs)}
        if tag == "script":
            self._script(given)
        elif tag == "base" and "href" in given and not self._document.base:
            self._document.base = given["href"]
            self._before.append(tag)
        elif tag == "meta" and given.get("http-equiv", "").lower() == "content-security-policy":
            self._document.policies.append(given.get("content", ""))
            self._before.append(tag)

    def _script(self, given: dict[str, str]) -> None:
        src = given.get("src", "")
        if not is_ours(src):
            self._open = (self._at(), given.get("nonce", "")) if "src" not in given else None
            self._text = ""
            self._before.append("script")
            return
        inline, self._inline = self._inline, None
        # The inline line has been noted as a script before the tag; it is a part of it.
        before = self._before[:-1] if inline else self._before
        token = next((value for name, value in given.items() if name.startswith("data-")), "")
        at, nonce = inline or (self._at(), "")
        found = Tag(
            src, given.get("nonce", ""), token, at, inline is not None, nonce, tuple(before)
        )
        self._document.tags.append(found)
        self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._open is not None:
            self._inline = self._open if self._text == INLINE else None
            self._open = None
