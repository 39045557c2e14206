"""Checks the URL of a store that is a server; a site that counts into a file never loads this."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from detector.core.counting.masking import masked


def check_server_url(url: str, one_host: bool, allowed: str) -> None:
    """Refuse a URL with unescaped signs, or without the one host that it must name; ValueError.

    `allowed` is what the message says of good ones.
    """
    address = url.partition("://")[2]
    authority = re.split("[/?#]", address, maxsplit=1)[0]
    path = address[len(authority) :].partition("?")[0]
    if "@" in path or (not one_host and authority.count("@") > 1):
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
