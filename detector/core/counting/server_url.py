"""Checks the URL of a store that is a server; a site that counts into a file never loads this."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from detector.core.counting.masking import masked


def check_server_url(url: str, one_host: bool, allowed: str) -> None:
    """Refuse a URL with unescaped signs, or without the one host that it must name; ValueError.

    `allowed` is what the message says of good ones.
    """
    authority, apart, rest = _parts(url)
    twice = not one_host and authority.count("@") > 1
    if twice or (apart != "?" and "@" in rest.partition("?")[0]):
        raise ValueError(
            f"option store: {masked(url)!r} contains characters that must be escaped: write "
            "@ / # ? of user and password as %40 %2F %23 %3F"
        )
    if one_host:
        try:
            parts = urlsplit(url)
            good = bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            raise ValueError(f"option store: {masked(url)!r} names no host and port; {allowed}")


def _parts(url: str) -> tuple[str, str, str]:
    """Split a URL into user and host, the character that ends them, and the rest."""
    found = re.match(r"[^:]*://([^/?#]*)([/?#]?)(.*)", url, re.DOTALL)
    return (found[1], found[2], found[3]) if found else ("", "", "")
