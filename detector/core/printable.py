"""Foreign text made safe to print: nothing in it steers a terminal, or hides what it says.

Whatever comes from outside (answers of servers, pages, filter lists, stores, option files, names of
files) passes through here on its way to a screen or log.
"""

from __future__ import annotations

import re

# C0 and C1 controls and DEL; separators of lines and paragraphs; what embeds, overrides or isolates
# a direction of text (Trojan Source, CVE-2021-42574); the byte order mark; half characters, which
# cannot be written; what XML forbids. What emoji and scripts from right to left need stays.
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def printable(text: str, keep: str = "") -> str:
    r"""Return a text with such signs written as `\u001b`, but for those in `keep`.

    JSON stays the same JSON, where its own line breaks are kept.
    """

    def written(found: re.Match[str]) -> str:
        sign = found[0]
        return sign if sign in keep else f"\\u{ord(sign):04x}"

    return _STEERING.sub(written, text)
