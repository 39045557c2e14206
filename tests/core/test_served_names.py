"""Served names: neutral, stable, different per site."""

from __future__ import annotations

import re

from detector.core.served_names import (
    ALPHABET,
    SCRIPTS,
    VIEW_LENGTH,
    ServedNames,
    is_foreign,
    is_view,
    letters,
    spell,
)

NEUTRAL = re.compile(rf"[{ALPHABET}]+")


def test_alphabet_spells_no_word() -> None:
    """The alphabet has no vowel and no letter of "ads"."""
    assert len(set(ALPHABET)) == 16
    assert not set(ALPHABET) & set("adeiosuty")


def test_names_are_stable_and_differ_per_secret() -> None:
    """The same secret always makes the same names, another secret other names."""
    one, same, other = ServedNames("a" * 16), ServedNames("a" * 16), ServedNames("b" * 16)
    assert one.prefix == same.prefix != other.prefix
    assert one.script("detect", "bbbbbbbb") == same.script("detect", "bbbbbbbb")
    assert one.report != other.report


def test_names_are_those_of_earlier_releases() -> None:
    """A secret's names never change: pages that caches keep have them in their tags."""
    names = ServedNames("a" * 16)
    assert (names.prefix, names.report, names.texts) == ("gwrwnkwj", "bgxqcrmr", "hkpfjpcn.json")
    assert (names.storage_key, names.attribute) == ("xrkpprwr", "data-bnf")
    assert names.state_cookie == "__Host-fcjrxwwp"
    stems = ("jnfcfn", "zkrrnr", "vmhfmq", "xwrkwx", "vwjrcw", "wnmwjq", "jvgpnx", "pzjnmz")
    for kind, stem in zip(SCRIPTS, (*stems, "gczxmr"), strict=True):
        assert names.script(kind, "bcfghjkm") == f"{stem}bcfghjkm.js"
    assert names.word("x") == names.word("x", 64)[:8] == "crwpnvrr"
    assert letters(b"x", 64).startswith("fwmcckhfrmfkrbhhbckfmvqpzrqvgfzj")
    assert len(names.word("x", 64)) == len(letters(b"x", 64)) == 64
    assert spell(b"\x01\xfe") == "bczx"


def test_names_are_neutral() -> None:
    """Every name consists of letters of the alphabet."""
    for n in range(200):
        names = ServedNames(f"secret number {n:09}")
        for name in (names.prefix, names.report, names.storage_key, names.word("x", 64)):
            assert NEUTRAL.fullmatch(name)


def test_script_name_survives_a_deploy() -> None:
    """A name for older content still maps to the same script."""
    names = ServedNames("a" * 16)
    for kind in SCRIPTS:
        assert names.script_of(names.script(kind, "zzzzzzzz")) == kind
    assert names.script_of("zzzzzzzzzzzzzz.js") is None
    assert names.script_of(names.script("detect", "zzzzzzzz")[:-2] + "css") is None


def test_bootstrap_name() -> None:
    """The bootstrap has the script's name with another ending."""
    names = ServedNames("a" * 16)
    assert names.is_bootstrap(names.script("detect", "bcfghjkm")[:-2] + "json")
    assert not names.is_bootstrap(names.script("notice", "bcfghjkm")[:-2] + "json")
    assert not names.is_bootstrap(names.script("detect", "bcfghjkm"))
    assert not names.is_bootstrap("bcfghjkmnpqrvw.json")
    assert names.is_simulation(names.script("simulate", "bcfghjkm")[:-2] + "json")
    assert not names.is_simulation(names.script("detect", "bcfghjkm")[:-2] + "json")


def test_foreign_names_are_known_by_their_form() -> None:
    """A prefix of any secret is recognised; other folders are not."""
    assert is_foreign(f"/{ServedNames('c' * 16).prefix}/bcfghjkm.js")
    assert not is_foreign("/articles/one")
    assert not is_foreign("/bcfghjkm")
    chance = sum(is_foreign(f"/{ServedNames(f'{n:016}').word('no prefix')}/x") for n in range(2000))
    assert chance < 40


def test_view_ids() -> None:
    """A view id has one form."""
    assert is_view("01234567890123456789")
    assert len("01234567890123456789") == VIEW_LENGTH
    for bad in (
        "",
        "bcfghjkmnpqrvwx",
        "bcfghjkmnpqrvwxzz",
        "acfghjkmnpqrvwxz",
        "bcfghjkmnpqrvwx\n",
    ):
        assert not is_view(bad)
