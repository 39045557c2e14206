"""The guard of `open`: this machine only, and only with the key in the printed address.

The key is what Jupyter calls a token. What a request says about its origin is not enough: a proxy
on this machine may add no header, and send a Host of this machine.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from ipaddress import ip_address

from detector.dashboard.http import Refusal, Request
from detector.dashboard.texts import N_, _

_HERE = ("127.0.0.1", "localhost", "[::1]")
_WAYS = ("HTTP_X_FORWARDED", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
_SHORTEST = 16
_KEYLESS = N_(
    "Open the whole address that detector dashboard --open printed when it started: it ends with "
    "?key=… and is valid until it stops."
)


class OpenGuard:
    """Holds the key; raises ValueError for a short one."""

    def __init__(self, key: str = "") -> None:
        if key and len(key) < _SHORTEST:
            raise ValueError(f"option key: the dashboard's needs at least {_SHORTEST} characters")
        self.key = key or new_key()

    @property
    def mark(self) -> bytes:
        """What sessions are bound to: they end when the key changes."""
        return hashlib.sha256(b"open" + self.key.encode("utf-8", "replace")).digest()

    def admits(self, request: Request) -> bool:
        """Whether a request from this machine has the key; raise Refusal for one from elsewhere."""
        # A foreign page could resolve its name to us (DNS rebinding); a proxy could forward anyone.
        host = request.header("HTTP_HOST").lower()
        name = host if host.endswith("]") else host.rpartition(":")[0] if ":" in host else host
        forwarded = any(key.startswith(_WAYS) for key in request.environ)
        if name not in _HERE or forwarded or not is_here(request.header("REMOTE_ADDR")):
            raise Refusal(403, _("Without a password this page is for this machine only."))
        if request.path != "/" or request.method != "GET":
            return False
        given = request.query().get("key", "").encode("utf-8", "replace")
        return hmac.compare_digest(given, self.key.encode("utf-8", "replace"))

    def refusal(self) -> Refusal:
        """Return the answer for a client without the key."""
        return Refusal(403, _(_KEYLESS))


def new_key() -> str:
    """Return a random key that cannot be guessed."""
    return secrets.token_urlsafe(32)


def is_here(address: str) -> bool:
    """Whether an address is a loopback address."""
    try:
        return address == "localhost" or ip_address(address).is_loopback
    except ValueError:
        return False
