"""What a page tells the server about itself besides its group: letters after the page token.

They are not signed: changing them affects only what one's own browser shows and counts, which one
could change anyway. A page has the same flags on every request, so it may be cached.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from detector.core.vocabulary import MODES

_MARK = "~"
_FORM = re.compile(r"(?:n([0-9]))?(?:r([0-9a-f]{1,8}))?(l?)")


class PageFlags(NamedTuple):
    """`notice` is a mode that the page requests, `rules` the bits of the rules that match its path
    (None: not known), `local` that nothing about its views may be counted or kept."""

    notice: str = ""
    rules: int | None = None
    local: bool = False

    def __str__(self) -> str:
        """Return the flags as appended to a token; empty if there are none."""
        mode = f"n{MODES.index(self.notice)}" if self.notice else ""
        bits = "" if self.rules is None else f"r{self.rules:x}"
        text = mode + bits + "l" * self.local
        return text and _MARK + text


def split(text: str) -> tuple[str, PageFlags]:
    """Return the token and the flags that a page sent; unknown flags are ignored."""
    token, _, rest = text.partition(_MARK)
    found = _FORM.fullmatch(rest)
    if not found or (found[1] and int(found[1]) >= len(MODES)):
        return token, PageFlags()
    mode = MODES[int(found[1])] if found[1] else ""
    return token, PageFlags(mode, int(found[2], 16) if found[2] else None, bool(found[3]))
