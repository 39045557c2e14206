"""One password, kept as a scrypt hash."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import threading

SHORTEST = 10
_LONGEST = 1024
# OWASP's password storage cheat sheet: one of its settings for scrypt that needs 16 MiB.
_N, _R, _P = 2**14, 8, 5
_MOST_MEMORY = 128 * 1024 * 1024


class PasswordError(ValueError):
    """A password or hash that cannot be used; the message says what can."""


def make(password: str) -> str:
    """Return a password's hash as one word; PasswordError for a password that is too short."""
    if not SHORTEST <= len(password) <= _LONGEST:
        raise PasswordError(f"a password has {SHORTEST} to {_LONGEST} characters")
    salt = os.urandom(16)
    found = _scrypt(password, salt, _N, _R, _P)
    # No dollar signs, which shells and compose files would treat as variables.
    return ":".join(["scrypt", str(_N), str(_R), str(_P), _text(salt), _text(found)])


def is_hash(text: str) -> bool:
    """Whether a text looks like a hash that `make` returned."""
    return text.startswith("scrypt:")


class Password:
    """Checks passwords against one hash; one at a time, since a check takes memory and time."""

    def __init__(self, hashed: str) -> None:
        """Parse what `make` returned; raise PasswordError for anything else."""
        try:
            word, n, r, p, salt, found = hashed.strip().split(":")
            self._cost = (int(n), int(r), int(p))
            self._salt = base64.b64decode(salt, b"-_", validate=True)
            self._found = base64.b64decode(found, b"-_", validate=True)
            good = word == "scrypt" and len(self._found) == 32 and len(self._salt) >= 16
            _scrypt("", self._salt, *self._cost)
        except (ValueError, binascii.Error, MemoryError):
            good = False
        if not good:
            raise PasswordError("not a password hash: create one by detector dashboard --hash")
        self._lock = threading.Lock()

    def fits(self, password: str) -> bool:
        """Whether it is the password."""
        if len(password) > _LONGEST:
            return False
        with self._lock:
            return hmac.compare_digest(_scrypt(password, self._salt, *self._cost), self._found)

    @property
    def mark(self) -> bytes:
        """What sessions are bound to: they end when the password changes."""
        return hashlib.sha256(b"session" + self._salt + self._found).digest()


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=_MOST_MEMORY, dklen=32)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii")
