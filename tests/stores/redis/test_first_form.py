"""Counts that a release with schema version 1 left in Redis, or still writes there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from detector.core.counting.dimensions import Key
from detector.core.errors import StoreError
from detector.stores.redis import first_form, keys
from detector.stores.redis.store import RedisStore
from tests.stores.conftest import empty
from tests.support.servers import Server

NOW = 480_000
HOURS = (NOW, NOW - 1, NOW - 45 * 24 + 3, NOW - 45 * 24 + 5, NOW - 800 * 24)


@pytest.fixture
def store(redis: Server) -> Iterator[RedisStore]:
    """Yield a store that an earlier release has filled."""
    empty(redis)
    made = RedisStore(redis.url)
    with made._using() as client:
        client.set("detector:{site}:schema", 1)
        client.sadd("detector:sites", "site")
        client.set("detector:{site}:present", f"[{NOW}, 0, 0, 0, 0, 0]")
        for hour in HOURS:
            write(client, hour)
        client.hset("detector:{site}:summed", "479000-479024", '[7, ["all", "group"]]')
        client.hset("detector:{site}:sum:479000-479024:7:group", "/a\x1f\x1fview", 24)
    yield made
    made.close()


def write(client: Any, hour: int) -> None:
    """Add counts of an hour as that release does."""
    client.zadd("detector:{site}:hours", {str(hour): hour})
    client.hincrby("detector:{site}:revisions", str(hour), 1)
    for field in ("all\x1f\x1f\x1fview", "group\x1f/a\x1f\x1fview"):
        client.hincrby(f"detector:{{site}}:hour:{hour}", field, 5)


def expected(hours: tuple[int, ...]) -> dict[Key, int]:
    """Return the rows of those hours."""
    found: Counter[Key] = Counter()
    for hour in hours:
        for words in (("all", "", "", "view"), ("group", "/a", "", "view")):
            found[hour, "site", *words] += 5
    return dict(found)


def test_is_read(store: RedisStore) -> None:
    """Its counts are in every answer before they are moved, together with new ones."""
    assert store.sites() == ["site"]
    assert dict(store.rows()) == expected(HOURS)
    assert store.sums("group") == [(0, "/a", "", "view", 25)]
    store.add({(NOW, "site", "group", "/a", "", "view"): 1})
    assert store.sums("group", since=NOW) == [(0, "/a", "", "view", 6)]
    assert store.sums("group", since=NOW - 1, step=1)[0] == (NOW - 1, "/a", "", "view", 5)


def test_is_moved(store: RedisStore) -> None:
    """Compacting moves what has not expired, and deletes the keys of that release."""
    assert store.compact(NOW) == 2
    day = NOW - 45 * 24
    rows = expected((NOW, NOW - 1, day - day % 24, day - day % 24))
    assert dict(store.rows()) == rows
    assert store.sums("all") == [(0, "", "", "view", 20)]
    with store._using() as client:
        left = client.keys("detector:{site}:*")
        gone = ("hours", "revisions", "summed", "sum:479000-479024:7:group", f"hour:{NOW}")
        assert not {f"detector:{{site}}:{name}" for name in gone} & set(left)


def test_goes_on_writing(store: RedisStore) -> None:
    """What a process of that release writes after the move is read, and moved the next time."""
    store.compact(NOW)
    with store._using() as client:
        write(client, NOW)
        write(client, NOW - 24)
    assert store.sums("group") == [(0, "/a", "", "view", 30)]
    store.compact(NOW, again=True)
    assert store.sums("group") == [(0, "/a", "", "view", 30)]
    assert dict(store.rows(NOW)) == dict.fromkeys(expected((NOW,)), 10)


def test_two_that_move_at_once(redis: Server, store: RedisStore) -> None:
    """Of two processes that move one hour nothing is doubled, and a write in between is kept."""
    with store._using() as client:
        ahead = first_form.move(client, "site", NOW - 30 * 24)
        next(ahead)
        write(client, NOW)
        for _ in first_form.move(client, "site", NOW - 30 * 24):
            pass
        for _ in ahead:
            pass
    assert store.sums("group") == [(0, "/a", "", "view", 30)]
    assert store.sums("all", since=NOW) == [(0, "", "", "view", 10)]


def test_that_release_refuses_what_it_does_not_know(store: RedisStore) -> None:
    """After the first write the site has schema version 2, which an earlier release refuses."""
    store.add({(NOW, "site", "group", "/a", "", "view"): 1})
    with store._using() as client:
        assert client.get("detector:{site}:schema") == "2"
        client.set("detector:{site}:schema", 3)
    store.close()
    with pytest.raises(StoreError, match="schema version 3 for site 'site'"):
        store.sums("all")
    assert keys.first_hour("site", 1) == "detector:{site}:hour:1"
