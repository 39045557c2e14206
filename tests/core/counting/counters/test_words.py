"""Tests of what the counters accept: closed words, bounded open ones, named pairs."""

from __future__ import annotations

import pytest

from detector.core.counting.counters import Counters, events
from detector.core.counting.dimensions import GROUP_LENGTH, OPEN, bait_rows
from tests.core.counting.counters.conftest import HOUR, Clock


def test_marginals_not_the_cube(clock: Clock) -> None:
    """An event adds to "all" and to each single dimension, never to a combination."""
    counters = Counters("site", clock=clock)
    counters.count("verdict", "blocked", kind="extension", browser="firefox", group="/a")
    counters.count("verdict", "blocked", kind="network", browser="firefox")
    assert counters.snapshot() == {
        (HOUR, "site", "all", "", "blocked", "verdict"): 2,
        (HOUR, "site", "kind", "extension", "blocked", "verdict"): 1,
        (HOUR, "site", "kind", "network", "blocked", "verdict"): 1,
        (HOUR, "site", "browser", "firefox", "blocked", "verdict"): 2,
        (HOUR, "site", "group", "/a", "blocked", "verdict"): 1,
    }
    assert events(counters.snapshot()) == 2


def test_baits_of_a_verdict() -> None:
    """Each bait was asked for, and one with a mark missed too; a verdict without any has none."""
    found = list(bait_rows({"bait": "full:a.js !everywhere:b.js none", "kind": "extension"}))
    assert found == [
        *(("full:a.js", "asked"), ("everywhere:b.js", "asked"), ("everywhere:b.js", "missed")),
        ("none", "asked"),
    ]
    assert list(bait_rows({"kind": "extension"})) == []


@pytest.mark.parametrize(
    ("action", "state", "dims", "message"),
    [
        ("login", "", {}, "action 'login' is none of: page, "),
        ("", "", {}, "action '' is none of: "),
        ("verdict", "sad", {}, "state 'sad' is none of: blocked, "),
        ("verdict", "", {"mood": "x"}, "dimension 'mood' is none of: bait, browser, "),
        ("verdict", "", {"kind": ""}, "kind '' is none of: browser, "),
        ("view", "", {"browser": "Firefox"}, "browser 'Firefox' is none of: brave, "),
        ("refused", "", {"reason": "x"}, "reason 'x' is none of: bot, "),
        ("refused", "", {"group": "/"}, "dimension 'group' is none of: reason "),
        ("error", "", {"group": "/"}, "dimension 'group' is none of: nothing "),
        ("view", "blocked", {}, "state 'blocked' is none of: .*, or not for view"),
    ],
)
def test_unknown_words(action: str, state: str, dims: dict[str, str], message: str) -> None:
    """A word outside the allow-list is an error that lists the allowed ones; nothing is counted."""
    counters = Counters("site")
    with pytest.raises(ValueError, match=message):
        counters.count(action, state, **dims)
    assert counters.snapshot() == {}


@pytest.mark.parametrize("group", ["", "x" * (GROUP_LENGTH + 1), "a\nb", "\ud800", "\u2028"])
def test_unusable_groups(group: str, clock: Clock) -> None:
    """A path group that a store or a log could not carry counts as "other"."""
    counters = Counters("site", clock=clock)
    counters.count("view", group=group)
    assert (HOUR, "site", "group", "other", "", "view") in counters.snapshot()


def test_the_longest_words(clock: Clock) -> None:
    """A site and a path group may have 64 characters."""
    longest = "x" * GROUP_LENGTH
    counters = Counters(longest, clock=clock)
    counters.count("view", group=longest)
    assert (HOUR, longest, "group", longest, "", "view") in counters.snapshot()


def test_groups_are_bounded(clock: Clock) -> None:
    """Only the first 500 path groups of a process get rows of their own, also after a drain."""
    counters = Counters("site", clock=clock)
    counters.count("view", group="other")
    counters.drain()
    for number in range(OPEN["group"]):
        counters.count("view", group=f"/{number}")
    counters.drain()
    for number in range(OPEN["group"] + 1000):
        counters.count("view", group=f"/{number}")
    groups = {key[3]: n for key, n in counters.snapshot().items() if key[2] == "group"}
    assert groups.pop("other") == 1000
    assert groups == {f"/{number}": 1 for number in range(OPEN["group"])}


@pytest.mark.parametrize("site", ["", "x" * 65, "a\nb", "\udcff"])
def test_bad_site(site: str) -> None:
    """A site name that a store could not carry is refused; the error names the option."""
    with pytest.raises(ValueError, match="option site"):
        Counters(site)


@pytest.mark.parametrize("dimension", ["variant", "locale"])
def test_open_words_are_bounded(dimension: str, clock: Clock) -> None:
    """Variants and languages above the bound, or with the separator of pairs, count as "other"."""
    counters = Counters("site", clock=clock)
    for number in range(OPEN[dimension] + 5):
        counters.count("view", **{dimension: f"v{number}"})
    counters.count("view", **{dimension: "a+b"})
    counters.count("view", **{dimension: "v0"})
    found = {key[3]: n for key, n in counters.snapshot().items() if key[2] == dimension}
    assert found.pop("other") == 6
    assert found.pop("v0") == 2
    assert len(found) == OPEN[dimension] - 1


def test_pairs(clock: Clock) -> None:
    """A configured pair has rows of its own, in one order, for events that have both parts."""
    counters = Counters("site", clock=clock, pairs=[["browser", "kind"], ("group", "device")])
    assert counters.pairs == ("kind+browser", "device+group")
    counters.count("verdict", "blocked", kind="extension", browser="firefox", group="/a+b")
    counters.count("view", device="phone", group="x" * 65)
    pairs = {key[2:]: n for key, n in counters.snapshot().items() if "+" in key[2]}
    assert pairs == {
        ("kind+browser", "extension+firefox", "blocked", "verdict"): 1,
        ("device+group", "phone+other", "", "view"): 1,
    }


@pytest.mark.parametrize(
    "pair", [["kind"], ["kind", "kind"], ["kind", "mood"], ["reason", "kind"], "kind"]
)
def test_no_pair(pair: list[str]) -> None:
    """Anything but a pair of two dimensions of views is refused with a list of the dimensions."""
    with pytest.raises(ValueError, match="is not a pair of two of: kind, browser, device, mode"):
        Counters("site", pairs=[pair])
