"""Joining and deleting in SQLite: in short steps, apart from each other, whoever is killed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pytest

from detector.core.counting.dimensions import Key
from detector.stores.connection import Steps
from detector.stores.sqlite import compaction, rollups
from detector.stores.sqlite.store import SqliteStore
from tests.support.root import ROOT

NOW = 480_000
FIRST = NOW - 40 * 24
VALUES = 10
PRESENT: Key = (NOW, "site", "all", "", "", "view")
EXPIRED: Key = (NOW - 800 * 24, "site", "group", "/0", "", "view")


def old_rows() -> dict[Key, int]:
    """Return rows of some days that are to be joined."""
    return {
        (FIRST + hour, "site", dimension, f"/{value}", "", "view"): hour + 1
        for hour in range(4 * 24)
        for value in range(VALUES)
        for dimension in ("browser", "group")
    }


def by_day(rows: dict[Key, int]) -> dict[Key, int]:
    """Return what is left of rows once they are joined."""
    found: Counter[Key] = Counter()
    for (hour, *words), count in rows.items():
        found[hour - hour % 24, *words] += count  # type: ignore[index]
    return dict(found)


def rest(store: SqliteStore) -> dict[Key, int]:
    """Return the rows but for those of the present hour."""
    return {key: n for key, n in store.rows() if key != PRESENT}


KILLED = """
    import sys
    from detector.stores.sqlite import compaction
    from detector.stores.sqlite.store import SqliteStore

    step, left = SqliteStore._step, [int(sys.argv[3])]

    def stop(store, *given, **more):
        found = step(store, *given, **more)
        left[0] -= 1
        if not left[0]:
            print("amid", flush=True)
            sys.stdin.readline()
        return found

    compaction.BATCH = 50
    SqliteStore._step = stop
    SqliteStore(sys.argv[1]).compact(int(sys.argv[2]))
"""


@pytest.mark.parametrize("steps", [8, 20, 35])
def test_killed_in_the_midst(store: SqliteStore, path: Path, steps: int) -> None:
    """A process that is killed amid its steps loses nothing; the next one does the rest."""
    rows = old_rows()
    store.add({PRESENT: 1})
    store.add(rows | {EXPIRED: 1})
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(path), str(NOW), str(steps)],
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
    assert len(halfway) < len(rows)
    assert store.compact(NOW) == len(halfway) - len(by_day(rows))
    assert rest(store) == by_day(rows)
    assert store.compact(NOW) == 0


def test_steps_are_bounded(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """No step removes more rows than a batch and one hour of a dimension."""
    monkeypatch.setattr(compaction, "BATCH", 30)
    rows = old_rows()
    gone = {(hour - 800 * 24, *words): n for (hour, *words), n in rows.items()}
    store.add({PRESENT: 1})
    store.add({**rows, **gone})  # type: ignore[dict-item]
    steps = []
    rest_of = Steps(lambda connection: compaction.compaction(connection, NOW, again=False))
    while (step := store._step(rest_of)) is not None:
        steps.append(step)
    assert max(steps) < 30 + VALUES
    assert sum(steps) == len(rows) * 2 - len(by_day(rows))
    assert rest(store) == by_day(rows)


def test_deleting_does_not_depend_on_joining(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error while joining keeps no expired row from being deleted."""
    store.add({PRESENT: 1})
    store.add(old_rows() | {EXPIRED: 1})

    def fail(*given: object) -> object:
        raise RuntimeError("no joining today")

    monkeypatch.setattr(compaction, "_join", fail)
    with pytest.raises(RuntimeError, match="no joining today"):
        store.compact(NOW)
    assert rest(store) == old_rows()


def test_some_at_a_time(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flusher compacts for a few seconds between two flushes, until nothing is left."""
    monkeypatch.setattr(compaction, "BATCH", 30)
    monkeypatch.setattr("detector.stores.sqlite.store._SECONDS", 0.0)
    store.add({PRESENT: 1})
    store.add(old_rows())
    calls = 1
    while not store.compact_some(NOW):
        calls += 1
        store.add({PRESENT: 1})
    assert calls > 10
    assert dict(store.rows(site="site")) == by_day(old_rows()) | {PRESENT: calls}
    assert store.compact_some(NOW)


def test_others_write_between_steps(path: Path, store: SqliteStore) -> None:
    """Between two steps the file is free for other writers, who wait for none of them."""
    store.add({PRESENT: 1})
    store.add(old_rows())
    other = SqliteStore(path, timeout=0.0)
    steps = Steps(lambda connection: compaction.compaction(connection, NOW, again=False))
    assert store._step(steps) is not None
    other.add({PRESENT: 1})
    other.close()


def test_joining_keeps_the_sums(store: SqliteStore, path: Path) -> None:
    """Joining the hours of a day leaves the sums of its month in use."""
    now = NOW
    store.add({(hour, "site", "all", "", "", "view"): 1 for hour in range(now - 1600, now + 1)})
    store.compact(now)
    with sqlite3.connect(path) as connection:
        count = "SELECT count(*) FROM summed WHERE fresh = 1 AND until - start > 24"
        before = connection.execute(count).fetchone()
        assert before[0] > 0
        day = now - now % 24 - 29 * 24
        pairs = [("site", "all")]
        assert sum(went for _, went in compaction._join(connection, pairs, day)) == 23
        assert connection.execute(count).fetchone() == before
    connection.close()


def test_a_write_amid_summing(store: SqliteStore, path: Path) -> None:
    """A count that comes while its month is summed is in the next answer; the sum is left out."""
    store.add({(hour, "site", "all", "", "", "view"): 1 for hour in range(NOW - 1600, NOW + 1)})
    connection = sqlite3.connect(path, isolation_level=None)
    late: Key = (NOW - NOW % 24 - 3 * 24, "site", "all", "", "", "view")
    for _ in rollups.sum_up(connection, NOW):
        store.add({late: 1})
    day = (late[0], late[0] + 24)
    fresh = {(span.start, span.until) for span in rollups._fresh(connection)}
    assert day not in fresh
    assert (late[0] + 24, late[0] + 48) in fresh
    written = dict(store.rows())[late]
    assert sum(one.n for one in store.sums("all", since=day[0], until=day[1])) == 23 + written
    connection.close()


def test_two_that_sum_at_once(store: SqliteStore, path: Path) -> None:
    """Of two processes that sum a span, the one that began later decides whether it is fresh."""
    store.add({(hour, "site", "all", "", "", "view"): 1 for hour in range(NOW - 200, NOW + 1)})
    connection = sqlite3.connect(path, isolation_level=None)
    day = (NOW - NOW % 24 - 24, NOW - NOW % 24)
    one = rollups._sum_span(connection, day)
    next(one), next(one)
    store.add({(day[0], "site", "all", "", "", "view"): 1})
    two = rollups._sum_span(connection, day)
    next(two)
    list(one)
    assert not rollups._fresh(connection)
    list(two)
    assert [(span.start, span.until) for span in rollups._fresh(connection)] == [day]
    assert store.sums("all", since=day[0], until=day[1]) == [(0, "", "", "view", 25)]
    connection.close()
