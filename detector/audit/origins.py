"""Which addresses belong to one site, and how addresses of two visits are compared."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from detector.filter_lists.sites import site_of

_RANDOM = re.compile(r"[0-9a-f]{8,}|\d+", re.IGNORECASE)


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
