"""Which addresses belong to one site, and how addresses of two visits are compared."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_RANDOM = re.compile(r"[0-9a-f]{8,}|\d+", re.IGNORECASE)
_ADDRESS = re.compile(r"[\d.]+|.*:.*")


def site_of(host: str) -> str:
    """Return the site of a host: its last two labels, or three for endings such as `co.uk`.

    No list of such endings is used; page.js has the same rule.
    """
    if _ADDRESS.fullmatch(host):
        return host
    labels = host.split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if short else -2 :])


def same_site(url: str, page: str) -> bool:
    """Whether an address belongs to the site of a page."""
    return site_of(_host(url)) == site_of(_host(page))


def plain(text: str) -> str:
    """Return a text in the form that is compared: random parts (digits, hashes) are equal."""
    return _RANDOM.sub("#", text)


def plain_url(url: str) -> str:
    """Return an address in the form that is compared: no query, random parts are equal."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{plain(parts.path)}"


def short_url(url: str) -> str:
    """Return an address for a sentence: its host and path, cut."""
    parts = urlsplit(url)
    text = f"{parts.netloc}{parts.path}"
    return text if len(text) <= 100 else text[:97] + "..."


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
