"""Tests of detector.core.reports.asked_baits: which baits of a blocked view count, and as what."""

from __future__ import annotations

import pytest

from detector.core.baits.pool import load
from detector.core.baits.site_baits import Baits
from detector.core.counting.dimensions import bait_rows
from detector.core.reports.asked_baits import asked_baits, bait_name
from detector.core.reports.parser import Report
from detector.core.served_names import ServedNames

BAITS = Baits(ServedNames("a secret for tests, long enough"), load())
OTHER = Baits(ServedNames("an older secret of the same site"), load())
DAY = 20_000
CHOICE = [bait.number for bait, _ in BAITS.choose(DAY).requests]


def rows(*failed: int, arrived: tuple[int, ...] = (), baits: tuple[Baits, ...] = (BAITS,)) -> str:
    """Return each place of the day's choice that counts: small when it arrived, else large."""
    report = Report("", "", "blocked", "", failed=failed)
    told = list(bait_rows(asked_baits(baits, DAY * 86_400 + 60, report, frozenset(arrived))))
    out = ""
    for place, number in enumerate(CHOICE):
        entry = load().requests[number]
        name = bait_name(entry.path, entry.everywhere)
        if (name, "asked") in told:
            letter = "abcdef"[place]
            out += letter.upper() if (name, "missed") in told else letter
    return out + "-" * (("none", "asked") in told)


@pytest.mark.parametrize(
    ("failed", "counted"),
    [
        ((0, 1), "AB"),
        ((0, 1, 2, 3, 4, 5), "ABCDEF"),
        # A full list, one of whose rules has gone.
        ((1, 2, 3, 4, 5), "aBCDEF"),
        ((0, 2, 3, 4, 5), "AbCDEF"),
        ((0, 2, 3, 4), "AbCDEf"),
        # Brave's standard mode says nothing about the baits that it lets pass.
        ((0, 2, 3), "ACD"),
        ((2, 3), "aCD"),
        # Elements had settled it before the others were heard of.
        ((0,), "A"),
        ((1,), "aB"),
        ((), "-"),
    ],
)
def test_asked_and_missed(failed: tuple[int, ...], counted: str) -> None:
    """A bait counts as asked in views in which a blocker acts at its reach: the rest is no news."""
    assert rows(*(CHOICE[place] for place in failed)) == counted


def test_arrived_is_not_missed() -> None:
    """A bait that the server saw arrive was not missed, whatever the page says."""
    assert rows(CHOICE[0], CHOICE[1], arrived=(CHOICE[0],)) == "aB"
    assert rows(CHOICE[0], arrived=(CHOICE[0],)) == ""


def test_other_choice() -> None:
    """A view under an earlier secret or pool counts by its own choice, or not at all."""
    older = [bait.number for bait, _ in OTHER.choose(DAY).requests]
    stranger = next(number for number in range(24) if number not in {*CHOICE, *older})
    assert rows(stranger, CHOICE[0]) == rows(63) == ""
    mine = next(number for number in older if number not in CHOICE)
    report = Report("", "", "blocked", "", failed=(mine,))
    assert asked_baits([BAITS], DAY * 86_400, report, frozenset()) == {}
    assert "!" in asked_baits([BAITS, OTHER], DAY * 86_400, report, frozenset())["bait"]


def test_choice_without_what_is_left_out() -> None:
    """From when a bait is left out, a view counts by the choice without it."""
    each = Baits(ServedNames("a secret for tests, long enough"), load())
    report = Report("", "", "blocked", "", failed=(CHOICE[0],))
    assert asked_baits([each], DAY * 86_400, report, frozenset()) != {}
    each.off = frozenset({CHOICE[0]})
    assert asked_baits([each], DAY * 86_400, report, frozenset()) == {}


def test_name_is_bounded() -> None:
    """A bait's name holds its reach and path, and no more than a value of a store may."""
    assert bait_name("{w}/aclib.js", True) == "everywhere:{w}/aclib.js"
    assert bait_name("{w}/aclib.js", False) == "full:{w}/aclib.js"
    assert bait_name("a" * 59, False) == "full:" + "a" * 59
    long = [bait_name("a" * 300 + end, False) for end in "bc"]
    assert len(set(long)) == 2 and {len(name) for name in long} == {64}
