"""Page and view tokens: their content, and which ones are refused."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable
from typing import Any

import pytest
from itsdangerous import HMACAlgorithm, Signer, TimestampSigner

from detector.core.served_names import ALPHABET
from detector.core.tokens import (
    GROUP_LENGTH,
    SKEW,
    TOKEN_LENGTH,
    VIEW_AGE,
    TokenError,
    Tokens,
)
from tests.conftest import Clock

VIEW = "01234567890123456789"


@pytest.fixture
def tokens(clock: Clock) -> Tokens:
    """Return the tokens of one site."""
    return Tokens(["old " * 8, "new " * 8], clock)


def refuse(reason: str, call: object, token: str) -> None:
    """Check that a token is refused for a reason."""
    with pytest.raises(TokenError) as error:
        call(token)  # type: ignore[operator]
    assert error.value.reason == str(error.value) == reason


def test_page_token_has_no_age(tokens: Tokens, clock: Clock) -> None:
    """A page may be cached for years."""
    token = tokens.page("/article/*")
    clock.now += 10 * 365 * 86400
    assert tokens.read_page(token) == "/article/*"


def test_page_group_is_cleaned_and_cut(tokens: Tokens) -> None:
    """Characters that need escaping become *, and a group has a maximum length."""
    assert tokens.read_page(tokens.page('/a/<int:id>"é')) == "/a/*int*id***"
    assert len(tokens.read_page(tokens.page("x" * 200))) == GROUP_LENGTH


def test_view_token_has_one_length(tokens: Tokens, clock: Clock) -> None:
    """All view tokens have the same length."""
    lengths = set()
    for _ in range(5):
        clock.now += 1e6
        lengths.add(len(tokens.view(VIEW)))
    assert len(lengths) == 1


@pytest.mark.parametrize(
    ("kind", "age"),
    [("view", VIEW_AGE), ("preview", 7 * 24 * 3600), ("state", 31 * 24 * 3600)],
)
def test_age_of_a_token(tokens: Tokens, clock: Clock, kind: str, age: int) -> None:
    """A view token is valid for a day, a preview link for a week and a state for 31 days, give or
    take five minutes of skew, and none in advance."""
    read = getattr(tokens, f"read_{kind}")
    signed, token = clock.now, getattr(tokens, kind)(VIEW)
    for seconds in (-SKEW, 0, age + SKEW):
        clock.now = signed + seconds
        assert read(token) == VIEW
    for seconds in (-SKEW - 1, age + SKEW + 1):
        clock.now = signed + seconds
        refuse("expired", read, token)


def test_time_of_a_view(tokens: Tokens, clock: Clock) -> None:
    """A view token says when it was signed, in whole seconds."""
    token = tokens.view(VIEW)
    clock.now += 100
    assert tokens.read_dated_view(token) == (VIEW, clock.now - 100)
    clock.now += 0.75
    assert tokens.read_dated_view(tokens.view(VIEW)) == (VIEW, int(clock.now))


def test_what_a_token_holds(tokens: Tokens) -> None:
    """A text may have points, as the token has; a view token holds a view's id and nothing else."""
    assert tokens.read_preview(tokens.preview("a.b.c")) == "a.b.c"
    refuse("token", tokens.read_view, tokens.view("a.b.c"))


def test_a_token_has_a_greatest_length(tokens: Tokens) -> None:
    """A token of 256 characters is read; one more is refused, even if it is signed."""
    longest, longer = tokens.state("x" * 180), tokens.state("x" * 181)
    assert (len(longest), len(longer)) == (TOKEN_LENGTH, TOKEN_LENGTH + 1)
    assert tokens.read_state(longest) == "x" * 180
    refuse("token", tokens.read_state, longer)


def test_few_groups_are_remembered(tokens: Tokens) -> None:
    """A site with many groups keeps about a thousand tokens in memory, and signs the others."""
    for number in range(1500):
        assert tokens.read_page(tokens.page(f"/{number}")) == f"/{number}"
    for cache in (tokens._signed_page, tokens._known_page):
        assert cache.cache_info().currsize == 1024


