"""Puts the tag into one response, fed with its chunks: one object per response."""

from __future__ import annotations

from detector.page.place import MORE, NEVER, WINDOW, find
from detector.page.tag import INLINE

_OURS = INLINE.encode()


class Injector:
    """Holds back a page's first bytes until the tag's place is known, then lets all pass.

    Feed chunks until `decided`; `tag` is empty again when no place was found.
    """

    def __init__(self, tag: bytes) -> None:
        self.tag = tag
        self.decided = not tag
        self._held: bytes | bytearray = bytearray()
        self._tried = 0

    def feed(self, chunk: bytes) -> bytes:
        """Take a chunk and give the bytes that may leave now, possibly none."""
        if self.decided:
            return chunk
        if not self._held and len(chunk) > WINDOW:
            # A large page in one piece is walked in place: its bytes are copied only once.
            self._held = chunk
            return self._decide(chunk[:WINDOW], complete=False)
        self._held += chunk
        # A walk starts at the first byte again: do so only when it can have got further.
        size = len(self._held)
        if b">" not in chunk and size < 2 * self._tried and size < WINDOW:
            return b""
        self._tried = size
        return self._decide(self._held, complete=False)

    def finish(self) -> bytes:
        """Say that no chunk follows and give what was held back."""
        if self.decided:
            return b""
        return self._decide(self._held, complete=True)

    def give_up(self) -> bytes:
        """Give all that was fed and held back, untouched."""
        self.decided, self.tag = True, b""
        held, self._held = bytes(self._held), b""
        return held

    def _decide(self, window: bytes | bytearray, complete: bool) -> bytes:
        at = find(window, complete)
        if at == MORE:
            return b""
        page = self._held
        if at == NEVER or _OURS in page[at : at + 300]:
            return self.give_up()
        self.decided, self._held = True, b""
        return b"".join((page[:at], self.tag, page[at:]))
