"""The last state of a visitor as the server knows it at level `full`: a signed cookie of one word.

It is written with the answer to a report, and read by the adapters: `g.ad_state` in Flask,
`request.ad_state` in Django, `scope["ad_state"]` in ASGI, `environ["detector.ad_state"]` in WSGI.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Final

from detector.core.vocabulary import STATES
from detector.names import Names
from detector.page.headers import RequestHeaders
from detector.report.tokens import TokenError, Tokens

ENVIRON_KEY: Final = "detector.ad_state"
UNKNOWN: Final = "unknown"
DAYS: Final = 30
"""How long the cookie lives."""
_LONGEST = 8192


class StateCookie:
    """Writes and reads the cookie of one site; below level `full` there is none."""

    def __init__(self, names: Names, tokens: Tokens, level: str) -> None:
        self._name = names.state_cookie
        self._tokens = tokens
        self._on = level == "full"

    def header(self, state: str) -> str:
        """Return the value of Set-Cookie that keeps a state for a month."""
        value, age = self._tokens.state(state), DAYS * 24 * 3600
        return f"{self._name}={value}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Lax"

    def read(self, headers: RequestHeaders) -> str:
        """Return what the last report said: blocked, unreachable, clear, or unknown for none.

        Below level `full` it is always unknown. Pages that differ by it must be private to caches.
        """
        if not self._on:
            return UNKNOWN
        sent = headers.get("cookie") or ""
        if self._name not in sent or len(sent) > _LONGEST:
            return UNKNOWN
        try:
            found = SimpleCookie(sent).get(self._name)
            state = self._tokens.read_state(found.value) if found else UNKNOWN
        except (CookieError, TokenError):
            return UNKNOWN
        return state if state in STATES else UNKNOWN
