"""The probe's settings besides the baits: sent by the bootstrap, kept out of the script."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

# The box is above the page: unlike to its side, nothing there can ever be scrolled to, and a fixed
# box shifts no layout. The elements' important styles override the page's own CSS.
STYLES = (
    "position:fixed!important;top:-300px!important;display:block!important",
    "display:block!important;width:300px!important;height:40px!important",
)

# Milliseconds after each look at the elements, the first of which is at once: most blockers act
# within 40 ms, those on busy pages within 200.
PAUSES = (16, 24, 40, 60, 80, 0)

_HOSTS = (
    *("doubleclick.net", "googlesyndication.com", "googletagservices.com", "googleadservices.com"),
    *("imasdk.googleapis.com", "amazon-adsystem.com", "adnxs.com", "criteo.com", "criteo.net"),
    *("taboola.com", "outbrain.com", "pubmatic.com", "rubiconproject.com", "openx.net"),
    *("casalemedia.com", "indexww.com", "media.net", "carbonads.com", "carbonads.net"),
    *("ethicalads.io", "buysellads.com", "buysellads.net", "adform.net", "smartadserver.com"),
    *("teads.tv", "sharethrough.com", "3lift.com", "33across.com", "lijit.com", "gumgum.com"),
    *("ezoic.net", "adthrive.com", "mediavine.com", "yieldmo.com", "adsrvr.org", "bidswitch.net"),
)


def hosts(urls: Iterable[str] = ()) -> str:
    """Return the pattern that "." + host is matched against; includes the hosts of `urls`.

    Sent by the bootstrap rather than written into the script, whose text blockers search for names.
    """
    more = [urlsplit(url).netloc for url in urls]
    return r"\.(" + "|".join(map(re.escape, (*_HOSTS, *more))) + ")$"
