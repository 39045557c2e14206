"""Tests of detector.stats.counters: a bounded, exact table of closed words."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.stats.counters import (
    ACTIONS,
    DIMENSIONS,
    GROUP_LENGTH,
    GROUPS,
    MOST_ROWS,
    OPEN,
    ROWS_PER_HOUR,
    STATES,
    Counters,
    Key,
    rows_per_hour,
)

HOUR = 480_000


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.hour = HOUR

    def __call__(self) -> float:
        """Give the seconds at the middle of the hour."""
        return self.hour * 3600 + 1800.0


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock at a fixed hour."""
    yield Clock()


def events(rows: dict[Key, int]) -> int:
    """All events in the table, each counted once."""
    return sum(count for key, count in rows.items() if key[2] == "all")


def dropped(rows: dict[Key, int]) -> int:
    """Events that are noted as lost."""
    return sum(n for key, n in rows.items() if key[2] == "all" and key[5] == "dropped")


def test_marginals_not_the_cube(clock: Clock) -> None:
    """An event adds to "all" and to each dimension by itself, never to a combination."""
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


@pytest.mark.parametrize(
    ("action", "state", "dims", "message"),
    [
        ("login", "", {}, "action 'login' is none of: page, "),
        ("", "", {}, "action '' is none of: "),
        ("verdict", "sad", {}, "state 'sad' is none of: blocked, "),
        ("verdict", "", {"mood": "x"}, "dimension 'mood' is none of: browser, "),
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


def test_groups_are_bounded(clock: Clock) -> None:
    """Only the first 500 path groups of a process are told apart, also after a drain."""
    counters = Counters("site", clock=clock)
    for number in range(GROUPS):
        counters.count("view", group=f"/{number}")
    counters.drain()
    for number in range(GROUPS + 1000):
        counters.count("view", group=f"/{number}")
    groups = {key[3]: n for key, n in counters.snapshot().items() if key[2] == "group"}
    assert groups.pop("other") == 1000
    assert groups == {f"/{number}": 1 for number in range(GROUPS)}


@pytest.mark.parametrize("site", ["", "x" * 65, "a\nb", "\udcff"])
def test_bad_site(site: str) -> None:
    """A site name that a store could not carry is refused at the start, by its option's name."""
    with pytest.raises(ValueError, match="option site"):
        Counters(site)


def test_bad_cap() -> None:
    """A cap below one row is refused by its option's name."""
    with pytest.raises(ValueError, match="option cap"):
        Counters("site", cap=0)


def test_drain_and_restore(clock: Clock) -> None:
    """A drain empties the table; a restore adds to what was counted meanwhile."""
    counters = Counters("site", clock=clock)
    counters.count("view", device="phone")
    rows = counters.drain()
    assert counters.snapshot() == {}
    counters.count("view", device="phone")
    counters.restore(rows)
    assert counters.snapshot() == dict.fromkeys(rows, 2)


@pytest.mark.parametrize("dimension", ["variant", "locale"])
def test_open_words_are_bounded(dimension: str, clock: Clock) -> None:
    """Variants and languages beyond the bound, or with the sign that joins pairs, are "other"."""
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
    """A pair that was named has rows of its own, in one order, where an event has both parts."""
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
    """What is no pair of two dimensions of views is refused with those that there are."""
    with pytest.raises(ValueError, match="is no pair of two of: kind, browser, device, mode"):
        Counters("site", pairs=[pair])


def test_one_hour_fits_under_the_cap() -> None:
    """The computed bound of one hour's rows is below the usual cap, so no new hour is ever lost."""
    assert ROWS_PER_HOUR < 50_000
    assert Counters("site")._cap == 50_000
    paired = Counters("site", pairs=[("browser", "group")])
    assert paired._cap == rows_per_hour(["browser+group"]) > 50_000


@pytest.mark.parametrize("pairs", [(), ("kind+browser", "device+mode")])
def test_full_hour_stays_within_its_bound(clock: Clock, pairs: tuple[str, ...]) -> None:
    """Every allowed event at once makes exactly the computed number of rows."""
    counters = Counters("site", clock=clock, pairs=[pair.split("+") for pair in pairs])
    words = {name: sorted(values) for name, values in DIMENSIONS.items()}
    words |= {name: [f"/{n}" for n in range(most + 1)] for name, most in OPEN.items()}
    one = [{name: value} for name, values in words.items() for value in values]
    both = [
        {a: x, b: y}
        for a, b in (pair.split("+") for pair in pairs)
        for x in words[a]
        for y in words[b]
    ]
    for action in ACTIONS:
        for state in ("", *STATES):
            for dims in [{}, *one, *both]:
                with contextlib.suppress(ValueError):
                    counters.count(action, state, **dims)
    rows = counters.snapshot()
    assert len(rows) == rows_per_hour(pairs)
    assert dropped({key: n for key, n in rows.items() if key[3]}) == 0


def test_oldest_hour_goes_first(clock: Clock) -> None:
    """Above the cap the oldest hour is dropped whole, and its events are noted as lost."""
    counters = Counters("site", cap=4, clock=clock)
    for _ in range(3):
        counters.count("view", device="phone")
    clock.hour += 1
    counters.count("view", device="phone")
    clock.hour += 1
    counters.count("view", device="desktop")
    assert counters.snapshot() == {
        (HOUR + 1, "site", "all", "", "", "view"): 1,
        (HOUR + 1, "site", "device", "phone", "", "view"): 1,
        (HOUR + 2, "site", "all", "", "", "view"): 1,
        (HOUR + 2, "site", "device", "desktop", "", "view"): 1,
        (HOUR + 2, "site", "all", "", "", "dropped"): 3,
    }


def test_one_hour_above_the_cap(clock: Clock) -> None:
    """When a single hour fills the cap, events that need new rows are lost whole, and noted."""
    counters = Counters("site", cap=2, clock=clock)
    counters.count("view", device="phone")
    counters.count("view", device="desktop")
    counters.count("view", device="phone")
    assert counters.snapshot() == {
        (HOUR, "site", "all", "", "", "view"): 2,
        (HOUR, "site", "device", "phone", "", "view"): 2,
        (HOUR, "site", "all", "", "", "dropped"): 1,
    }


def test_restore_above_the_cap(clock: Clock) -> None:
    """A restore keeps the newest hours and notes the events of those that it drops."""
    counters = Counters("site", cap=3, clock=clock)
    counters.count("view")
    counters.restore({(HOUR - n, "site", "all", "", "", "view"): 10 * n for n in range(1, 5)})
    assert counters.snapshot() == {
        (HOUR, "site", "all", "", "", "view"): 1,
        (HOUR - 1, "site", "all", "", "", "view"): 10,
        (HOUR - 2, "site", "all", "", "", "view"): 20,
        (HOUR, "site", "all", "", "", "dropped"): 70,
    }


@given(
    cap=st.integers(1, 30),
    steps=st.lists(
        st.tuples(
            st.integers(-3, 5),
            st.sampled_from(["view", "verdict", "dropped", "shown"]),
            st.sampled_from(["desktop", "phone", "tablet"]),
            st.booleans(),
        ),
        max_size=60,
    ),
)
def test_no_event_vanishes(cap: int, steps: list[tuple[int, str, str, bool]]) -> None:
    """Whatever the clock does and however small the cap: counted plus lost is all, rows bounded."""
    clock = Clock()
    counters = Counters("site", cap=cap, clock=clock)
    for move, action, device, again in steps:
        clock.hour += move
        dims = {} if action == "dropped" else {"device": device, "group": f"/{move}"}
        counters.count(action, **dims)
        if again:
            counters.restore(counters.drain())
    rows = counters.snapshot()
    assert events(rows) == len(steps)
    assert len(rows) - len([key for key in rows if key[5] == "dropped"]) <= cap
    assert counters._size == len(rows)


def test_exact_under_threads() -> None:
    """Eight threads that count while another drains and restores lose and double nothing."""
    counters = Counters("site")
    total: dict[Key, int] = {}
    working = threading.Event()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def count() -> None:
        working.wait()
        for number in range(2000):
            counters.count("verdict", "clear", browser="firefox", group=f"/{number % 7}")

    threads = [threading.Thread(target=count) for _ in range(8)]
    try:
        for thread in threads:
            thread.start()
        working.set()
        while any(thread.is_alive() for thread in threads):
            rows = counters.drain()
            if len(total) % 2:
                counters.restore(rows)
            else:
                for key, n in rows.items():
                    total[key] = total.get(key, 0) + n
    finally:
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
    for key, n in counters.drain().items():
        total[key] = total.get(key, 0) + n
    by_dimension: dict[str, int] = {}
    for key, n in total.items():
        by_dimension[key[2]] = by_dimension.get(key[2], 0) + n
    assert by_dimension == {"all": 16000, "browser": 16000, "group": 16000}


def test_documented_bound() -> None:
    """docs/stats.md gives the bounds that are computed here."""
    text = (Path(__file__).parent.parent / "docs" / "stats.md").read_text("utf-8")
    for number in (
        ROWS_PER_HOUR,
        rows_per_hour(["kind+browser"]) - ROWS_PER_HOUR,
        rows_per_hour(["browser+group"]) - ROWS_PER_HOUR,
        MOST_ROWS,
    ):
        assert f"{number:,}" in text
