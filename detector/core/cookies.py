"""Reads the Cookie header as browsers write it.

`http.cookies` stops at the first cookie that RFC 6265 does not allow, such as one with JSON for a
value. Browsers send it, and ours may stand behind it.
"""

from __future__ import annotations

from typing import Final

LONGEST: Final = 65_536
"""Characters of the longest header that is read; most servers refuse far shorter ones."""
MOST: Final = 8
"""Cookies of one name that are looked at."""
_SPACE: Final = " \t"


def values(header: str, name: str) -> list[str]:
    """Return the values of the cookies of a name, in the order in which they were sent.

    Pairs are split as in RFC 6265bis: at each ";", also between quotes, and at the first "=", with
    spaces and tabs removed on both sides. Quotes are part of a value.

    A browser sends the cookie of the longest path first, and a page of a neighbouring host may have
    set it. So the caller takes the first value that it has signed. Browsers keep only one cookie
    of a name that begins with `__Host-`.
    """
    if len(header) > LONGEST or name not in header:
        return []
    found = []
    for pair in header.split(";"):
        key, equals, value = pair.partition("=")
        if equals and key.strip(_SPACE) == name:
            found.append(value.strip(_SPACE))
    return found[:MOST]
