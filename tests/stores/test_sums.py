"""Sums of days and months on every store: answers are the same as by adding up all rows."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from detector.core.counting.dimensions import Key
from detector.core.counting.store import HOURLY_DAYS, Store
from detector.core.counting.store_url import open_store

NOW = int(datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp()) // 3600
DAY = 24
Sums = dict[tuple[int, str, str, str], int]


def counts(days: int, seed: int) -> dict[Key, int]:
    """Return counts of two sites over the last days, by the hour."""
    draw = random.Random(seed)
    rows: Counter[Key] = Counter()
    for _ in range(600):
        hour = NOW - draw.randrange(days * DAY)
        site, action = draw.choice(("one", "two")), draw.choice(("view", "page"))
        rows[hour, site, "group", draw.choice(("/a", "/b", "/c")), "", action] += draw.randrange(9)
        rows[hour, site, "all", "", "", action] += 1
    return dict(rows)


def same(store: Store) -> None:
    """Ask for many spans in many steps, and add up the rows for each."""
    draw = random.Random(7)
    rows = list(store.rows())
    # Rows by the day begin at midnight, so questions about old days do too.
    edges = [NOW - HOURLY_DAYS * DAY - DAY * n - NOW % DAY for n in range(0, 400, 7)]
    for _ in range(25):
        since = draw.choice([*edges, NOW - draw.randrange(600)])
        until = since + draw.choice((1, DAY, 40 * DAY, 500 * DAY))
        step = draw.choice((0, 0, 1, DAY, 7 * DAY))
        dimension, site = draw.choice(("group", "all")), draw.choice((None, "one", "two"))
        expected: Counter[tuple[int, str, str, str]] = Counter()
        for (hour, name, kind, value, state, action), count in rows:
            if kind == dimension and name == (site or name) and since <= hour < until:
                expected[hour - hour % step if step else 0, value, state, action] += count
        span: Any = {"site": site, "since": since, "until": until, "step": step}
        found = store.sums(dimension, **span)
        one = [each for each in found if each.value == "/b"]
        assert store.sums(dimension, **span, value="/b") == one
        assert {tuple(one[:4]): one[4] for one in found} == expected, (dimension, site, since, step)
        assert found == sorted(found)


def test_same_answers(store: Store) -> None:
    """Answers agree before and after the sums are made, and after later rows for every time."""
    store.add(counts(200, seed=1))
    same(store)
    for seed in (2, 3):
        store.compact(NOW, again=True)
        same(store)
        store.add(counts(200, seed=seed))
        same(store)


def test_next_days(store: Store) -> None:
    """Over the days hours become days, and days months, and all stays as it was."""
    store.add(counts(100, seed=4))
    for day in (0, 1, 2, 40):
        # Two writers that agree move the present on.
        for number, name in enumerate("ab"):
            row: Key = (NOW + day * DAY - 1 + number, "one", "all", "", "", "view")
            store.add({row: 1}, (name, day))
            store.add({(row[0], "two", *row[2:]): 1}, (name, day + 1000))
        store.compact(NOW + day * DAY)
        same(store)


def test_rows_that_come_while_others_sum(url: str, store: Store) -> None:
    """Late rows of another process are in the next answer, whenever they were written."""
    other = open_store(url)
    old: Key = (NOW - 45 * DAY, "one", "all", "", "", "view")
    store.add(counts(90, seed=5))
    before = sum(row.n for row in store.sums("all", site="one", until=NOW))
    for number in range(4):
        store.compact(NOW, again=True)
        other.add({old: 1})
        assert sum(row.n for row in store.sums("all", site="one", until=NOW)) == before + number + 1
    other.close()


def test_some_at_a_time(store: Store) -> None:
    """A flusher's part of the work, repeated until nothing is left, does all of it."""
    store.add(counts(200, seed=6))
    before = store.sums("all")
    while not store.compact_some(NOW):
        assert store.sums("all") == before
    same(store)
    limit = NOW - NOW % DAY - HOURLY_DAYS * DAY
    assert all(key[0] % DAY == 0 for key, _ in store.rows() if key[0] < limit)
