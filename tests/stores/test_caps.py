"""The limits on path groups, languages and variants hold for all processes of a store together."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterable

import pytest

from detector.core.counting.dimensions import OPEN, Key, rows_per_hour
from detector.core.counting.store import Event, Store
from detector.core.counting.store_url import open_store
from detector.core.errors import StoreError

NOW = 480_000 - 480_000 % 24 + 5
MOST = OPEN["group"]
PAIR = "browser+group"


def views(groups: Iterable[int], hour: int = NOW, count: int = 1) -> dict[Key, int]:
    """Return the rows of views of some path groups, of which each has a pair with the browser."""
    rows: dict[Key, int] = {}
    for number in groups:
        rows[hour, "site", "group", f"/{number:04}+x", "", "view"] = count
        rows[hour, "site", PAIR, f"safari+/{number:04}+x", "", "view"] = count
    return rows | {(hour, "site", "all", "", "", "view"): count * len(rows) // 2}


def found(store: Store, dimension: str = "group", since: int = NOW - 24) -> dict[str, int]:
    """Return the counts of each value."""
    return {one.value: one.n for one in store.sums(dimension, since=since)}


def test_together(url: str, store: Store) -> None:
    """Processes that meet different groups keep as many as one may; the others count as "other"."""
    for number in range(4):
        process = open_store(url)
        process.add(views(range(number * 200, number * 200 + 200)), (f"process {number}", 1))
        process.close()
    groups = found(store)
    assert len(groups) == MOST + 1
    assert groups["other"] == 800 - MOST
    assert sum(groups.values()) == found(store, "all")[""] == 800
    pairs = found(store, PAIR)
    assert pairs["safari+other"] == 800 - MOST
    assert {value.partition("+")[2] for value in pairs} == set(groups)


def test_what_is_known_goes_on(url: str, store: Store) -> None:
    """A group that has its place keeps it, whichever process counts it and however late."""
    store.add(views(range(MOST)), ("one", 1))
    other = open_store(url)
    other.add(views([3, 2000]), ("two", 1))
    store.add(views([7, 3000]), ("one", 2))
    groups = found(store)
    assert (groups["/0003+x"], groups["/0007+x"], groups["other"]) == (2, 2, 2)
    other.close()


def test_each_day(store: Store) -> None:
    """The next day has room for other groups, and so has another site."""
    store.add(views(range(MOST)), ("one", 1))
    store.add(views(range(1000, 1000 + MOST), hour=NOW + 24), ("one", 2))
    assert "other" not in found(store)
    elsewhere = {(key[0], "another", *key[2:]): n for key, n in views(range(3000, 3010)).items()}
    store.add(elsewhere, ("one", 3))
    assert len(found(store)) == 2 * MOST + 10


def test_a_long_backlog(store: Store) -> None:
    """Counts of many days that are written at once keep their groups, however many those are."""
    rows: dict[Key, int] = {}
    for day in range(90):
        hour = NOW - day * 24
        for dimension in OPEN:
            rows |= {(hour, "site", dimension, f"v{n}", "", "view"): 1 for n in range(3)}
    store.add({(NOW, "site", "all", "", "", "view"): 1}, ("one", 1))
    for number in (2, 3):
        store.add(rows, ("one", number))
        for dimension in OPEN:
            expected = dict.fromkeys(("v0", "v1", "v2"), 90 * (number - 1))
            assert found(store, dimension, since=0) == expected


def test_languages_and_variants(store: Store) -> None:
    """Languages and variants have limits of their own, also in pairs of both."""
    rows: dict[Key, int] = {}
    for number in range(100):
        rows[NOW, "site", "locale", f"l{number:02}", "", "view"] = 1
        rows[NOW, "site", "variant", f"v{number:02}", "", "view"] = 1
        rows[NOW, "site", "locale+variant", f"l{number:02}+v{number:02}", "", "view"] = 1
    store.add(rows, ("one", 1))
    assert len(found(store, "locale")) == OPEN["locale"] + 1
    assert len(found(store, "variant")) == OPEN["variant"] + 1
    pairs = found(store, "locale+variant")
    assert pairs["l15+v15"] == pairs["l63+other"] == 1
    assert pairs["other+other"] == 100 - OPEN["locale"]


def test_reports(url: str, store: Store) -> None:
    """Reports that several processes share have the same limits, and repeats take no place."""

    def reports(first: int, number: int) -> dict[bytes, Event]:
        made = {}
        for at in range(first, first + number):
            key: Key = (NOW, "site", "group", f"/{at:04}", "", "view")
            claim = NOW.to_bytes(4, "big") + at.to_bytes(12, "big")
            made[claim] = Event((key, (NOW, "site", "all", "", "", "view")), ())
        return made

    store.add_reports(reports(0, 300), ("one", 1))
    other = open_store(url)
    other.add_reports(reports(200, 300), ("two", 1))
    other.add_reports(reports(400, 300), ("two", 2))
    groups = found(store)
    assert len(groups) == MOST + 1
    assert groups["other"] == 200
    assert sum(groups.values()) == found(store, "all")[""] == 700
    other.close()


def test_a_write_that_failed(url: str, store: Store) -> None:
    """What a failed write took is free again, also for another process."""
    bad: Key = (NOW, "site", "all", "", "", "\n")
    with pytest.raises(StoreError):
        store.add(views(range(300)) | {bad: 1}, ("one", 1))
    store.add(views(range(300, 310)), ("one", 2))
    store.add(views(range(300, 310)), ("one", 2))
    other = open_store(url)
    other.add(views(range(1000, 1490)), ("two", 1))
    store.add(views(range(300)), ("one", 3))
    groups = found(store)
    assert len(groups) == MOST + 1
    assert groups["other"] == 300
    other.close()


def test_sample_data(store: Store) -> None:
    """Rows without a batch, such as sample data, have no limit, but take places."""
    store.add(views(range(600)))
    assert len(found(store)) == 600
    store.add(views([5, 601]), ("one", 1))
    groups = found(store)
    assert (groups["/0005+x"], groups["other"]) == (2, 1)


def test_at_the_same_time(url: str, store: Store) -> None:
    """Processes that flush at once exceed no limit, and lose nothing."""
    script = """
        import sys
        from detector.core.counting.store_url import open_store
        from tests.stores.test_caps import views
        store, me = open_store(sys.argv[1]), int(sys.argv[2])
        for number in range(20):
            store.add(views(range(me * 300 + number * 15, me * 300 + number * 15 + 15)),
                (f"process {me}", number))
        store.close()
    """
    command = [sys.executable, "-c", textwrap.dedent(script), url]
    processes = [subprocess.Popen([*command, str(number)]) for number in range(4)]
    for process in processes:
        assert process.wait(120) == 0
    groups = found(store)
    assert len(groups) == MOST + 1
    assert groups["other"] == 4 * 300 - MOST
    assert sum(groups.values()) == 4 * 300
    assert sum(1 for _ in store.rows(NOW, "site", NOW + 1)) < rows_per_hour([PAIR])
