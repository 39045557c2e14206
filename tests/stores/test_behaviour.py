"""The behaviour that all stores share."""

from __future__ import annotations

import threading

import pytest

from detector.core.counting.counters import Counters
from detector.core.counting.dimensions import Key
from detector.core.counting.store import Store
from detector.core.counting.store_url import open_store
from detector.core.errors import StoreError
from tests.stores.conftest import PHONE, VIEW

DAY = 480_000 // 24


def test_adds(store: Store) -> None:
    """Counts are added to existing ones."""
    store.add({VIEW: 2, PHONE: 1})
    store.add({VIEW: 3})
    store.add({})
    assert dict(store.rows()) == {VIEW: 5, PHONE: 1}


def test_odd_words(store: Store) -> None:
    """Words with characters of any language, SQL, patterns and keys are stored unchanged."""
    words = ["/a'b\"c", "%s %(x)s", "{a}:b", "ä\u00fc漢字🦊", "a|b+c,d", "\\N", "null", " "]
    rows: dict[Key, int] = {(480_000, "}s{i}te%:'", "group", w, "", "view"): 1 for w in words}
    store.add(rows)
    assert dict(store.rows()) == rows
    assert dict(store.rows(site="}s{i}te%:'")) == rows
    assert store.sites() == ["}s{i}te%:'"]


def test_rows_of_an_hour_and_a_site(store: Store) -> None:
    """Rows can be filtered by the first hour and by site."""
    rows: dict[Key, int] = {
        (hour, site, "all", "", "", "view"): 1 for hour in (1, 2, 3) for site in ("a", "b")
    }
    for site in ("a", "b"):
        store.add({key: n for key, n in rows.items() if key[1] == site})
    assert dict(store.rows()) == rows
    assert [key[:2] for key, _ in store.rows(2)] == [(2, "a"), (3, "a"), (2, "b"), (3, "b")]
    assert [key[:2] for key, _ in store.rows(2, "b")] == [(2, "b"), (3, "b")]
    assert list(store.rows(site="c")) == []
    assert store.sites() == ["a", "b"]


