"""Page and view tokens: what they hold, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import string

import pytest
from itsdangerous import TimestampSigner

from detector.report.tokens import GROUP_LENGTH, SKEW, VIEW_AGE, TokenError, Tokens
from tests.conftest import Clock

VIEW = "01234567890123456789"


@pytest.fixture
def tokens(clock: Clock) -> Tokens:
    """Give the tokens of one site."""
    return Tokens(["old " * 8, "new " * 8], clock)


def refuse(reason: str, call: object, token: str) -> None:
    """Expect a token to be refused for a reason."""
    with pytest.raises(TokenError) as error:
        call(token)  # type: ignore[operator]
    assert error.value.reason == reason


def test_page_token_has_no_age(tokens: Tokens, clock: Clock) -> None:
    """A page may be cached for years."""
    token = tokens.page("/article/*")
    clock.now += 10 * 365 * 86400
    assert tokens.read_page(token) == "/article/*"


def test_page_group_is_cleaned_and_cut(tokens: Tokens) -> None:
    """Letters that need escaping become *, and a group has a longest length."""
    assert tokens.read_page(tokens.page('/a/<int:id>"é')) == "/a/*int*id***"
    assert len(tokens.read_page(tokens.page("x" * 200))) == GROUP_LENGTH


def test_view_token_has_one_length(tokens: Tokens, clock: Clock) -> None:
    """View tokens do not differ in length."""
    lengths = set()
    for _ in range(5):
        clock.now += 1e6
        lengths.add(len(tokens.view(VIEW)))
    assert len(lengths) == 1


def test_view_token_age(tokens: Tokens, clock: Clock) -> None:
    """A view token lives a day, give or take five minutes of skew, and is not from the future."""
    token = tokens.view(VIEW)
    clock.now += VIEW_AGE + SKEW - 1
    assert tokens.read_view(token) == VIEW
    clock.now += 2
    refuse("expired", tokens.read_view, token)
    clock.now -= VIEW_AGE + SKEW + 1 + SKEW - 1
    assert tokens.read_view(token) == VIEW
    clock.now -= 2
    refuse("expired", tokens.read_view, token)


def test_forged_tokens(tokens: Tokens) -> None:
    """Every changed, cut, swapped or foreign token is refused."""
    page, view = tokens.page("/a"), tokens.view(VIEW)
    other = Tokens(["other " * 8])
    for bad in ("", ".", "a.b.c", page[:-1], page + "x", "b" + page[1:], other.page("/a"), view):
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
    """The last letter of base64 has two bits that stand for nothing: only as we write them."""
    view = tokens.view(VIEW)
    same = [view[:-1] + letter for letter in string.ascii_letters + string.digits + "-_"]
    bits = {base64.urlsafe_b64decode(one.rpartition(".")[2] + "=") for one in same}
    assert len(bits) == 16
    assert tokens.read_view(view) == VIEW
    for one in same:
        if one != view:
            refuse("token", tokens.read_view, one)


def test_as_itsdangerous_writes_it(clock: Clock) -> None:
    """A view token is one of a TimestampSigner, so that two versions of a deploy take both's."""

    class Signer(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(clock())

    secret, salt = "one " * 8, "detector.view"
    theirs = Signer(secret, salt=salt, digest_method=hashlib.sha256)
    assert Tokens([secret], clock).view(VIEW) == theirs.sign(VIEW).decode()


def test_short_signature_of_a_page(tokens: Tokens) -> None:
    """A page token carries 96 bits of signature, of which each counts; a view token all 256."""
    token = tokens.page("/a")
    group, _, signature = token.rpartition(".")
    assert len(base64.urlsafe_b64decode(signature)) == 12
    for at, letter in enumerate(signature):
        changed = signature[:at] + ("B" if letter != "B" else "C") + signature[at + 1 :]
        refuse("token", tokens.read_page, f"{group}.{changed}")
    for cut in range(len(signature)):
        refuse("token", tokens.read_page, f"{group}.{signature[:cut]}")
    whole = tokens.view(VIEW).rpartition(".")[2]
    assert len(base64.urlsafe_b64decode(whole + "=")) == 32


def test_key_rotation(clock: Clock) -> None:
    """What a previous secret signed still counts; a dropped secret's does not."""
    old = Tokens(["one " * 8], clock)
    both = Tokens(["one " * 8, "two " * 8], clock)
    new = Tokens(["two " * 8], clock)
    assert both.read_view(old.view(VIEW)) == VIEW
    assert new.read_view(both.view(VIEW)) == VIEW
    assert both.read_page(old.page("/a")) == new.read_page(both.page("/a")) == "/a"
    refuse("token", new.read_page, old.page("/a"))
    refuse("token", new.read_view, old.view(VIEW))
