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

from itsdangerous import BadData, HMACAlgorithm, Signer
from itsdangerous.encoding import (
    base64_decode,
    base64_encode,
    bytes_to_int,
    want_bytes,
)

from detector.core.numerals import to_number, to_text
from detector.core.served_names import is_view, spell

VIEW_AGE = 24 * 3600
PREVIEW_AGE = 7 * 24 * 3600
STATE_AGE = 31 * 24 * 3600
SKEW = 5 * 60
GROUP_LENGTH = 48
TOKEN_LENGTH = 256
_SHORT = 12
_SEPARATOR = b"."
_GROUP = string.ascii_letters + string.digits + "/_*-"
_OTHER = re.compile(f"[^{_GROUP}]")
# Without zero, since 0x begins a number in SQL.
_WIRE = string.ascii_letters + string.digits[1:]


class TokenError(ValueError):
    """A token was not signed by this site, or has expired."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Hmac(HMACAlgorithm):
    """HMAC-SHA256 in one step, possibly truncated as RFC 2104 (section 5) allows."""

    def __init__(self, size: int = hashlib.sha256().digest_size) -> None:
        super().__init__(hashlib.sha256)
        self._size = size

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha256")[: self._size]


class _Plain(Signer):
    """A signer with keys derived in advance, which verifies in as few steps as possible."""

    def __init__(self, keys: Sequence[bytes], size: int = hashlib.sha256().digest_size) -> None:
        super().__init__(list(keys), key_derivation="none", algorithm=_Hmac(size))

    def digests(self, value: bytes) -> list[bytes]:
        """Return the signatures by all keys, the newest first."""
        return [self.algorithm.get_signature(key, value) for key in reversed(self.secret_keys)]

    def get_signature(self, value: str | bytes) -> bytes:
        """Return the signature in the alphabet of our names."""
        return _spell(self.digests(want_bytes(value))[0])

    def verify_signature(self, value: str | bytes, sig: str | bytes) -> bool:
        """Whether a signature is valid, in our letters or in the base64 of old tokens."""
        value, sig = want_bytes(value), want_bytes(sig)
        spelled = (write(one) for one in self.digests(value) for write in (_spell, base64_encode))
        return any(hmac.compare_digest(one, sig) for one in spelled)


class Tokens:
    """Signs and verifies the tokens of one site; `secrets` are ordered from oldest to newest."""

    def __init__(self, secrets: Sequence[str], clock: Callable[[], float] = time) -> None:
        self._clock = clock
        self._page = _Plain(_keys(secrets, "page"), _SHORT)
        purposes = ("view", "simulation", "state")
        self._view, self._shown, self._state = (_Plain(_keys(secrets, one)) for one in purposes)
        # A site has few groups, and an invalid token is not cached.
        self._signed_page = lru_cache(maxsize=1024)(self._sign_page)
        self._known_page = lru_cache(maxsize=1024)(self._read_page)

    def page(self, group: str) -> str:
        """Sign the group of a page, as normalized by `as_group`."""
        return self._signed_page(as_group(group))

    def _sign_page(self, group: str) -> str:
        return _page_token(group, self._page.digests(group.encode())[0])

    def read_page(self, token: str) -> str:
        """Return the group of a page token; raises TokenError."""
        return self._known_page(token)

    def _read_page(self, token: str) -> str:
        try:
            if _SEPARATOR in _ascii(token):
                # From a tag of an earlier version, which caches may keep for years.
                return self._page.unsign(token).decode()
            group = to_text(to_number(token, _WIRE) >> 8 * _SHORT, _GROUP)
        except (BadData, ValueError):
            raise TokenError("token") from None
        for digest in self._page.digests(group.encode()):
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

    def _sign(self, signer: _Plain, value: str) -> str:
        """Sign a text together with the time."""
        return signer.sign(b"%b.%d" % (value.encode(), self._clock())).decode()

    def _read(self, signer: _Plain, token: str, age: int) -> tuple[str, int]:
        try:
            value, _, stamp = signer.unsign(_ascii(token)).rpartition(b".")
        except BadData:
            raise TokenError("token") from None
        # Earlier versions wrote the time as itsdangerous does, in six letters.
        at = int(stamp) if len(stamp) > 6 else bytes_to_int(base64_decode(stamp))
        if not -SKEW <= self._clock() - at <= age + SKEW:
            raise TokenError("expired")
        return value.decode(), at


@lru_cache(maxsize=1024)
def as_group(route: str) -> str:
    """Return a route as a group: characters other than A-Z a-z 0-9 / _ * - become *."""
    return _OTHER.sub("*", route)[:GROUP_LENGTH]


def _keys(secrets: Sequence[str], purpose: str) -> list[bytes]:
    """Return the keys for a purpose, derived once: itsdangerous would do so for each token."""
    signer = Signer(list(secrets), salt="detector." + purpose, digest_method=hashlib.sha256)
    return [signer.derive_key(secret) for secret in signer.secret_keys]


def _spell(digest: bytes) -> bytes:
    return spell(digest).encode()


def _page_token(group: str, digest: bytes) -> str:
    """Encode a group and its signature as one word of letters and digits."""
    return to_text(to_number(group, _GROUP) << 8 * _SHORT | int.from_bytes(digest), _WIRE)


def _ascii(token: str) -> bytes:
    if len(token) > TOKEN_LENGTH or not token.isascii():
        raise TokenError("token")
    return token.encode()
