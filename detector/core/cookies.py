"""Parses the Cookie header as browsers write it.

`http.cookies` stops at the first cookie that RFC 6265 does not allow, such as one with a JSON
value. Browsers send such cookies, and ours may come after one.
"""

from __future__ import annotations

from typing import Final

LONGEST: Final = 65_536
"""Characters of the longest header that is parsed; most servers refuse far shorter ones."""
MOST: Final = 8
"""How many cookies of one name are returned."""
_SPACE: Final = " \t"


def values(header: str, name: str) -> list[str]:
    """Return the values of the cookies with this name, in the order in which they were sent.

    Pairs are split as in RFC 6265bis: at each ";", also between quotes, and at the first "=", with
    spaces and tabs removed on both sides. Quotes are part of a value.

    A browser sends the cookie with the longest path first, and a page on a sibling domain may have
    set it. So the caller uses the first value that it has signed. Browsers keep only one cookie
    for a name that begins with `__Host-`.
    """
    if len(header) > LONGEST or name not in header:
        return []
    found = []
    for pair in header.split(";"):
        key, equals, value = pair.partition("=")
        if equals and key.strip(_SPACE) == name:
            found.append(value.strip(_SPACE))
    return found[:MOST]
