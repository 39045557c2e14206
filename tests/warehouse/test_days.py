"""Which days are complete, and what happens to each."""

from __future__ import annotations

import pytest

from detector.core.counting.store import Store
from detector.warehouse.days import (
    AFTER,
    Decision,
    Hours,
    complete_until,
    decide,
    events_by_day,
    hours_of,
)
from detector.warehouse.schema import Exported

DAY = 480_000


def test_complete_a_day_and_five_minutes_later() -> None:
    """A day is complete in the first hour in which no report of its last view is accepted."""
    assert AFTER == 25
    end = DAY + 24
    assert complete_until(end + 24) == DAY
    assert complete_until(end + 25) == end
    assert complete_until(end + 48) == end
    assert complete_until(end + 49) == end + 24


@pytest.mark.parametrize("again", [False, True])
def test_new_days_are_written(again: bool) -> None:
    """A day that was not exported is written, joined or not."""
    assert decide(5, None, again, lambda: Hours.APART) is Decision.WRITE
    assert decide(5, None, again, lambda: Hours.JOINED) is Decision.WRITE


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("exported", [None, Exported(4, 3, False), Exported(4, 3, True)])
def test_half_joined_days_are_left(exported: Exported | None, again: bool) -> None:
    """A day of which only some dimensions are joined is written by a later run."""
    assert decide(5, exported, again, lambda: Hours.JOINING) is Decision.JOINING


@pytest.mark.parametrize(
    ("events", "was_joined", "joined", "once", "again"),
    [
        (5, False, False, Decision.SAME, Decision.WRITE),
        (6, False, False, Decision.WRITE, Decision.WRITE),
        (4, False, False, Decision.EMPTIED, Decision.EMPTIED),
        (5, False, True, Decision.SAME, Decision.JOINED),
        (6, False, True, Decision.JOINED, Decision.JOINED),
        (4, False, True, Decision.EMPTIED, Decision.EMPTIED),
        (5, True, True, Decision.SAME, Decision.WRITE),
        (6, True, True, Decision.WRITE, Decision.WRITE),
        (0, True, True, Decision.EMPTIED, Decision.EMPTIED),
    ],
)
def test_never_replaced_by_less(
    events: int, was_joined: bool, joined: bool, once: Decision, again: Decision
) -> None:
    """Of 5 events that were exported, fewer events or a joined day are no replacement."""
    exported = Exported(5, 3, was_joined)
    hours = Hours.JOINED if joined else Hours.APART
    assert decide(events, exported, False, lambda: hours) is once
    assert decide(events, exported, True, lambda: hours) is again


def test_days_of_a_store(store: Store) -> None:
    """A day has the events of its hours, and is joined once the store has joined all of it."""
    hours = {DAY: 1, DAY + 5: 2, DAY + 24: 4, DAY + 40 * 24: 2}
    store.add({(hour, "site", "all", "", "", "view"): count for hour, count in hours.items()})
    newest = DAY + 40 * 24
    assert events_by_day(store, "site") == {DAY: 3, DAY + 24: 4, DAY + 40 * 24: 2}
    assert events_by_day(store, "site", DAY + 24, DAY + 48) == {DAY + 24: 4}
    assert events_by_day(store, "other") == {}
    assert hours_of(store, "site", DAY, newest) is Hours.JOINING
    store.compact(newest, again=True)
    assert events_by_day(store, "site") == {DAY: 3, DAY + 24: 4, DAY + 40 * 24: 2}
    assert hours_of(store, "site", DAY, newest) is Hours.JOINED
    assert hours_of(store, "site", DAY + 40 * 24 - 24, newest) is Hours.APART
    # As in the midst of joining, or after a late count: one dimension has an hour of its own.
    store.add({(DAY + 7, "site", "browser", "Firefox", "", "view"): 1})
    assert hours_of(store, "site", DAY, newest) is Hours.JOINING
