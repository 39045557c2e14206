"""Tests of detector.core.baits.silence: when a bait is silent, and how often that is wrong."""

from __future__ import annotations

import random

import pytest

from detector.core.baits.silence import LEAST_ASKED, Bait, Day, baits, by_bait
from detector.core.counting.store import Sum
from tests.support.bait_field import Field

ONE, TWO, THREE = "full:one.js", "full:two.js", "everywhere:three.js"
Counts = dict[str, dict[int, Day]]


def silent(found: Counts) -> list[str]:
    """Return the names of the silent baits."""
    return [bait.name for bait in baits(found) if bait.silent]


def days(*counts: tuple[int, int]) -> dict[int, Day]:
    """Return one day after another, of asked and missed."""
    return {24 * number: Day(*count) for number, count in enumerate(counts)}


FULL = days(*[(100, 90)] * 4)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (days((80, 0), (80, 0), (80, 0)), True),
        (days((80, 24), (80, 24), (80, 24)), True),
        (days((80, 26), (80, 25), (80, 25)), False),
        # Too few counts, or too few days.
        (days((66, 0), (66, 0), (67, 0)), False),
        (days((100, 0), (100, 0)), False),
        # The latest days decide, whatever was before them; and a bait may come back.
        (days((900, 900), (80, 0), (80, 0), (80, 0)), True),
        (days((80, 0), (80, 0), (80, 0), (900, 900)), False),
    ],
)
def test_rule(counts: dict[int, Day], expected: bool) -> None:
    """A bait is silent at a third of the others' rate or less, from 200 asked and 3 days on."""
    assert silent({ONE: counts, TWO: FULL}) == [ONE] * expected


def test_exactly_at_the_bounds() -> None:
    """A third of the others' rate is silent, and 200 of them asked on those days are enough."""
    assert silent({ONE: days(*[(80, 20)] * 3), TWO: days(*[(100, 75)] * 3)}) == [ONE]
    assert silent({ONE: days((67, 0), (67, 0), (66, 0)), TWO: FULL}) == [ONE]
    assert silent({ONE: days(*[(100, 0)] * 3), TWO: days((200, 200))}) == [ONE]


def test_the_others_are_seen_on_the_same_days() -> None:
    """What the others missed on earlier days does not count."""
    found = {
        ONE: days((900, 900), (80, 0), (80, 0), (80, 0)),
        TWO: days((100, 0), (100, 90), (100, 60), (100, 30)),
    }
    bait = next(bait for bait in baits(found) if bait.silent)
    assert bait.silent and bait.silent.others == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("name", "reach"),
    [
        *(("full:a.js", "full"), ("everywhere:b.js", "everywhere"), ("full:a:b.js", "full")),
        *(("full", ""), ("none", ""), ("partly:a.js", ""), ("", "")),
    ],
)
def test_reach(name: str, reach: str) -> None:
    """A name has its reach before a colon; other names have none."""
    assert Bait(name, 0, 0).reach == reach


def test_same_reach() -> None:
    """A bait is compared with others of the same reach alone, and never without them."""
    counts = days(*[(100, 0)] * 3)
    assert silent({ONE: counts, THREE: FULL}) == []
    assert silent({ONE: counts, TWO: days((199, 199)), "none": FULL}) == []
    assert silent({"all": FULL, ONE: counts, TWO: FULL}) == [ONE]


def test_all_dead() -> None:
    """When all baits die there is nothing to compare with: the check against lists finds that."""
    assert silent({ONE: days(*[(100, 0)] * 3), TWO: days(*[(100, 0)] * 3)}) == []


def test_since() -> None:
    """It is silent since the day after the last on which it was missed as often as others."""
    found = {
        ONE: days((80, 70), (80, 75), (80, 1), (4, 3), (80, 0), (80, 2)),
        TWO: days(*FULL.values(), *FULL.values()),
    }
    bait = next(bait for bait in baits(found) if bait.name == ONE)
    assert bait.silent and (bait.silent.since, bait.silent.asked, bait.silent.missed) == (
        48,
        244,
        6,
    )
    assert bait.silent.others == pytest.approx(0.9)
    assert (bait.asked, bait.missed, bait.silent.last) == (404, 151, 120)


@pytest.mark.parametrize(
    ("before", "latest", "since"),
    [
        # A day with fewer than ten asked, or with half of the others' rate, ends no silence.
        *(((10, 10), (80, 0), 48), ((9, 9), (80, 0), 24)),
        *(((20, 10), (80, 0), 48), ((20, 9), (80, 0), 24)),
        ((80, 0), (10, 10), 96),
    ],
)
def test_where_a_silence_begins(
    before: tuple[int, int], latest: tuple[int, int], since: int
) -> None:
    """It begins after the last day on which the bait was missed; at the latest on the latest."""
    found = {ONE: days((80, 75), before, (99, 0), (99, 0), latest), TWO: days(*[(100, 90)] * 5)}
    bait = next(bait for bait in baits(found) if bait.name == ONE)
    assert bait.silent and bait.silent.since == since


def test_sums() -> None:
    """Days are read from sums of asked and missed."""
    sums = [
        Sum(24, ONE, "", "asked", 3),
        Sum(24, ONE, "", "missed", 1),
        Sum(48, ONE, "", "asked", 2),
        Sum(48, ONE, "", "shown", 5),
    ]
    assert by_bait(sums) == {ONE: {24: Day(3, 1), 48: Day(2, 0)}}


def test_no_false_alarm() -> None:
    """In the simulated field, with real choices and every bait alive, none is ever silent."""
    judged = 0
    for seed in range(12):
        sums: list[Sum] = []
        for day, rows in enumerate(Field(seed).days(60)):
            sums += rows
            if day % 3 == 2:
                found = baits(by_bait(sums))
                judged += sum(bait.asked >= LEAST_ASKED for bait in found)
                assert [bait for bait in found if bait.silent] == []
    assert judged > 1000


def test_found_at_200() -> None:
    """At 200 asked at least 96 % of dead baits are found, though a fifth of blockers keep them."""
    chance = random.Random(17)

    def drawn(rate: float, asked: int) -> Day:
        return Day(asked, sum(chance.random() < rate for _ in range(asked)))

    runs = 500
    hits = false = 0
    for _ in range(runs):
        split = (67, 67, 66)
        others = {n * 24: drawn(0.9, 120) for n in range(3)}
        dead = {n * 24: drawn(0.9 * 0.2 + 0.02, asked) for n, asked in enumerate(split)}
        alive = {n * 24: drawn(0.75, asked) for n, asked in enumerate(split)}
        hits += silent({ONE: dead, TWO: others}) == [ONE]
        false += silent({ONE: alive, TWO: others}) != []
    assert hits >= 0.96 * runs
    assert false == 0


def test_dies_on_day_10() -> None:
    """In the simulated field a bait that dies on day 10 is found, it alone, and since when."""
    field = Field(7, lambda number, day: number == 3 and day >= 10, views=120)
    sums = [row for rows in field.days(40) for row in rows]
    found = [bait for bait in baits(by_bait(sums)) if bait.silent]
    assert [bait.name for bait in found] == [field.name(3)]
    since = found[0].silent
    assert since and since.since // 24 - min(row.hour for row in sums) // 24 in range(10, 21)
