"""The last state of a visitor as the server knows it at level `full`: a signed cookie of one word.

It is written with the answer to a report, and read by the adapters: `g.ad_state` in Flask,
`request.ad_state` in Django, `scope["ad_state"]` in ASGI, `environ["detector.ad_state"]` in WSGI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detector.cookies import values
from detector.report.parse import STATES
from detector.report.tokens import TokenError

if TYPE_CHECKING:
    from detector.page.headers import RequestHeaders
    from detector.site import Site

ENVIRON_KEY: Final = "detector.ad_state"
UNKNOWN: Final = "unknown"
DAYS: Final = 30
"""How long the cookie lives."""


def cookie_name(site: Site) -> str:
    """Give the cookie's name, neutral and bound to the host over https."""
    return "__Host-" + site.names.word("state")


def cookie(site: Site, state: str) -> str:
    """Give the header's value that keeps a state for a month."""
    value, age = site.tokens.state(state), DAYS * 24 * 3600
    return f"{cookie_name(site)}={value}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Lax"


def ad_state(site: Site, headers: RequestHeaders) -> str:
    """Give what the last report said: blocked, unreachable, clear, or unknown where none is there.

    Below level `full` it is always unknown. Pages that differ by it must be private to caches.
    """
    if site.config.level != "full":
        return UNKNOWN
    for value in values(headers.get("cookie") or "", cookie_name(site)):
        try:
            state = site.tokens.read_state(value)
        except TokenError:
            continue
        return state if state in STATES else UNKNOWN
    return UNKNOWN
