"""The visitor's last state, for the server at level `full`: a signed cookie of one word.

It is set with the answer to a report, and read by the adapters: `g.ad_state` in Flask,
`request.ad_state` in Django, `scope["ad_state"]` in ASGI, `environ["detector.ad_state"]` in WSGI.
"""

from __future__ import annotations

from typing import Final

from detector.core.html.headers import RequestHeaders
from detector.core.served_names import ServedNames
from detector.core.tokens import TokenError, Tokens
from detector.core.vocabulary import STATES

ENVIRON_KEY: Final = "detector.ad_state"
UNKNOWN: Final = "unknown"
DAYS: Final = 30
"""How long the cookie lives."""


class StateCookie:
    """Writes and reads the cookie of one site; below level `full` there is none."""

    def __init__(self, names: ServedNames, tokens: Tokens, level: str) -> None:
        self._name = names.state_cookie
        self._tokens = tokens
        self._on = level == "full"

    def header(self, state: str) -> str:
        """Return the value of Set-Cookie that keeps a state for a month."""
        value, age = self._tokens.state(state), DAYS * 24 * 3600
        return f"{self._name}={value}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Lax"

    def read(self, headers: RequestHeaders) -> str:
        """Return the state of the last report, one of `STATES`; unknown for none.

        Below level `full` it is always unknown. Pages that differ by it must not be stored by
        shared caches.
        """
        if not self._on:
            return UNKNOWN
        from detector.core.cookies import values

        for value in values(headers.get("cookie") or "", self._name):
            try:
                state = self._tokens.read_state(value)
            except TokenError:
                continue
            return state if state in STATES else UNKNOWN
        return UNKNOWN
