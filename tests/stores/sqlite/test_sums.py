"""Rollups of days and months: results are the same with and without them, also with late rows."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from detector.core.counting.dimensions import Key
from detector.core.counting.store import HOURLY_DAYS
from detector.stores.rollup_ranges import Ready, cover, wanted
from detector.stores.sqlite.store import SqliteStore

NOW = int(datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp()) // 3600
DAY = 24
Rows = list[tuple[Key, int]]
Sums = dict[tuple[int, str, str, str], int]


def counts(days: int, seed: int) -> dict[Key, int]:
    """Return counts of two sites over the last days, by the hour."""
    draw = random.Random(seed)
    rows: dict[Key, int] = {}
    for _ in range(3000):
        hour = NOW - draw.randrange(days * DAY)
        value = draw.choice(("/a", "/b", "/c"))
        key = (hour, draw.choice(("one", "two")), "group", value, "", draw.choice(("view", "page")))
        rows[key] = rows.get(key, 0) + draw.randrange(1, 9)
        whole = (*key[:2], "all", "", *key[4:])
        rows[whole] = rows.get(whole, 0) + 1
    return rows


def plainly(
    rows: Rows, dimension: str, site: str | None, since: int, until: int, step: int
) -> Sums:
    """Add up row by row."""
    found: Counter[tuple[int, str, str, str]] = Counter()
    for (hour, name, kind, value, state, action), count in rows:
        if kind == dimension and name == (site or name) and since <= hour < until:
            found[hour - hour % step if step else 0, value, state, action] += count
    return dict(found)


def told(
    store: SqliteStore, dimension: str, site: str | None, since: int, until: int, step: int
) -> Sums:
    """Query the store."""
    found = store.sums(dimension, site=site, since=since, until=until, step=step)
    return {(one[0], one[1], one[2], one[3]): one[4] for one in found}


def same(store: SqliteStore) -> None:
    """Query many spans in many steps, each time both ways."""
    draw, rows = random.Random(7), list(store.rows())
    # Rows by the day begin at midnight, so queries about old days do too.
    edges = [NOW - HOURLY_DAYS * DAY - DAY * n - NOW % DAY for n in range(0, 400, 7)]
    for _ in range(60):
        since = draw.choice([*edges, NOW - draw.randrange(600)])
        until = since + draw.choice((1, DAY, 40 * DAY, 500 * DAY))
        step = draw.choice((0, 0, 1, DAY, 7 * DAY))
        asked = (
            draw.choice(("group", "all")),
            draw.choice((None, "one", "two")),
            since,
            until,
            step,
        )
        assert told(store, *asked) == plainly(rows, *asked), asked


def fresh(path: Path) -> list[tuple[int, int]]:
    """Return the spans whose rollups are used."""
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT start, until FROM summed WHERE fresh").fetchall()
    connection.close()
    return [(start, until) for start, until in found]


def test_same_answers(store: SqliteStore, path: Path) -> None:
    """Results agree before and after rollups are made, and after later rows for every time."""
    store.add(counts(200, seed=1))
    same(store)
    store.compact(NOW)
    made = fresh(path)
    assert any(until - start == DAY for start, until in made)
    assert any(until - start > 27 * DAY for start, until in made)
    same(store)
    store.add(counts(200, seed=2))
    assert len(fresh(path)) < len(made)
    same(store)
    store.compact(NOW, again=True)
    assert sorted(fresh(path)) == sorted(made)
    same(store)


def test_an_earlier_release_adds(store: SqliteStore, path: Path) -> None:
    """A program without rollups makes them stale too, by triggers in the file."""
    store.add(counts(90, seed=3))
    store.compact(NOW)
    before = fresh(path)
    old = NOW - 50 * DAY - NOW % DAY
    with sqlite3.connect(path) as other:
        other.execute(
            "INSERT INTO counts VALUES ('one', 'all', ?, '', '', 'view', 5) "
            "ON CONFLICT DO UPDATE SET n = n + 5", (old,)
        )  # fmt: skip
    other.close()
    assert [span for span in before if span[0] <= old < span[1]]
    assert not [span for span in fresh(path) if span[0] <= old < span[1]]
    same(store)


def move(store: SqliteStore, hour: int) -> None:
    """Advance the store's current hour, as two writers that agree do."""
    for number, name in enumerate("ab"):
        store.add({(hour - 1 + number, "one", "all", "", "", "view"): 1}, (name, hour))


def test_next_day(store: SqliteStore, path: Path) -> None:
    """Over the days, hours become days, and unused spans are deleted."""
    store.add(counts(100, seed=4))
    for day in (0, 1, 2, 40):
        move(store, NOW + day * DAY)
        store.compact(NOW + day * DAY)
        same(store)
    assert all(until - start > DAY for start, until in fresh(path) if until < NOW)


def test_much_later_all_is_gone(store: SqliteStore, path: Path) -> None:
    """Rows that are too old are deleted with their rollups."""
    store.add(counts(60, seed=5))
    store.compact(NOW)
    move(store, NOW + 2000 * DAY)
    store.compact(NOW + 2000 * DAY)
    assert list(store.rows()) == [((NOW + 2000 * DAY, "one", "all", "", "", "view"), 1)]
    assert fresh(path) == []
    assert store.sums("all") == [(0, "", "", "view", 1)]


@pytest.mark.parametrize("first", [None, NOW - 3, NOW - 800 * DAY])
def test_wanted_spans(first: int | None) -> None:
    """Rollups are for whole days of hourly rows and whole months of all, never for current ones."""
    spans = wanted(NOW, first)
    assert all(start < until <= NOW - NOW % DAY for start, until in spans)
    assert bool(spans) is (first is not None and first < NOW - NOW % DAY)
    assert len(spans) <= HOURLY_DAYS + 26


def test_cover_takes_the_longest() -> None:
    """A query uses months before days, days before rows, and rows for the rest."""
    month, day, last = Ready(1, 0, 720), Ready(2, 0, 24), Ready(3, 720, 744)
    assert cover([day, month, last], 0, 750) == ([month, last], [(744, 750)])
    assert cover([day, month], 0, 100) == ([day], [(24, 100)])
    assert cover([day, month], 3, 100) == ([], [(3, 100)])
    assert cover([month, day], 0, 720, step=24) == ([day], [(24, 720)])
