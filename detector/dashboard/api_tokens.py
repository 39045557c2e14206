"""Tokens of the API: random ones, of which the configuration has the hashes alone."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable

_HASH = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_LONGEST = 200


def create() -> tuple[str, str]:
    """Return a new token of 256 random bits, and its hash.

    A fast hash is enough: nobody can try so many tokens.
    """
    token = f"figures_{secrets.token_urlsafe(32)}"
    return token, _hash(token)


def checked(hashes: Iterable[str]) -> tuple[str, ...]:
    """Return the hashes of a configuration; ValueError for what is none."""
    found = tuple(hashes)
    if not all(_HASH.fullmatch(one) for one in found):
        raise ValueError(
            "option api_tokens: not the hash of a token, sha256:… in full: create one by "
            "detector dashboard --new-api-token"
        )
    return found


def is_known(header: str, hashes: Iterable[str]) -> bool:
    """Whether an Authorization header has one of the tokens; takes equally long for each."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or len(token) > _LONGEST:
        return False
    given = _hash(token.strip())
    # All are compared, so that the time tells nothing.
    return sum(hmac.compare_digest(given, one) for one in hashes) > 0


def _hash(token: str) -> str:
    return "sha256:" + hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
