"""Who is signed in: a signed cookie, and the tokens of forms that are bound to it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

from detector.core.cookies import values

COOKIE = "figures"
HOURS = 12
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Session:
    """One browser, signed in or not yet."""

    id: str
    signed_in: bool


class Sessions:
    """Creates and reads cookies; signing in creates a new id, signing out revokes the old one.

    Revoked ids are known to one process only: with several, a copied cookie of a user who has
    signed out is accepted by the others until its twelve hours are over.
    """

    def __init__(self, secret: str, mark: bytes) -> None:
        """Store the secret, and the mark of the password that sessions are bound to."""
        key = hmac.digest(secret.encode(), mark, "sha256")
        self._form_key = hmac.digest(key, b"form", "sha256")
        self._signer = URLSafeTimedSerializer(
            key, salt="dashboard session", signer_kwargs={"digest_method": hashlib.sha256}
        )
        self._void: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, header: str) -> Session | None:
        """Return the first session in a Cookie header that we signed and that is valid, or None."""
        found = (self._read(value) for value in values(header, COOKIE))
        return next((session for session in found if session), None)

    def _read(self, value: str) -> Session | None:
        if len(value) > _LONGEST:
            return None
        try:
            name, signed_in = self._signer.loads(value, max_age=HOURS * 3600)
        except (BadSignature, ValueError, TypeError):
            return None
        if not isinstance(name, str) or not isinstance(signed_in, bool) or name in self._void:
            return None
        return Session(name, signed_in)

    def new(self, *, signed_in: bool) -> Session:
        """Create a session with a new id."""
        return Session(secrets.token_urlsafe(18), signed_in)

    def end(self, session: Session) -> None:
        """Revoke a session."""
        with self._lock:
            self._void[session.id] = None
            while len(self._void) > 10_000:
                self._void.popitem(last=False)

    def cookie(self, session: Session | None, path: str, *, secure: bool) -> str:
        """Return the Set-Cookie header; None removes the cookie."""
        value = self._signer.dumps([session.id, session.signed_in]) if session else ""
        age = HOURS * 3600 if session else 0
        flags = "HttpOnly; SameSite=Strict" + ("; Secure" if secure else "")
        return f"{COOKIE}={value}; Path={_quoted(path)}; Max-Age={age}; {flags}"

    def token(self, session: Session) -> str:
        """Return the token that the forms of this session carry."""
        return hmac.new(self._form_key, session.id.encode(), "sha256").hexdigest()

    def is_token(self, session: Session, token: str) -> bool:
        """Whether a form's token belongs to this session."""
        return hmac.compare_digest(self.token(session).encode(), token.encode("utf-8", "replace"))


def _quoted(path: str) -> str:
    # The path is where the server mounted the app; nothing in it may end the attribute.
    return "".join(sign for sign in path if sign.isprintable() and sign not in ';," ')
