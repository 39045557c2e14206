"""Signed tokens: which page group a tag belongs to, and which view requested baits.

A page token does not expire, since the page may be cached for years; a view token is issued by the
bootstrap, which no cache may store, and is bound to the random view id that the script generated.
Every page carries a page token, so its signature is short.

Tokens are sent in queries, cookies and reports, which firewalls search for attacks. So no token
contains a character or word by which the OWASP Core Rule Set detects one: a group like
/files/*/edit would be an SQL comment, and two hyphens in base64 begin another. Tokens of earlier
versions are still accepted.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import string
from collections.abc import Callable, Sequence
from functools import lru_cache
from time import time

from itsdangerous import Signer
from itsdangerous.encoding import base64_decode, base64_encode, bytes_to_int

from detector.core.numerals import to_number, to_text
from detector.core.served_names import is_view, spell

VIEW_AGE = 24 * 3600
PREVIEW_AGE = 7 * 24 * 3600
STATE_AGE = 31 * 24 * 3600
SKEW = 5 * 60
GROUP_LENGTH = 48
TOKEN_LENGTH = 256
_SHORT = 12
_SEPARATOR = "."
_GROUP = string.ascii_letters + string.digits + "/_*-"
_OTHER = re.compile(f"[^{_GROUP}]")
# Without zero, since 0x begins a number in SQL.
_WIRE = string.ascii_letters + string.digits[1:]


class TokenError(ValueError):
    """A token was not signed by this site, or has expired."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Keys:
    """The keys for one purpose: the newest signs, all verify; a signature has `size` bytes."""

    def __init__(self, secrets: Sequence[str], purpose: str, size: int | None = None) -> None:
        signer = Signer(list(secrets), salt="detector." + purpose, digest_method=hashlib.sha256)
        # Derived once: itsdangerous would do so for each token.
        self._keys = [signer.derive_key(secret) for secret in reversed(signer.secret_keys)]
        self._size = size

    def digests(self, value: str) -> list[bytes]:
        """Return the signatures by all keys, the newest first.

        HMAC-SHA256, possibly truncated as RFC 2104 (section 5) allows.
        """
        data = value.encode()
        return [hmac.digest(key, data, "sha256")[: self._size] for key in self._keys]

    def sign(self, value: str) -> str:
        """Append the signature in the alphabet of our names."""
        return value + _SEPARATOR + spell(self.digests(value)[0])

    def unsign(self, token: str) -> str:
        """Return what was signed, in our letters or in the base64 of old tokens; TokenError."""
        value, _, signature = _checked(token).rpartition(_SEPARATOR)
        for digest in self.digests(value):
            if hmac.compare_digest(spell(digest), signature):
                return value
            if hmac.compare_digest(base64_encode(digest), signature.encode()):
                return value
        raise TokenError("token")


class Tokens:
    """Signs and verifies the tokens of one site; `secrets` are ordered from oldest to newest."""

    def __init__(self, secrets: Sequence[str], clock: Callable[[], float] = time) -> None:
        self._clock = clock
        self._page = _Keys(secrets, "page", _SHORT)
        purposes = ("view", "simulation", "state")
        self._view, self._shown, self._state = (_Keys(secrets, purpose) for purpose in purposes)
        # A site has few groups, and an invalid token is not cached.
        self._signed_page = lru_cache(maxsize=1024)(self._sign_page)
        self._known_page = lru_cache(maxsize=1024)(self._read_page)

    def page(self, group: str) -> str:
        """Sign the group of a page, as normalized by `as_group`."""
        return self._signed_page(as_group(group))

    def _sign_page(self, group: str) -> str:
        return _page_token(group, self._page.digests(group)[0])

    def read_page(self, token: str) -> str:
        """Return the group of a page token; raises TokenError."""
        return self._known_page(token)

    def _read_page(self, token: str) -> str:
        if _SEPARATOR in _checked(token):
            # From a tag of an earlier version, which caches may keep for years.
            return self._page.unsign(token)
        try:
            group = to_text(to_number(token, _WIRE) >> 8 * _SHORT, _GROUP)
        except ValueError:
            raise TokenError("token") from None
        for digest in self._page.digests(group):
            if hmac.compare_digest(_page_token(group, digest), token):
                return group
        raise TokenError("token")

    def view(self, view: str) -> str:
        """Sign a view id together with the time."""
        return self._sign(self._view, view)

    def read_view(self, token: str) -> str:
        """Return the view id of a view token; raises TokenError."""
        return self.read_dated_view(token)[0]

    def read_dated_view(self, token: str) -> tuple[str, int]:
        """Return the view id of a view token, and when it was signed; raises TokenError."""
        view, at = self._read(self._view, token, VIEW_AGE)
        if not is_view(view):
            raise TokenError("token")
        return view, at

    def state(self, state: str) -> str:
        """Sign a state together with the time."""
        return self._sign(self._state, state)

    def read_state(self, token: str) -> str:
        """Return the state from a cookie, up to 31 days old; raises TokenError."""
        return self._read(self._state, token, STATE_AGE)[0]

    def preview(self, shown: str) -> str:
        """Sign what a preview link shows together with the time."""
        return self._sign(self._shown, shown)

    def read_preview(self, token: str) -> str:
        """Return what a preview link shows, up to a week old; raises TokenError."""
        return self._read(self._shown, token, PREVIEW_AGE)[0]

    def _sign(self, keys: _Keys, value: str) -> str:
        """Sign a text together with the time."""
        return keys.sign(f"{value}.{int(self._clock())}")

    def _read(self, keys: _Keys, token: str, age: int) -> tuple[str, int]:
        value, _, stamp = keys.unsign(token).rpartition(_SEPARATOR)
        # Earlier versions wrote the time as itsdangerous does, in six letters.
        at = int(stamp) if len(stamp) > 6 else bytes_to_int(base64_decode(stamp))
        if not -SKEW <= self._clock() - at <= age + SKEW:
            raise TokenError("expired")
        return value, at


@lru_cache(maxsize=1024)
def as_group(route: str) -> str:
    """Return a route as a group: characters other than A-Z a-z 0-9 / _ * - become *."""
    return _OTHER.sub("*", route)[:GROUP_LENGTH]


def _page_token(group: str, digest: bytes) -> str:
    """Encode a group and its signature as one word of letters and digits."""
    return to_text(to_number(group, _GROUP) << 8 * _SHORT | int.from_bytes(digest), _WIRE)


def _checked(token: str) -> str:
    """Return a token that is short enough and of ASCII; raises TokenError."""
    if len(token) > TOKEN_LENGTH or not token.isascii():
        raise TokenError("token")
    return token
