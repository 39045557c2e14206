"""Writers after months or a week of silence: the store's hour follows, and the expired goes."""

from __future__ import annotations

import time
from typing import NamedTuple

import pytest

from detector.analytics.query import summary
from detector.core.counting.store import Store
from tests.support.writers import MONTHS, NOW, Writer, error, kept, view


class Stopped(NamedTuple):
    """A stand-in for the module `time` with a frozen clock."""

    now: float

    def monotonic(self) -> float:
        """Return its time."""
        return self.now


def day(hour: int) -> int:
    """Return the first hour of a day."""
    return hour - hour % 24


def test_months_later_with_two_writers(one: Writer, two: Writer, store: Store) -> None:
    """A site that was down for months recovers after some writes, and for good with two writers."""
    one.write(NOW)
    one.write(NOW - 700 * 24, 1000)
    later = NOW + MONTHS
    for _ in range(5):
        two.write(later)
    assert dict(store.rows(NOW)) == {view(NOW): 4, error(NOW): 3, view(later): 2}
    assert kept(store, later) == 1006
    one.write(later + 1)
    two.write(later + 2)
    assert summary(store).errors == 3
    assert kept(store, later + 2) == 8


def test_months_later_with_one_writer(two: Writer, one: Writer, store: Store) -> None:
    """A single writer advances the store's hour after a consistent day."""
    one.write(NOW)
    one.write(NOW - 700 * 24, 1000)
    later = NOW + MONTHS
    for hour in range(24):
        two.write(later + hour)
    assert kept(store, later + 23) == 1025
    two.write(later + 24)
    assert kept(store, later + 24) == 26
    assert summary(store).errors == 3


def test_a_process_that_lives_on(
    one: Writer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was idle for a week by the monotonic clock is trusted."""
    began = time.monotonic()
    one.write(NOW)
    monkeypatch.setattr("detector.stores.present_hour.time", Stopped(began + 7 * 24 * 3600.0 + 60))
    one.write(NOW + 7 * 24)
    assert dict(store.rows()) == {view(NOW): 1, view(NOW + 7 * 24): 1}


def test_a_site_that_has_ended(one: Writer, two: Writer, store: Store) -> None:
    """Counts of a site to which nobody writes any more expire by the hour of the others."""
    store.add({view(NOW - 800 * 24, "ended"): 1, view(NOW - 700 * 24, "ended"): 2}, ("old", 1))
    one.write(NOW - 700 * 24)
    assert kept(store, NOW) == 4
    for hour in range(0, 30, 2):
        one.write(NOW + hour)
        two.write(NOW + hour)
    assert kept(store, NOW + 30) == 33
    assert [key for key, _ in store.rows(site="ended")] == [view(day(NOW - 700 * 24), "ended")]
    while not store.compact_some(NOW + 30):
        pass
    assert store.sites() == ["ended", "site"]
