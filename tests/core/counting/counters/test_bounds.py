"""Tests of how large the table gets, and of what is dropped first above its cap."""

from __future__ import annotations

import contextlib

import pytest

from detector import Config
from detector.core.counting.counters import Counters
from detector.core.counting.dimensions import (
    MOST_ROWS,
    OPEN,
    rows_per_hour,
)
from detector.core.vocabulary import ACTIONS, DIMENSIONS, STATES
from tests.core.counting.counters.conftest import HOUR, Clock, dropped
from tests.support.root import ROOT


def test_bad_cap() -> None:
    """A cap below one row is refused, and the error names the option."""
    with pytest.raises(ValueError, match="option cap"):
        Counters("site", cap=0)


def test_one_hour_fits_under_the_cap() -> None:
    """The computed bound of one hour's rows is below the usual cap, so no new hour is ever lost."""
    assert rows_per_hour() < 50_000
    assert Counters("site")._cap == 50_000
    paired = Counters("site", pairs=[("browser", "group")])
    assert paired._cap == rows_per_hour(["browser+group"]) > 50_000


@pytest.mark.parametrize("pairs", [(), ("kind+browser", "device+mode", "browser+variant")])
def test_full_hour_stays_within_its_bound(clock: Clock, pairs: tuple[str, ...]) -> None:
    """All allowed events together make exactly the computed number of rows."""
    counters = Counters(
        "site", clock=clock, pairs=tuple((a, b) for a, b in (pair.split("+") for pair in pairs))
    )
    words = {name: sorted(values) for name, values in DIMENSIONS.items()}
    words |= {name: [f"/{n}" for n in range(most + 1)] for name, most in OPEN.items()}
    words |= {"bait": ["none", *(f"!full:{n}" for n in range(64))]}
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


def test_the_largest_pairs_that_were_allowed_still_are() -> None:
    """Sites with the most rows that 300,000 allowed before sessions were counted still start."""
    pairs = ["kind+mode", "kind+locale", "kind+variant", "browser+device", "browser+variant"]
    pairs += ["browser+group", "device+mode", "device+variant", "mode+variant"]
    assert rows_per_hour(pairs) == 314_264 <= MOST_ROWS
    Config(secret="s" * 32, pairs=tuple((a, b) for a, b in (pair.split("+") for pair in pairs)))


def test_events_that_are_remembered_are_bounded(clock: Clock) -> None:
    """However many different events strangers cause, the rows of 2,000 are kept ready."""
    counters = Counters("site", clock=clock)
    for number in range(2001):
        counters.count("view", group=f"/{number}")
        assert len(counters._made) == min(number + 1, 2000)


def test_oldest_hour_goes_first(clock: Clock) -> None:
    """Above the cap the oldest hour is dropped as a whole, and its events count as lost."""
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
    """When a single hour fills the cap, events that need new rows are dropped and count as lost."""
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
    """A restore keeps the newest hours, and counts the events of the dropped ones as lost."""
    counters = Counters("site", cap=3, clock=clock)
    counters.count("view")
    counters.restore({(HOUR - n, "site", "all", "", "", "view"): 10 * n for n in range(1, 5)})
    assert counters.snapshot() == {
        (HOUR, "site", "all", "", "", "view"): 1,
        (HOUR - 1, "site", "all", "", "", "view"): 10,
        (HOUR - 2, "site", "all", "", "", "view"): 20,
        (HOUR, "site", "all", "", "", "dropped"): 70,
    }


def test_documented_bound() -> None:
    """docs/reference/stores.md states the bounds that are computed here."""
    text = (ROOT / "docs/reference/stores.md").read_text("utf-8")
    for number in (
        rows_per_hour(),
        rows_per_hour(["kind+browser"]) - rows_per_hour(),
        rows_per_hour(["browser+group"]) - rows_per_hour(),
        MOST_ROWS,
    ):
        assert f"{number:,}" in text