def test_many_rows(store: Store) -> None:
    """More rows than one page are read once each, while the store is written."""
    rows: dict[Key, int] = {
        (n // 40, "site", "group", f"/{n}", "", "view"): n + 1 for n in range(12_000)
    }
    store.add(rows)
    seen: dict[Key, int] = {}
    for number, (key, count) in enumerate(store.rows()):
        if number == 0:
            store.add({(299, "site", "group", "/11999", "", "view"): 5})
        assert key not in seen
        seen[key] = count
    rows[299, "site", "group", "/11999", "", "view"] += 5
    assert seen == rows


def test_sums(store: Store) -> None:
    """One dimension is summed over hours and sites, by steps or in total."""
    for site, factor in (("a", 1), ("b", 10)):
        store.add(
            {
                (DAY * 24 + hour, site, dimension, value, state, action): factor
                for hour in range(30)
                for dimension, value, state, action in (
                    ("all", "", "", "view"),
                    ("device", "phone", "", "view"),
                    ("device", "desktop", "clear", "verdict"),
                )
            }
        )
    first = DAY * 24
    assert store.sums("all") == [(0, "", "", "view", 330)]
    assert store.sums("all", site="a") == [(0, "", "", "view", 30)]
    assert store.sums("all", since=first + 10, until=first + 12) == [(0, "", "", "view", 22)]
    assert store.sums("device", site="b", step=24) == [
        (first, "desktop", "clear", "verdict", 240),
        (first, "phone", "", "view", 240),
        (first + 24, "desktop", "clear", "verdict", 60),
        (first + 24, "phone", "", "view", 60),
    ]
    assert store.sums("all", site="a", step=1, until=first + 2) == [
        (first, "", "", "view", 1),
        (first + 1, "", "", "view", 1),
    ]
    assert store.sums("kind") == []


@pytest.mark.parametrize(
    "bad",
    [
        {(480_001, "\ud800", "all", "", "", "view"): 1},
        {(480_001, "site", "a\0b", "", "", "view"): 1},
        {(480_001, "site", "all", "a\x1fb", "", "view"): 1},
        {(480_001, "site", "all", "", "", "view"): 2**70},
        {(480_001, "site", "all", "", "", "view"): -1},
        {(-1, "site", "all", "", "", "view"): 1},
    ],
)
def test_all_or_nothing(store: Store, bad: dict[Key, int]) -> None:
    """If one row cannot be written, none is, and the store still works."""
    store.add({VIEW: 1})
    with pytest.raises(StoreError, match="cannot be used"):
        store.add({VIEW: 1, **bad})
    store.add({PHONE: 1})
    assert dict(store.rows()) == {VIEW: 1, PHONE: 1}


def test_usable_after_close(store: Store) -> None:
    """A closed store opens again at its next use."""
    store.add({VIEW: 1})
    store.close()
    store.close()
    store.add({VIEW: 1})
    assert list(store.rows()) == [(VIEW, 2)]


def test_reader(url: str, store: Store) -> None:
    """A reader sees the rows, and cannot add any."""
    store.add({VIEW: 1})
    reader = open_store(url, readonly=True)
    with pytest.raises(StoreError, match=r"read.?only"):
        reader.add({VIEW: 1})
    assert list(reader.rows()) == [(VIEW, 1)]
    reader.close()


def test_old_days_are_joined(store: Store) -> None:
    """Rows are hourly for 30 days, then daily for 25 months; totals change only by deletion."""
    now = DAY * 24 + 13
    ages = {0: 24, 29: 24, 30: 24, 31: 24, 400: 24, 760: 24, 761: 24, 762: 24, 2000: 24}
    for age in ages:
        for site in ("a", "b"):
            store.add(
                {
                    ((DAY - age) * 24 + hour, site, *rest): hour + 1
                    for hour in range(24)
                    for rest in (("all", "", "", "view"), ("kind", "network", "clear", "verdict"))
                }
            )
    went = store.compact(now)
    rows = dict(store.rows(site="b"))
    expected: dict[Key, int] = {}
    for age in ages:
        for rest in (("all", "", "", "view"), ("kind", "network", "clear", "verdict")):
            first = (DAY - age) * 24
            if age <= 30:
                expected |= {(first + hour, "b", *rest): hour + 1 for hour in range(24)}
            elif age <= 761:
                expected[(first, "b", *rest)] = 300
    assert rows == expected
    assert went == len(ages) * 24 * 2 * 2 - 2 * len(expected)


def test_once_a_day(store: Store) -> None:
    """Only the first call of a day compacts; a forced one does it again."""
    now = DAY * 24
    old: Key = ((DAY - 31) * 24 + 5, "site", "all", "", "", "view")
    joined: Key = ((DAY - 31) * 24, "site", "all", "", "", "view")
    present: Key = (now + 24, "site", "all", "", "", "view")
    store.add({old: 1, present: 1})
    store.compact(now)
    store.add({old: 2})
    assert store.compact(now + 23) == 0
    assert dict(store.rows()) == {joined: 1, old: 2, present: 1}
    assert store.compact(now + 23, again=True) == 1
    assert dict(store.rows()) == {joined: 3, present: 1}
    store.add({old: 4})
    assert store.compact(now + 24) == 1
    assert dict(store.rows()) == {joined: 7, present: 1}


def test_compaction_of_nothing(store: Store) -> None:
    """An empty store has nothing to compact."""
    assert store.compact(DAY * 24) == 0
    assert list(store.rows()) == []


def test_threads(store: Store) -> None:
    """Several threads on one store add exactly, also while another one compacts it."""
    old: Key = ((DAY - 40) * 24 + 7, "site", "all", "", "", "view")

    def work() -> None:
        for _ in range(25):
            store.add({VIEW: 1, PHONE: 2, old: 1})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        store.compact(DAY * 24, again=True)
    for thread in threads:
        thread.join()
    store.compact(DAY * 24, again=True)
    joined: Key = ((DAY - 40) * 24, "site", "all", "", "", "view")
    assert dict(store.rows()) == {VIEW: 100, PHONE: 200, joined: 100}


def test_what_counters_hold(store: Store) -> None:
    """A table of counters with every kind of event is stored and read unchanged."""
    counters = Counters("site", clock=lambda: 480_000 * 3600.0, pairs=[("kind", "browser")])
    counters.count("view", group="/<slug>", browser="firefox", locale="de", variant="b")
    counters.count("verdict", "blocked", kind="extension", browser="firefox")
    counters.count("refused", reason="token")
    rows = counters.drain()
    store.add(rows)
    assert dict(store.rows()) == rows


def test_rows_up_to_an_hour(store: Store) -> None:
    """Rows can end before an hour, and pages of one dimension end there too."""
    rows: dict[Key, int] = {
        (hour, site, "group", f"/{n}", "", "view"): 1
        for hour in (1, 2, 3, 4)
        for n in range(3000)
        for site in ("a", "b")
    }
    rows |= {(hour, "b", "all", "", "", "view"): 3000 for hour in (1, 2, 3, 4)}
    for site in ("a", "b"):
        store.add({key: n for key, n in rows.items() if key[1] == site})
    wanted = {key: n for key, n in rows.items() if key[0] in (2, 3) and key[1] == "b"}
    found = list(store.rows(2, "b", 4))
    assert dict(found) == wanted
    assert len(found) == len(wanted)
    assert {key[0] for key, _ in store.rows(until_hour=2)} == {1}
    assert list(store.rows(4, "a", 4)) == []


def test_newest_hour(store: Store) -> None:
    """The newest hour is what writers agree on: a clock that is years ahead does not move it."""
    assert store.newest_hour("site") is None
    store.add({VIEW: 1}, ("a", 1))
    store.add({(480_003, *VIEW[1:]): 1}, ("b", 1))
    assert store.newest_hour("site") == 480_003
    store.add({(580_000, *VIEW[1:]): 1}, ("c", 1))
    assert store.newest_hour("site") == 480_003
