"""The sums of days and months in Redis: they are made, read, and no longer read once stale."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import redis as driver

from detector.core.counting.dimensions import Key
from detector.stores.redis import compaction, keys, rollups
from detector.stores.redis.reading import Reader
from detector.stores.redis.state import load
from detector.stores.redis.store import RedisStore
from tests.stores.conftest import empty
from tests.support.servers import Server

NOW = int(datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp()) // 3600
DAY = 24
TODAY = NOW - NOW % DAY


def row(hour: int) -> Key:
    """Return a row of an hour."""
    return hour, "site", "group", "/a", "", "view"


@pytest.fixture(scope="module")
def dump(redis: Server) -> list[tuple[bytes, int, bytes]]:
    """Return the keys of a store with a count in each hour of 90 days: how long they live, and
    their values."""
    empty(redis)
    made = RedisStore(redis.url)
    made.add({row(hour): 1 for hour in range(TODAY - 90 * DAY, NOW + 1)})
    made.compact(NOW)
    made.close()
    with driver.Redis.from_url(redis.url) as client:
        return [(key, max(client.pttl(key), 0), client.dump(key)) for key in client.keys("*")]


@pytest.fixture
def store(redis: Server, dump: list[tuple[bytes, int, bytes]]) -> Iterator[RedisStore]:
    """Yield that store."""
    empty(redis)
    with driver.Redis.from_url(redis.url) as client, client.pipeline(transaction=False) as pipe:
        for key in dump:
            pipe.restore(*key)
        pipe.execute()
    made = RedisStore(redis.url)
    yield made
    made.close()


def fresh(store: RedisStore) -> set[tuple[int, int]]:
    """Return the spans whose sums are read."""
    with store._using() as client:
        return {(span.start, span.until) for span in load(client, ["site"])["site"].ready}


def names(store: RedisStore) -> set[str]:
    """Return the keys of all sums."""
    with store._using() as client:
        return set(client.keys("*:span:*"))


def total(store: RedisStore, since: int, until: int) -> int:
    """Return the views of a span."""
    return sum(one.n for one in store.sums("group", since=since, until=until))


def test_days_and_months_are_summed(store: RedisStore) -> None:
    """Each whole day of the last 30, and each whole month, has its sums, and they are read."""
    spans = fresh(store)
    assert {(TODAY - n * DAY, TODAY - n * DAY + DAY) for n in range(1, 31)} <= spans
    assert any(until - start == 31 * DAY for start, until in spans)
    with store._using() as client:
        # What is not read could hold anything.
        for hour in range(TODAY - 5 * DAY, TODAY):
            client.delete(keys.hour("site", hour, "group"))
    assert total(store, TODAY - 5 * DAY, TODAY) == 5 * DAY


def test_a_write_makes_them_stale(store: RedisStore) -> None:
    """A late count is in the next answer, and takes the spans of its hour out of use."""
    late = TODAY - 3 * DAY + 5
    before = fresh(store)
    store.add({row(late): 1})
    assert before - fresh(store) == {(TODAY - 3 * DAY, TODAY - 2 * DAY)}
    assert total(store, TODAY - 5 * DAY, TODAY) == 5 * DAY + 1
    store.compact(NOW, again=True)
    assert fresh(store) == before
    assert total(store, TODAY - 5 * DAY, TODAY) == 5 * DAY + 1


def test_joining_keeps_them(store: RedisStore) -> None:
    """A day whose hours are joined leaves the sums of its month in use."""
    before = {span for span in fresh(store) if span[1] - span[0] > DAY}
    with store._using() as client:
        day = TODAY - 30 * DAY
        for _ in compaction._join(client, "site", day + DAY):
            assert total(store, TODAY - 35 * DAY, TODAY) == 35 * DAY
        for _ in compaction._pack(client, "site", day + DAY):
            assert total(store, TODAY - 35 * DAY, TODAY) == 35 * DAY
        assert client.exists(keys.day("site", day, "group"))
    assert {span for span in fresh(store) if span[1] - span[0] > DAY} == before


def test_two_that_sum_at_once(redis: Server, store: RedisStore) -> None:
    """Of two processes that sum one span, with a write in between, the late one changes nothing."""
    day = (TODAY - 2 * DAY, TODAY - DAY)
    other = RedisStore(redis.url)
    reading = Reader.fields

    def slow(reader: Reader, *given: object) -> object:
        found = reading(reader, *given)  # type: ignore[arg-type]
        if reader._client is client:
            other.add({row(day[0]): 1})
            with other._using() as faster:
                rollups.sum_up(faster, "site", day)
        return found

    with pytest.MonkeyPatch.context() as patch, store._using() as client:
        client.hdel(keys.spans("site"), f"{day[0]}-{day[1]}")
        patch.setattr(Reader, "fields", slow)
        rollups.sum_up(client, "site", day)
    assert day in fresh(store)
    assert total(store, *day) == DAY + 1
    other.close()


def test_deleted_and_summed_at_once(redis: Server, store: RedisStore) -> None:
    """A process that sums a span while another one has summed it and a third deletes it keeps it
    whole; one that is killed before that leaves no key behind."""
    day = (TODAY - 2 * DAY, TODAY - DAY)
    other = RedisStore(redis.url)
    with store._using() as client, other._using() as faster, pytest.MonkeyPatch.context() as patch:
        span = f"{day[0]}-{day[1]}"
        for name in client.keys(f"*:span:{span}:*"):
            client.delete(name)
        client.hdel(keys.spans("site"), span)
        ask, kept = client.eval, names(store)

        def slow(*given: Any) -> Any:
            assert names(store) == kept
            rollups.sum_up(faster, "site", day)
            patch.setattr(rollups, "wanted", lambda *_: [])
            rollups.forget(faster, "site", NOW)
            return ask(*given)

        patch.setattr(client, "eval", slow)
        rollups.sum_up(client, "site", day)
    assert fresh(store) == {day}
    assert total(store, *day) == DAY
    other.close()


def test_nothing_is_left_over(store: RedisStore) -> None:
    """Sums that are no longer needed, or were made anew, leave no key."""
    made = len(names(store))
    store.add({row(TODAY - 3 * DAY): 1, row(TODAY - 80 * DAY): 1})
    store.compact(NOW, again=True)
    assert len(names(store)) == made == len(fresh(store))
    for number, name in enumerate("ab"):
        store.add({row(NOW + 2000 * DAY - 1 + number): 1}, (name, 1))
    store.compact(NOW + 2000 * DAY)
    assert names(store) == set()
    with store._using() as client:
        assert client.hlen(keys.changes("site")) == 1


def test_a_page_asks_once(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many sums a page reads, it asks once what a site has; each sum is two questions."""
    asked: list[str] = []
    with store._using() as client:
        execute = type(client.pipeline()).execute

        def counted(pipeline: Any, *given: Any) -> Any:
            asked.extend(name for (name, *_), _ in pipeline.command_stack)
            return execute(pipeline, *given)

        monkeypatch.setattr(type(client.pipeline()), "execute", counted)
    page = store.page()
    for dimension in ("group", "all", "kind"):
        page.sums(dimension, site="site", since=TODAY - 40 * DAY)
    assert asked.count("ZRANGE") == 1
    assert asked.count("HSCAN") == 0
    # The spans and changes, and the hours of today: not those of the other 39 days.
    assert asked.count("HGETALL") == 2 + 3 * (NOW + 1 - TODAY)
