"""Inserts the tag into one response, chunk by chunk: one object per response."""

from __future__ import annotations

from functools import lru_cache

from detector.core.html.insertion_point import MORE, NEVER, WINDOW, find
from detector.core.html.tag import INLINE

_OURS = INLINE.encode()
_FIRST = 2048
_BEGINNING = 192
_WALKS = 16
# A template places its tag in the head; searching the whole page would cost a copy of it.
_HEAD = 16_384


class Injector:
    """Holds back a page's first bytes until the insertion point is known, then passes all through.

    Feed chunks until `decided`; `tag` is emptied when there is no insertion point. `group` is the
    page's, `shared` whether a shared cache may store it, `counted` whether it is a page that
    somebody sees; a `private` page may be stored by no cache.
    """

    def __init__(
        self,
        tag: bytes,
        group: str = "",
        shared: bool = True,
        private: bool = False,
        counted: bool = True,
    ) -> None:
        self.tag, self.group, self.shared, self.private = tag, group, shared, private
        self.counted = counted
        self.decided = not tag
        self._held: bytes | bytearray = b""
        self._tried = 0
        self._walks = 0

    def feed(self, chunk: bytes) -> bytes:
        """Process a chunk and return the bytes that may be sent now, possibly none."""
        if self.decided:
            return chunk
        if not self._held:
            # Most pages are one chunk, which is searched in place and copied only once.
            self._held = chunk
        else:
            if isinstance(self._held, bytes):
                self._held = bytearray(self._held)
            self._held += chunk
        size = len(self._held)
        # Each walk starts at the first byte. After many small chunks, walk again only when the page
        # has doubled, so that the work stays linear.
        doubled = size >= 2 * self._tried or size >= WINDOW
        if not doubled and (b">" not in chunk or self._walks > _WALKS):
            return b""
        self._tried = size
        self._walks += 1
        return self._decide(complete=False)

    def finish(self) -> bytes:
        """End the page and return what was held back."""
        return b"" if self.decided else self._decide(complete=True)

    def give_up(self) -> bytes:
        """Stop, and return what was held back, unchanged."""
        self.decided, self.tag = True, b""
        held, self._held = bytes(self._held), b""
        return held

    def _decide(self, complete: bool) -> bytes:
        page = self._held
        at = MORE
        # The insertion point is nearly always in the first bytes; else copy the whole window.
        if len(page) > _BEGINNING:
            at = _find_soon(bytes(page[:_BEGINNING]))
        if at == MORE and len(page) > _FIRST:
            at = find(page[:_FIRST], complete=False)
        if at == MORE:
            at = find(page[:WINDOW], complete)
        if at == MORE:
            return b""
        if at == NEVER or page.find(_OURS, at, at + _HEAD) >= 0:
            return self.give_up()
        self.decided, self._held = True, b""
        with memoryview(page) as view:
            return b"".join((view[:at], self.tag, view[at:]))


@lru_cache(maxsize=64)
def _find_soon(beginning: bytes) -> int:
    """Find the insertion point in a page's beginning, which most pages of a site share."""
    return find(beginning, complete=False)
