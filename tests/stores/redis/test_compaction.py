"""Joining, packing and deleting in Redis: in short steps, whoever is killed or writes meanwhile."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Sum
from detector.stores.redis import compaction, keys
from detector.stores.redis.store import RedisStore
from tests.stores.conftest import empty
from tests.support.root import ROOT
from tests.support.servers import Server

NOW = 480_000
FIRST = NOW - 40 * 24
PRESENT: Key = (NOW, "site", "all", "", "", "view")
EXPIRED: Key = (NOW - 800 * 24, "site", "group", "/0", "", "view")
LATE: Key = (FIRST, "site", "mode", "bar", "blocked", "shown")


@pytest.fixture
def store(redis: Server) -> Iterator[RedisStore]:
    """Yield a store that knows the present hour."""
    empty(redis)
    made = RedisStore(redis.url)
    made.add({PRESENT: 1})
    yield made
    made.close()


def old_rows() -> dict[Key, int]:
    """Return rows of some days that are to be joined."""
    return {
        (FIRST + hour, "site", dimension, f"/{value}", "", "view"): 2**53 + hour
        for hour in range(4 * 24)
        for value in range(10)
        for dimension in ("browser", "group")
    }


def rest(store: RedisStore) -> dict[Key, int]:
    """Return the rows but for those of the present hour."""
    return {key: n for key, n in store.rows() if key != PRESENT}


def by_day(rows: dict[Key, int]) -> dict[Key, int]:
    """Return what is left of rows once they are joined."""
    found: Counter[Key] = Counter()
    for (hour, *words), count in rows.items():
        found[hour - hour % 24, *words] += count  # type: ignore[index]
    return dict(found)


def sums_of(rows: dict[Key, int], dimension: str) -> list[Sum]:
    """Return the sums of a dimension."""
    found: Counter[tuple[str, str, str]] = Counter()
    for (_, _, name, *words), count in rows.items():
        if name == dimension:
            found[words[0], words[1], words[2]] += count
    return [Sum(0, *words, count) for words, count in sorted(found.items())]


KILLED = """
    import sys
    from detector.stores.redis.store import RedisStore

    step, left = RedisStore._step, [int(sys.argv[3])]

    def stop(store, steps):
        found = step(store, steps)
        left[0] -= 1
        if not left[0]:
            print("amid", flush=True)
            sys.stdin.readline()
        return found

    RedisStore._step = stop
    RedisStore(sys.argv[1]).compact(int(sys.argv[2]))
"""


@pytest.mark.parametrize("steps", [3, 60, 96])
def test_killed_in_the_midst(redis: Server, store: RedisStore, steps: int) -> None:
    """A process that is killed amid its steps loses nothing; the next one does the rest."""
    rows = old_rows()
    store.add(rows | {EXPIRED: 1})
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), redis.url, str(NOW), str(steps)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "amid\n"
    process.kill()
    process.communicate()
    halfway = rest(store)
    assert EXPIRED not in halfway
    assert by_day(halfway) == by_day(rows)
    with store._using() as client:
        assert client.zcard(keys.hours("site")) > 1
    while not store.compact_some(NOW):
        pass
    assert rest(store) == by_day(rows)
    assert store.compact(NOW) == 0


def test_old_days_are_packed(store: RedisStore) -> None:
    """An old day has one text for each dimension and no hash; counts beyond 2**53 are exact."""
    store.add(old_rows())
    store.compact(NOW)
    with store._using() as client:
        assert client.zrange(keys.hours("site"), 0, -1) == [str(NOW)]
        assert client.zcard(keys.days("site")) == 4
        hashes = [name for name in client.keys("*:hour:*") if client.type(name) == "hash"]
        assert hashes == [keys.hour("site", NOW, "all")]
    assert rest(store) == by_day(old_rows())


def test_late_counts_of_a_packed_day(store: RedisStore) -> None:
    """A late count is added to its packed day, and seen at once."""
    store.add(old_rows())
    store.compact(NOW)
    late: Key = (FIRST + 5, "site", "group", "/1", "", "view")
    store.add({late: 3, LATE: 1})
    expected = by_day(old_rows() | {LATE: 1})
    expected[FIRST, *late[1:]] += 3
    before = store.sums("group", since=FIRST)
    assert before == sums_of(expected, "group")
    store.compact(NOW, again=True)
    assert store.sums("group", since=FIRST) == before
    assert rest(store) == expected


def test_a_new_dimension_in_the_midst(
    redis: Server, store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dimension that appears between a step's question and its script is not left behind."""
    store.add(old_rows())
    other = RedisStore(redis.url)
    left = [1]
    with store._using() as client:
        smembers = client.smembers

        def late(name: str) -> Any:
            found = smembers(name)
            if name == keys.dimensions("site") and left:
                left.clear()
                other.add({LATE: 1})
            return found

        monkeypatch.setattr(client, "smembers", late)
    store.compact(NOW)
    assert not left
    assert rest(store) == by_day(old_rows()) | {LATE: 1}
    other.close()


def test_reading_amid_steps(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page reads while another process joins is neither doubled nor missing."""
    rows = old_rows()
    store.add(rows)
    wanted = store.sums("group")
    with store._using() as client:
        steps = compaction.compaction(client, "site", NOW, again=True)
    page = store.page()
    while next(steps, None) is not None:
        assert page.sums("group") == wanted


def test_one_process_at_a_time(redis: Server, store: RedisStore) -> None:
    """While another process compacts, a flusher leaves it to that and tries again later."""
    store.add(old_rows())
    with store._using() as client:
        client.set(keys.COMPACTING, "another", ex=30)
        assert not store.compact_some(NOW)
        assert rest(store) == old_rows()
        # One that was killed holds it for a while at most.
        assert 0 < client.ttl(keys.COMPACTING) <= 30
        client.delete(keys.COMPACTING)
    assert store.compact_some(NOW)
    assert rest(store) == by_day(old_rows())
    with store._using() as client:
        assert not client.exists(keys.COMPACTING)


def test_some_at_a_time(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flusher compacts for a few seconds between two flushes, until nothing is left."""
    monkeypatch.setattr("detector.stores.redis.store._SECONDS", 0.0)
    store.add(old_rows())
    calls = 1
    while not store.compact_some(NOW):
        calls += 1
        store.add({PRESENT: 1})
    assert calls > 50
    assert dict(store.rows()) == by_day(old_rows()) | {PRESENT: calls}


def test_a_site_without_counts(store: RedisStore) -> None:
    """A site whose counts have all expired is no longer listed, and returns with its next count."""
    store.add({(NOW - 800 * 24, "gone", "all", "", "", "view"): 1})
    assert store.sites() == ["gone", "site"]
    with store._using() as client:
        list(compaction._expire(client, "gone", NOW))
    assert store.sites() == ["site"]
    store.add({(NOW, "gone", "all", "", "", "view"): 1})
    assert store.sites() == ["gone", "site"]
