"""The tag as pages carry it, for tests that find or remove it."""

from __future__ import annotations

import re

from detector.core.html.page_flags import split
from detector.core.html.tag import INLINE
from detector.core.site import Site

_NONCE = r'(?: nonce="[^"]+")?'
_LINE = rf'<script{_NONCE} data-cfasync="false">{re.escape(INLINE)}</script>'
LINE = f'<script data-cfasync="false">{INLINE}</script>'
SCRIPT = re.compile(
    rf'<script{_NONCE} async data-\w+="(?P<token>[^"]+)" data-cfasync="false"'
    r' src="(?P<src>[^"]+)"></script>'
)
_TAG = re.compile(f"(?:{_LINE})?{SCRIPT.pattern}".encode())


def tags(page: bytes) -> int:
    """Count the tags of a page, with or without their inline line."""
    return len(_TAG.findall(page))


def group_of(page: str | bytes, site: Site) -> str:
    """Return the path group of the one tag of a page."""
    _, token = script(page if isinstance(page, str) else page.decode("latin-1"))
    return site.tokens.read_page(split(token)[0])


def strip(page: bytes) -> bytes:
    """Return the page without its one tag."""
    stripped, number = _TAG.subn(b"", page)
    assert number == 1, page[:1000]
    return stripped


def rocket_loader(page: str) -> str:
    """Emulate Cloudflare's Rocket Loader: browsers do not run the scripts that it has changed.

    It runs them itself, later. Scripts with data-cfasync="false" before their src are left alone.
    """

    def held(found: re.Match[str]) -> str:
        if re.search(r" data-cfasync=([\"'])false\1", found[0].partition(" src=")[0]):
            return found[0]
        return found[0].replace("<script", '<script type="8ac0e1d2-text/javascript"', 1)

    return re.sub(r"<script\b[^>]*>", held, page)


def script(page: str) -> tuple[str, str]:
    """Return the address and the token of the page's one detector script."""
    found = SCRIPT.findall(page)
    assert len(found) == 1, page[:1000]
    return found[0][1], found[0][0]
