"""Which addresses the doctor requests: those of the site, and of hosts that the user names.

A site's redirects, scripts and answers may name any address. Those are reported and not requested,
or a hostile site could send the doctor into its owner's own network.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

Origin = tuple[str, str, int]
_DEFAULT = {"http": 80, "https": 443}


def origin(url: str) -> Origin:
    """Return the scheme, host and port of an address."""
    parts = urlsplit(url)
    default = _DEFAULT.get(parts.scheme, 80)
    try:
        port = parts.port or default
    except ValueError:
        port = default
    return parts.scheme, (parts.hostname or "").lower(), port


def host_and_port(text: str) -> tuple[str, int | None]:
    """Parse HOST or HOST:PORT, an IPv6 address in brackets; raise ValueError for others."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.netloc != text or parts.username is not None:
        raise ValueError("no host")
    return parts.hostname.lower(), parts.port


class Reach:
    """The origins of `urls`, and `follow`: hosts as HOST or HOST:PORT.

    From http at its default port, https at its own is within reach too, as sites redirect there.
    """

    def __init__(self, urls: Iterable[str], follow: Iterable[str] = ()) -> None:
        own = [origin(url) for url in urls]
        upgraded = [("https", host, 443) for scheme, host, port in own if (scheme, port) == _HTTP]
        self._own = {*own, *upgraded}
        self._follow = {host_and_port(one) for one in follow}

    def refusal(self, url: str) -> str:
        """Return why an address is not requested, as part of a sentence; empty when it may be."""
        try:
            parts, (scheme, host, port) = urlsplit(url), origin(url)
            wrong = parts.port == 0 or "@" in parts.netloc or any(sign <= " " for sign in url)
        except ValueError:
            return "it is not an address"
        if scheme not in _DEFAULT or not host:
            return "it is neither an http nor an https address"
        if wrong:
            return "it is not a plain address"
        named = {(host, port)} | ({(host, None)} if port == _DEFAULT[scheme] else set())
        if (scheme, host, port) in self._own or named & self._follow:
            return ""
        place = f"[{host}]" if ":" in host else host
        place += "" if port == _DEFAULT[scheme] else f":{port}"
        return f"{scheme}://{place} is not the site's own; allow it with --follow {place}"


_HTTP = ("http", 80)
