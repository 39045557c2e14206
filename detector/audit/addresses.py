"""Which addresses an audit may ask for: those of the named site, and no log-out among its links."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import urljoin, urlsplit

from detector.doctor.reach import origin
from detector.doctor.web import AddressError, checked

# A link that does something when it is asked for should be a form's button; some are not.
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
    """Whether an address is of the origin of a site, or of its twin.

    The twin is what sites lead to from their own start: https for http, `www.` or none before the
    host, both at their usual port.
    """
    mine, other = origin(site), origin(url)
    if mine == other:
        return True
    usual = all(_PORTS.get(scheme) == port for scheme, _, port in (mine, other))
    return usual and _bare(mine[1]) == _bare(other[1])


def key(url: str) -> tuple[str, int, str, str]:
    """Return what is the same for an address and its twin's, to find doubles by."""
    parts, (scheme, host, port) = urlsplit(url), origin(url)
    return _bare(host), 0 if _PORTS.get(scheme) == port else port, parts.path, parts.query


def absolute(address: str, base: str, site: str) -> str:
    """Return an address as it is sent, without its fragment, "" where it is none of the site."""
    try:
        url = checked(urljoin(base, address.strip()))
    except (AddressError, ValueError):
        return ""
    return url if belongs(url, site) else ""


def is_file(url: str) -> bool:
    """Whether an address ends like that of a file which is no page."""
    return bool(_FILES.search(urlsplit(url).path))


def does_something(url: str) -> bool:
    """Whether a link reads as if asking for it logged out, deleted or bought something."""
    parts = urlsplit(url)
    words = _WORD.findall(f"{parts.path} {parts.query}".lower())
    return bool(_DOING & set(words)) or bool(_PAIRS & set(pairwise(words)))


def _bare(host: str) -> str:
    return host.removeprefix("www.")
