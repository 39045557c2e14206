"""Which addresses an audit may request: those of the named site, and no log-out among its links."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import urljoin, urlsplit

from detector.doctor.reach import origin
from detector.doctor.web import AddressError, checked

# A link with a side effect should be a form's button; some are not.
_DOING = {"logout", "logoff", "signout", "signoff", "delete", "remove", "destroy", "unsubscribe"}
_PAIRS = {("log", "out"), ("log", "off"), ("sign", "out"), ("sign", "off"), ("to", "cart")}
_FILES = re.compile(
    r"\.(?:7z|apk|atom|avif|bmp|bz2|css|csv|deb|dmg|docx?|eps|epub|exe|gif|gz|ico|ics|iso|jpe?g|js"
    r"|json|m4a|mov|mp[34]|mpe?g|msi|odt|ogg|pdf|png|pptx?|rar|rpm|rss|svg|tar|tgz|tiff?|txt|vcf"
    r"|wav|webm|webmanifest|webp|woff2?|xlsx?|xml|xz|zip)$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+")
_PORTS = {"http": 80, "https": 443}


def belongs(url: str, site: str) -> bool:
    """Whether an address belongs to the origin of a site, or to its twin.

    The twin is what sites redirect to from their own start: https for http, with or without `www.`,
    both at their default port.
    """
    mine, other = origin(site), origin(url)
    if mine == other:
        return True
    usual = all(_PORTS.get(scheme) == port for scheme, _, port in (mine, other))
    return usual and _bare(mine[1]) == _bare(other[1])


def key(url: str) -> tuple[str, int, str, str]:
    """Return a key that is equal for an address and its twin's, to find duplicates."""
    parts, (scheme, host, port) = urlsplit(url), origin(url)
    return _bare(host), 0 if _PORTS.get(scheme) == port else port, parts.path, parts.query


def absolute(address: str, base: str, site: str) -> str:
    """Return an address in the form that is sent, without fragment; "" if it is not of the site."""
    try:
        url = checked(urljoin(base, address.strip()))
    except (AddressError, ValueError):
        return ""
    return url if belongs(url, site) else ""


def is_file(url: str) -> bool:
    """Whether an address has the extension of a file that is not a page."""
    return bool(_FILES.search(urlsplit(url).path))


def does_something(url: str) -> bool:
    """Whether a link reads as if requesting it would log out, delete or buy something."""
    parts = urlsplit(url)
    words = _WORD.findall(f"{parts.path} {parts.query}".lower())
    return bool(_DOING & set(words)) or bool(_PAIRS & set(pairwise(words)))


def _bare(host: str) -> str:
    return host.removeprefix("www.")
