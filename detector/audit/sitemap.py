"""Parses sitemaps, as sitemaps.org specifies: the addresses in it, or those of further sitemaps.

With the standard library's expat, event by event: no tree is built, so nothing can grow. A sitemap
needs no document type, so one that has it is rejected before any entity could be expanded; that is
what defusedxml would do, which saves a dependency.
"""

from __future__ import annotations

import zlib
from contextlib import suppress
from xml.parsers import expat

MOST_BYTES = 20 * 2**20
MOST_ADDRESSES = 50_000
# The protocol's limit for the length of an address.
_LONGEST = 2048
_DEEPEST = 20
_GZIP = b"\x1f\x8b"
_CHUNK = 2**16


class _Refused(Exception):
    """The data is not a sitemap that we support; the message says why."""


class _Enough(Exception):
    """No more addresses are needed."""


def _unpacked(data: bytes) -> bytes:
    """Undo the compression of a `.xml.gz`."""
    if not data.startswith(_GZIP):
        return data
    unpacker = zlib.decompressobj(31)
    try:
        plain = unpacker.decompress(data, MOST_BYTES)
    except zlib.error as error:
        raise _Refused("its compression is damaged") from error
    if unpacker.unconsumed_tail:
        raise _Refused(f"it has more than {MOST_BYTES // 2**20} MB")
    return plain


class Sitemap:
    """The addresses of one sitemap: of `pages`, or, in an index, of further `sitemaps`."""

    def __init__(self, data: bytes, most: int = MOST_ADDRESSES) -> None:
        """Parse it, up to `most` addresses; `wrong` says where it is broken, "" if it is not."""
        self.pages: list[str] = []
        self.sitemaps: list[str] = []
        self.wrong = ""
        self._most = most
        self._path: list[str] = []
        self._text = ""
        try:
            self._parse(_unpacked(data))
        except (expat.ExpatError, _Refused, LookupError, ValueError) as error:
            self.wrong = f"is not a complete sitemap ({error})"

    def _parse(self, data: bytes) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._words
        with suppress(_Enough):
            for at in range(0, len(data), _CHUNK):
                parser.Parse(data[at : at + _CHUNK], False)
            parser.Parse(b"", True)

    def _refuse(self, *_: object) -> None:
        raise _Refused("it has a document type, which no sitemap needs")

    def _start(self, name: str, _: dict[str, str]) -> None:
        if len(self._path) >= _DEEPEST:
            raise _Refused("its elements are nested too deeply")
        self._path.append(name.rpartition(":")[2])
        self._text = ""

    def _words(self, text: str) -> None:
        # One character more than allowed is kept, which shows that it is too long.
        self._text += text[: _LONGEST + 1 - len(self._text)]

    def _end(self, _: str) -> None:
        # Images and translations have addresses too, in other elements than these.
        where, text = tuple(self._path[-2:]), self._text.strip()
        self._path.pop()
        self._text = ""
        if not text or len(text) > _LONGEST:
            return
        if where == ("url", "loc"):
            self.pages.append(text)
        elif where == ("sitemap", "loc"):
            self.sitemaps.append(text)
        if len(self.pages) + len(self.sitemaps) >= self._most:
            raise _Enough
