"""Sites of one Redis whose machines have wrong clocks: none of them decides what others keep."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from detector.analytics.query import summary
from detector.core.counting.store import Batch
from detector.stores.redis import keys
from detector.stores.redis.store import RedisStore
from tests.stores.conftest import empty
from tests.support.servers import Server
from tests.support.writers import NOW, YEARS, view

AHEAD = [40 * 24, 800 * 24, YEARS]


@pytest.fixture
def store(redis: Server) -> Iterator[RedisStore]:
    """Yield a store with two years of a site, which writes only now and then."""
    empty(redis)
    made = RedisStore(redis.url)
    made.add({view(NOW - 700 * 24): 1000, view(NOW): 1}, ("right", 1))
    yield made
    made.close()


class Machine:
    """The processes of a site on a machine, whose clock may be wrong."""

    def __init__(self, redis: Server, site: str, processes: int = 3) -> None:
        self.site, self._number = site, 0
        self._stores = [RedisStore(redis.url) for _ in range(processes)]

    def work(self, hour: int) -> None:
        """Count a view by each process, and compact."""
        self._number += 1
        for number, store in enumerate(self._stores):
            batch: Batch = (f"{self.site} {number}", self._number)
            store.add({view(hour, self.site): 1}, batch)
            store.compact(hour, again=True)

    def close(self) -> None:
        """End."""
        for store in self._stores:
            store.close()


def views(store: RedisStore, site: str = "site") -> int:
    """Return the views of a site."""
    return summary(store, site=site).views


@pytest.mark.parametrize("ahead", AHEAD)
def test_processes_that_agree(redis: Server, store: RedisStore, ahead: int) -> None:
    """Any number of processes of one site agree for a night on a wrong time: a site that writes
    nothing in these hours keeps its counts."""
    wrong = Machine(redis, "wrong")
    for hour in range(NOW, NOW + 9):
        wrong.work(hour + ahead)
    assert views(store) == 1001
    assert store.sums("all", site="site", since=NOW, until=NOW + 1)
    store.add({view(NOW + 9): 1}, ("right", 2))
    for hour in range(NOW + 9, NOW + 24):
        wrong.work(hour + ahead)
    store.compact(NOW + ahead, again=True)
    assert views(store) == 1002
    wrong.close()


def test_an_upgrade(redis: Server, store: RedisStore) -> None:
    """In a store that knows no hour of all sites yet, that of a single site is not it."""
    wrong = Machine(redis, "wrong")
    for hour in range(NOW, NOW + 3):
        wrong.work(hour + YEARS)
    with store._using() as client:
        assert client.delete(keys.PRESENT) == 1
    wrong.work(NOW + 3 + YEARS)
    assert views(store) == 1001
    wrong.close()


def test_a_store_that_began_wrong(redis: Server) -> None:
    """The processes of the first site of a store do not confirm each other: what another site
    counts later is not deleted by their clock."""
    empty(redis)
    wrong = Machine(redis, "wrong")
    right = Machine(redis, "right", processes=1)
    for hour in range(NOW, NOW + 40):
        wrong.work(hour + YEARS)
        if hour % 5 == 0:
            right.work(hour)
    wrong.work(NOW + 40 + YEARS)
    found = RedisStore(redis.url)
    assert views(found, "right") == 8
    found.close()
    for machine in (right, wrong):
        machine.close()


@pytest.mark.parametrize("seed", range(3))
def test_any_order(redis: Server, store: RedisStore, seed: int) -> None:
    """Whoever writes and compacts when: with right sites that write every few hours, nothing of
    theirs is deleted too early, and what has expired goes."""
    draw = random.Random(seed)
    right = Machine(redis, "right", processes=1)
    wrong = Machine(redis, "wrong", processes=2)
    ahead = draw.choice(AHEAD)
    right.work(NOW)
    written = 1
    store.add({view(NOW - 800 * 24, "right"): 5})
    for hour in range(NOW + 1, NOW + 60):
        wrong.work(hour + ahead)
        if draw.random() < 0.3 or hour % 20 == 0:
            right.work(hour)
            written += 1
    assert views(store, "right") == written
    assert views(store) == 1001
    for machine in (right, wrong):
        machine.close()


def test_a_site_alone(redis: Server, store: RedisStore) -> None:
    """A site that is the only one that writes for a day decides what is old, so that the counts of
    one that has ended expire."""
    other = Machine(redis, "other", processes=1)
    for hour in range(0, 25):
        assert views(store) == 1001
        other.work(NOW + 100 * 24 + hour)
    other.work(NOW + 100 * 24 + 26)
    assert views(store) == 1
    other.close()
