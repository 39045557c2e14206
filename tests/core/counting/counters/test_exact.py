"""Tests that no event is lost by drains, restores and threads."""

from __future__ import annotations

import sys
import threading

from hypothesis import given
from hypothesis import strategies as st

from detector.core.counting.counters import Counters
from detector.core.counting.dimensions import Key
from tests.core.counting.counters.conftest import Clock, events
from tests.support.forks import in_child


def test_drain_and_restore(clock: Clock) -> None:
    """A drain empties the table; a restore adds to the events counted since."""
    counters = Counters("site", clock=clock)
    counters.count("view", device="phone")
    rows = counters.drain()
    assert counters.snapshot() == {}
    counters.count("view", device="phone")
    counters.restore(rows)
    assert counters.snapshot() == dict.fromkeys(rows, 2)


def test_a_child_starts_empty() -> None:
    """Its parent, which writes what was counted before, may be counting at the moment of a fork."""
    counters = Counters("site")
    counters.count("view")

    def counts_anew() -> bool:
        before = len(counters.snapshot())
        counters.count("view")
        return before == 0 and events(counters.snapshot()) == counters._size == 1

    assert in_child(counters._lock, counts_anew)
    assert events(counters.snapshot()) == 1


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
    """For any clock and any cap, counted plus lost events are all events, and rows are bounded."""
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
    """Eight threads that count while another drains and restores neither lose nor double events."""
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
