"""Damage done to tokens, bodies, cookies and queries, by a random generator."""

from __future__ import annotations

from random import Random
from typing import Any

from itsdangerous import BadData
from itsdangerous.encoding import base64_decode

_TEXTS = ("", "\x00", "é", "a" * 300, "__proto__", "../..", "<script>", "'--", "\u202e")
_MARKS = "'\"\\;,= \t{}[]()<>@:%&~.\x7f"


def flipped(rng: Random, token: str) -> str:
    """Flip one bit of a token."""
    at = rng.randrange(len(token))
    return token[:at] + chr(ord(token[at]) ^ 1 << rng.randrange(7)) + token[at + 1 :]


def same_signature(one: str, other: str) -> bool:
    """Whether two tokens of itsdangerous have the same signature, spelled in two ways.

    The last letter of base64 has unused bits, and text after a "=" is ignored. The detector's
    own tokens are valid in one spelling only.
    """
    head, _, sign = one.rpartition(".")
    other_head, _, other_sign = other.rpartition(".")
    try:
        return head == other_head and base64_decode(sign) == base64_decode(other_sign)
    except BadData:
        return False


def forged(rng: Random, token: str) -> str:
    """Build a token that the site did not sign, from one that it did."""
    way = rng.randrange(7)
    if way == 0:
        return token[: rng.randrange(len(token))]
    if way == 1:
        return token + "".join(rng.choices("abcABC019-_.=", k=rng.randrange(1, 9)))
    if way == 2:
        parts = token.split(".")
        rng.shuffle(parts)
        mixed = ".".join(parts)
        return mixed if mixed != token else token[::-1]
    if way == 3:
        head, _, sign = token.rpartition(".")
        return f"{head}.{''.join(rng.choices('abcdefgABCDEFG0123456789-_', k=len(sign)))}"
    if way == 4:
        return "".join(rng.choices("abcXYZ0189-_.", k=rng.randrange(1, 200)))
    if way == 5:
        return rng.choice(("blocked", "clear", "true", "{}", "e30.e30.e30", "..", "." + token))
    return flipped(rng, token)


def damaged_body(rng: Random, whole: bytes) -> bytes:
    """Change, insert, drop or repeat some bytes."""
    out = bytearray(whole)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(out) + 1)
        way = rng.randrange(4)
        if way == 0:
            out[at : at + 1] = bytes([rng.randrange(256)])
        elif way == 1:
            out[at:at] = rng.choice(_MARKS).encode()
        elif way == 2:
            del out[at : at + rng.randrange(1, 4)]
        else:
            out[at:at] = out[at : at + 20]
    return bytes(out)


def odd_value(rng: Random) -> Any:
    """Return a JSON value that occurs in no report."""
    return rng.choice(
        (
            *(None, True, False, 0, -1, 1e308, float("nan"), 10**30, [], {}, [[]], {"a": 1}),
            *(
                [None],
                [1, "a"],
                [64],
                [-1],
                [True],
                list(range(65)),
                "nothing of a closed list",
                "\ud800",
            ),
        )
    )


def odd_text(rng: Random) -> str:
    """Return a text with characters that are special to parsers."""
    if rng.random() < 0.3:
        return rng.choice(_TEXTS)
    return "".join(rng.choices(_MARKS + "abc019é\xff", k=rng.randrange(1, 30)))


def address(rng: Random) -> str:
    """Return a public address, of IPv4 or IPv6."""
    if rng.random() < 0.5:
        return f"{rng.choice((1, 5, 31, 93))}.{rng.randrange(256)}.{rng.randrange(256)}.7"
    return f"2a0{rng.randrange(1, 9)}:{rng.randrange(1 << 16):x}:{rng.randrange(1 << 16):x}:5::1"
