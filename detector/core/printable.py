"""Makes foreign text safe to print: it can neither control a terminal nor hide its content.

All text from outside (server responses, pages, filter lists, stores, option files, file names)
passes through here on its way to a screen or log.
"""

from __future__ import annotations

import re

# C0 and C1 controls and DEL; line and paragraph separators; bidirectional embeddings, overrides and
# isolates (Trojan Source, CVE-2021-42574); the byte order mark; lone surrogates, which cannot be
# encoded; what XML forbids. What emoji and right-to-left scripts need is kept.
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def printable(text: str, keep: str = "") -> str:
    r"""Return a text with such characters escaped as `\u001b`, except those in `keep`.

    JSON stays equivalent, if its own line breaks are kept.
    """

    def written(found: re.Match[str]) -> str:
        char = found[0]
        return char if char in keep else f"\\u{ord(char):04x}"

    return _STEERING.sub(written, text)