def test_forged_tokens(tokens: Tokens) -> None:
    """Every changed, cut, swapped or foreign token is refused."""
    page, view = tokens.page("/a"), tokens.view(VIEW)
    other = Tokens(["other " * 8])
    for bad in ("", ".", "a.b.c", page[:-1], page + "x", "q" + page[1:], other.page("/a"), view):
        refuse("token", tokens.read_page, bad)
    for bad in ("", "..", view[:-1], view + "x", "7" + view[1:], other.view(VIEW), page):
        refuse("token", tokens.read_view, bad)
    refuse("token", tokens.read_page, "é" * 20)
    refuse("token", tokens.read_page, "x" * 100_000)


def test_every_flipped_bit_is_refused(tokens: Tokens) -> None:
    """No single changed letter passes."""
    view = tokens.view(VIEW)
    for at in range(len(view)):
        letter = "B" if view[at] != "B" else "C"
        refuse("token", tokens.read_view, view[:at] + letter + view[at + 1 :])


def test_one_way_to_write_a_token(tokens: Tokens) -> None:
    """Only the canonical spelling of a token is accepted, with nothing before it."""
    page, view = tokens.page("/a"), tokens.view(VIEW)
    for letter in string.printable:
        for one in (letter + page, page[:-1] + letter, page + letter):
            if one != page:
                refuse("token", tokens.read_page, one)
        for one in (letter + view, view[:-1] + letter, view.upper(), view + letter):
            if one != view:
                refuse("token", tokens.read_view, one)


class _Old(TimestampSigner):
    """A signer of itsdangerous with a frozen clock."""

    clock: Callable[[], float]

    def get_timestamp(self) -> int:
        return int(self.clock())


def test_tokens_of_earlier_versions(clock: Clock) -> None:
    """Cached tags, open views, cookies and links of an earlier version are still accepted."""

    class Short(HMACAlgorithm):
        def get_signature(self, key: bytes, value: bytes) -> bytes:
            return super().get_signature(key, value)[:12]

    secret, tokens = "one " * 8, Tokens(["one " * 8, "two " * 8], clock)
    salted: dict[str, Any] = {"digest_method": hashlib.sha256}
    page = Signer(secret, salt="detector.page", algorithm=Short(hashlib.sha256), **salted)
    for group in ("/article/*", "", "/files/*/*", "/--/"):
        token = page.sign(group).decode()
        assert tokens.read_page(token) == group
        for bad in (token[:-1], token + "A", "x" + token, token.replace(".", "..")):
            refuse("token", tokens.read_page, bad)
    for purpose, read in {
        "view": tokens.read_view,
        "state": tokens.read_state,
        "simulation": tokens.read_preview,
    }.items():
        signer = _Old(secret, salt=f"detector.{purpose}", **salted)
        signer.clock = clock
        assert read(signer.sign(VIEW).decode()) == VIEW
        refuse("token", read, signer.sign(VIEW).decode()[:-1])


def test_signature_of_a_page_is_short(tokens: Tokens) -> None:
    """A page token has 96 bits of signature, each of which is checked; a view token all 256."""
    token = tokens.page("/a")
    # In an alphabet of 61 characters.
    assert len(tokens.page("")) in (16, 17)
    for at, letter in enumerate(token):
        changed = token[:at] + ("B" if letter != "B" else "C") + token[at + 1 :]
        refuse("token", tokens.read_page, changed)
    for cut in range(len(token)):
        refuse("token", tokens.read_page, token[:cut])
    whole = tokens.view(VIEW).rpartition(".")[2]
    assert len(whole) == 64 and set(whole) <= set(ALPHABET)


@pytest.mark.parametrize("group", ["/files/*", "/a--b-c", "/etc/passwd", "/0xdead", "/" * 48])
def test_no_signs_in_a_page_token(tokens: Tokens, group: str) -> None:
    """On the wire a group is a word of letters and digits, with the same length and without 0x."""
    token = tokens.page(group)
    assert tokens.read_page(token) == group
    assert token.isalnum() and "0" not in token
    assert len(token) <= len(group) + 18


def test_key_rotation(clock: Clock) -> None:
    """Tokens signed with a previous secret are valid; with a removed secret they are not."""
    old = Tokens(["one " * 8], clock)
    both = Tokens(["one " * 8, "two " * 8], clock)
    new = Tokens(["two " * 8], clock)
    assert both.read_view(old.view(VIEW)) == VIEW
    assert new.read_view(both.view(VIEW)) == VIEW
    assert both.read_page(old.page("/a")) == new.read_page(both.page("/a")) == "/a"
    refuse("token", new.read_page, old.page("/a"))
    refuse("token", new.read_view, old.view(VIEW))
