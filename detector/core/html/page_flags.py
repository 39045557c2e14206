"""What a page tells the server about itself besides its group: letters after the page token.

They are not signed: changing them affects only what one's own browser shows and counts, which one
could change anyway. Where a cache may store a page, it has the same flags on every request.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from detector.core.vocabulary import MODES

_MARK = "~"
_FORM = re.compile(r"(?:n([0-9]{1,3}))?(?:r([0-9a-f]{1,8}))?(m?)(p?)(u?)(l?)")


class PageFlags(NamedTuple):
    """`notice` is a mode that the page requests, `rules` the bits of the rules that match its path
    (None: not known), `local` that nothing about its views may be counted or kept, `ad_free` that
    its views are those of a member, who is not looked at. It was not counted as a page when it was
    sent: `prefetched` if nobody wanted it yet, `uncounted` if it is no page of its own.
    """

    notice: str = ""
    rules: int | None = None
    local: bool = False
    ad_free: bool = False
    prefetched: bool = False
    uncounted: bool = False

    def __str__(self) -> str:
        """Return the flags as appended to a token; empty if there are none."""
        mode = f"n{MODES.index(self.notice)}" if self.notice else ""
        bits = "" if self.rules is None else f"r{self.rules:x}"
        letters = (self.ad_free, self.prefetched, self.uncounted, self.local)
        text = mode + bits + "".join(s * on for s, on in zip("mpul", letters, strict=True))
        return text and _MARK + text


_NONE = PageFlags()


def split(text: str) -> tuple[str, PageFlags]:
    """Return the token and the flags that a page sent; unknown flags are ignored.

    An unknown mode, such as that of a newer version's page in a cache, keeps the other flags.
    """
    token, _, rest = text.partition(_MARK)
    found = _FORM.fullmatch(rest)
    if not found:
        return token, _NONE
    number, bits, *letters = found.groups()
    mode = MODES[int(number)] if number and int(number) < len(MODES) else ""
    ad_free, prefetched, uncounted, local = map(bool, letters)
    rules = int(bits, 16) if bits else None
    return token, PageFlags(mode, rules, local, ad_free, prefetched, uncounted)
