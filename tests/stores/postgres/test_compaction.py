"""Joining and deleting in PostgreSQL: in short steps, apart from each other, whoever is killed."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator

import psycopg
import pytest

from detector.core.counting.dimensions import Key
from detector.core.errors import StoreError
from detector.stores.postgres import compaction
from detector.stores.postgres.connection import LOCK
from detector.stores.postgres.store import PostgresStore, _steps
from tests.stores.conftest import empty
from tests.support.root import ROOT
from tests.support.servers import Server

NOW = 480_000
FIRST = NOW - 40 * 24
DAYS = 4
VALUES = 10
PRESENT: Key = (NOW, "site", "all", "", "", "view")
EXPIRED: Key = (NOW - 800 * 24, "site", "group", "/0", "", "view")


@pytest.fixture
def store(postgres: Server) -> Iterator[PostgresStore]:
    """Yield a store that knows the present hour."""
    empty(postgres)
    made = PostgresStore(postgres.url)
    made.add({PRESENT: 1})
    yield made
    made.close()


def old_rows() -> dict[Key, int]:
    """Return rows of some days that are to be joined."""
    return {
        (FIRST + hour, "site", dimension, f"/{value}", "", "view"): hour + 1
        for hour in range(DAYS * 24)
        for value in range(VALUES)
        for dimension in ("browser", "group")
    }


def rest(store: PostgresStore) -> dict[Key, int]:
    """Return the rows but for those of the present hour."""
    return {key: n for key, n in store.rows() if key != PRESENT}


def by_day(rows: dict[Key, int]) -> dict[Key, int]:
    """Return what is left of rows once they are joined."""
    found: dict[Key, int] = {}
    for (hour, *words), count in rows.items():
        key: Key = (hour - hour % 24, *words)  # type: ignore[assignment]
        found[key] = found.get(key, 0) + count
    return found


KILLED = """
    import sys
    from detector.stores.postgres import compaction
    from detector.stores.postgres.store import PostgresStore
    from detector.stores.postgres.wait import Connection

    commit, left = Connection.commit, [5]

    def stop(connection):
        if sys._getframe(1).f_code.co_name == "_step":
            left[0] -= 1
            if not left[0]:
                print("amid", flush=True)
                sys.stdin.readline()
        commit(connection)

    compaction.BATCH = 50
    Connection.commit = stop
    PostgresStore(sys.argv[1]).compact(int(sys.argv[2]))
"""


def test_killed_in_the_midst(postgres: Server, store: PostgresStore) -> None:
    """A process that is killed amid joining leaves whole steps, and the next one does the rest."""
    rows = old_rows()
    store.add(rows | {EXPIRED: 1})
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), postgres.url, str(NOW)],
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
    assert len(by_day(rows)) < len(halfway) < len(rows)
    assert store.compact(NOW) == len(halfway) - len(by_day(rows))
    assert rest(store) == by_day(rows)
    assert store.compact(NOW) == 0


def test_steps_are_bounded(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """No step removes more rows than a batch, whether it joins or deletes."""
    monkeypatch.setattr(compaction, "BATCH", 30)
    rows = old_rows()
    gone = {(hour - 800 * 24, *words): n for (hour, *words), n in rows.items()}
    store.add({**rows, **gone})  # type: ignore[dict-item]
    steps = []
    rest_of = _steps(NOW, again=False)
    while (step := store._step(rest_of, wait=True)) is not None:
        steps.append(step)
    assert max(steps) == 30
    assert sum(steps) == len(rows) * 2 - len(by_day(rows))
    assert rest(store) == by_day(rows)


def test_deleting_does_not_depend_on_joining(store: PostgresStore) -> None:
    """A day that cannot be joined keeps no expired row from being deleted."""
    most = 2**62 - 1
    old: dict[Key, int] = {(FIRST + hour, "a", "all", "", "", "view"): most for hour in range(3)}
    store.add({**old, EXPIRED: 1})
    with pytest.raises(StoreError, match="out of range"):
        store.compact(NOW)
    assert rest(store) == old


def test_some_at_a_time(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flusher compacts for a few seconds between two flushes, until nothing is left."""
    monkeypatch.setattr(compaction, "BATCH", 30)
    monkeypatch.setattr("detector.stores.postgres.store._SECONDS", 0.0)
    rows = old_rows()
    store.add(rows)
    calls = 1
    while not store.compact_some(NOW):
        calls += 1
        store.add({PRESENT: 1})
    assert calls > 10
    assert dict(store.rows(site="site")) == by_day(rows) | {PRESENT: calls}
    assert store.compact_some(NOW)


def test_one_process_at_a_time(postgres: Server, store: PostgresStore) -> None:
    """While another process does a step, a flusher leaves the rest to it and tries again later."""
    store.add(old_rows())
    with psycopg.connect(postgres.url) as other:
        other.execute(LOCK)
        assert not store.compact_some(NOW)
        assert rest(store) == old_rows()
    assert store.compact_some(NOW)
    assert rest(store) == by_day(old_rows())
