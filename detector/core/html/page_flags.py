"""What a page tells the server about itself beside its group: letters behind the page token.

They are not signed: whoever changes them changes what his own browser shows and counts, nothing
else, and could do that anyway. A page of one address always has the same ones, so it may be cached.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from detector.core.vocabulary import MODES

_MARK = "~"
_FORM = re.compile(r"(?:n([0-9]{1,3}))?(?:r([0-9a-f]{1,8}))?(l?)")


class PageFlags(NamedTuple):
    """`notice` is a mode that the page asks for, `rules` the bits of the rules that fit its path
    (None: not known), `local` that nothing of its views may be counted or kept."""

    notice: str = ""
    rules: int | None = None
    local: bool = False

    def __str__(self) -> str:
        """Write the flags as they stand behind a token; nothing where there are none."""
        mode = f"n{MODES.index(self.notice)}" if self.notice else ""
        bits = "" if self.rules is None else f"r{self.rules:x}"
        text = mode + bits + "l" * self.local
        return text and _MARK + text


def split(text: str) -> tuple[str, PageFlags]:
    """Return the token and the flags that a page sent; flags that are not ours are ignored.

    A mode that is not known, such as one of a newer version's page in a cache, leaves the others.
    """
    token, _, rest = text.partition(_MARK)
    found = _FORM.fullmatch(rest)
    if not found:
        return token, PageFlags()
    number, bits, local = found.groups()
    mode = MODES[int(number)] if number and int(number) < len(MODES) else ""
    return token, PageFlags(mode, int(bits, 16) if bits else None, bool(local))
