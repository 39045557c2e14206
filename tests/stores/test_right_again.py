"""Once a wrong clock is right again, stores go on joining and deleting, and are safe again."""

from __future__ import annotations

import pytest

from detector.analytics.query import summary
from detector.core.counting.store import Store
from tests.support.writers import MONTHS, NOW, YEARS, Writer, view

OLD = NOW - 40 * 24 + 5
"""An hour whose rows are to be joined."""
EXPIRED = NOW - 800 * 24
JOINED = view(OLD - OLD % 24)


class Passing:
    """A stand-in for the module `time`, whose monotonic clock goes on as the processes live."""

    now = 1e6

    def monotonic(self) -> float:
        """Return its time."""
        return self.now


PASSING = Passing()


@pytest.fixture(autouse=True)
def passing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the monotonic clock by one that goes on as the processes live."""
    monkeypatch.setattr("detector.stores.present_hour.time", PASSING)


def live(hours: range, *writers: Writer) -> None:
    """Run the processes: each writes every hour and compacts as a flusher does."""
    for hour in hours:
        PASSING.now += 3600 * hours.step
        for writer in writers:
            writer.write(hour)
            writer.store.compact(hour)


def old_rows(store: Store) -> dict[int, int]:
    """Return the views from before the last month, by hour."""
    return {key[0]: n for key, n in store.rows() if key[0] < NOW - 30 * 24 and key[5] == "view"}


def leave_old(store: Store) -> None:
    """Add rows to be joined, and one to be deleted."""
    store.add({view(OLD): 2, view(OLD + 1): 3, view(EXPIRED): 7})


@pytest.mark.parametrize("restarted", [False, True], ids=["set while it runs", "after a restart"])
@pytest.mark.parametrize("wrong", [NOW + YEARS, 0], ids=["years ahead", "1970"])
def test_a_store_that_began_wrong(url: str, store: Store, wrong: int, restarted: bool) -> None:
    """A single process with a wrong clock creates a store: a day after its clock was set right,
    old rows are joined and expired ones deleted."""
    writer = Writer(url, "one")
    live(range(wrong, wrong + 1), writer)
    if restarted:
        writer.store.close()
        writer = Writer(url, "another")
    leave_old(store)
    live(range(NOW, NOW + 26), writer)
    writer.store.close()
    found = old_rows(store)
    assert found.pop(0, 1) == 1
    assert found == {JOINED[0]: 5}


def test_a_store_that_believed_one(store: Store, one: Writer, two: Writer) -> None:
    """A process that was years ahead, and believed because it was alone for a day, is forgotten
    after two hours of two right ones: rows are joined, and no clock ahead deletes any."""
    live(range(NOW, NOW + 1), one)
    live(range(NOW + YEARS, NOW + YEARS + 25), two)
    leave_old(store)
    live(range(NOW, NOW + 3), one, two)
    assert old_rows(store) == {JOINED[0]: 5}
    kept = summary(store).views
    store.compact(NOW + YEARS, again=True)
    assert summary(store).views == kept
    one.write(NOW + YEARS)
    assert summary(store).errors == 1


def test_weeks_later(store: Store, one: Writer, two: Writer) -> None:
    """What was counted by the hour since the clock is right is joined once it is old."""
    live(range(NOW + YEARS, NOW + YEARS + 25), one)
    live(range(NOW, NOW + 26), one)
    live(range(NOW + 48, NOW + 40 * 24, 24), one)
    hours = [key[0] for key, _ in store.rows() if NOW <= key[0] < NOW + 9 * 24]
    assert hours
    assert all(hour % 24 == 0 for hour in hours)


def test_one_that_is_behind_among_others(store: Store, one: Writer, two: Writer) -> None:
    """A process that stays months behind changes no hour of the others, and repeats no joining."""
    live(range(NOW, NOW + 1), one, two)
    leave_old(store)
    for hour in range(NOW + 1, NOW + 11):
        live(range(hour - MONTHS, hour - MONTHS + 1), two)
        live(range(hour, hour + 1), one)
    assert summary(store).errors == 0
    assert old_rows(store)[OLD] == 2
    live(range(NOW + 24, NOW + 25), one)
    assert old_rows(store)[JOINED[0]] == 5


def test_one_that_is_behind_alone(store: Store, one: Writer, two: Writer) -> None:
    """A process that is behind and alone for a day deletes nothing, and joins nothing by halves;
    three writes after it are dated wrong, and with two right processes all is as before."""
    live(range(NOW, NOW + 1), one, two)
    live(range(NOW - MONTHS, NOW - MONTHS + 25), two)
    live(range(NOW + 24, NOW + 28), one, two)
    assert summary(store).views == 2 + 25 + 8
    assert summary(store).errors == 3
    leave_old(store)
    live(range(NOW + 48, NOW + 49), one)
    assert old_rows(store)[JOINED[0]] == 5
    assert EXPIRED not in old_rows(store)


def test_what_is_left_to_write(store: Store, one: Writer, two: Writer) -> None:
    """Counts of a long outage, written by two processes at once, do not set the hour back."""
    live(range(NOW, NOW + 1), one, two)
    for hour in range(NOW - 70, NOW - 60):
        one.write(hour)
        two.write(hour)
    one.write(NOW + 1)
    assert summary(store).errors == 0
    store.compact(NOW + MONTHS, again=True)
    assert {key[0] for key, _ in store.rows()} == {*range(NOW - 70, NOW - 60), NOW, NOW + 1}
