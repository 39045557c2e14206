"""Counts in a SQLite file: added, read in order, all or none."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from detector.stats.counters import Key
from detector.stats.sqlite import SqliteStore
from detector.stats.store import StoreError
from tests.sqlite.conftest import PHONE, VIEW


def test_adds(store: SqliteStore, path: Path) -> None:
    """Adding makes folder and file, and adds to the counts that are there."""
    store.add({VIEW: 2, PHONE: 1})
    store.add({VIEW: 3})
    assert list(store.rows()) == [(VIEW, 5), (PHONE, 1)]
    assert path.is_file()


def test_settings(store: SqliteStore, path: Path) -> None:
    """The file is in WAL mode and carries our mark and schema version."""
    store.add({VIEW: 1})
    other = sqlite3.connect(path)
    try:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert other.execute("PRAGMA user_version").fetchone() == (1,)
        assert other.execute("PRAGMA application_id").fetchone() == (0x61646264,)
    finally:
        other.close()
    assert store._connection is not None
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (1,)
    assert store._connection.execute("PRAGMA busy_timeout").fetchone() == (5000,)


def test_rows_of_an_hour_and_a_site(store: SqliteStore) -> None:
    """Rows can be asked from an hour on and of one site."""
    rows: dict[Key, int] = {
        (hour, site, "all", "", "", "view"): 1 for hour in (1, 2, 3) for site in ("a", "b")
    }
    store.add(rows)
    assert dict(store.rows()) == rows
    assert [key[:2] for key, _ in store.rows(since_hour=2)] == [
        (2, "a"),
        (2, "b"),
        (3, "a"),
        (3, "b"),
    ]
    assert [key[:2] for key, _ in store.rows(2, "b")] == [(2, "b"), (3, "b")]
    assert list(store.rows(site="c")) == []


def test_many_rows(store: SqliteStore) -> None:
    """Rows beyond one page of reading come once each and in order, while the store is written."""
    rows: dict[Key, int] = {(n, "site", "all", "", "", "view"): n + 1 for n in range(12_000)}
    store.add(rows)
    seen = []
    for number, row in enumerate(store.rows()):
        if number == 0:
            store.add({(11_999, "site", "all", "", "", "view"): 5})
        seen.append(row)
    rows[(11_999, "site", "all", "", "", "view")] += 5
    assert seen == sorted(rows.items())


def test_all_or_nothing(store: SqliteStore) -> None:
    """If one row cannot be written, none is, and the store works afterwards."""
    store.add({VIEW: 1})
    with pytest.raises(StoreError, match="cannot be used"):
        store.add({VIEW: 1, (480_001, "\ud800", "all", "", "", "view"): 1})
    with pytest.raises(StoreError, match="cannot be used"):
        store.add({VIEW: 1, (480_001, "site", "all", "", "", "view"): 2**70})
    store.add({PHONE: 1})
    assert list(store.rows()) == [(VIEW, 1), (PHONE, 1)]


def test_usable_after_close(store: SqliteStore) -> None:
    """A closed store opens again at its next use."""
    store.add({VIEW: 1})
    store.close()
    store.close()
    store.add({VIEW: 1})
    assert list(store.rows()) == [(VIEW, 2)]


def test_deleted_file(store: SqliteStore, path: Path) -> None:
    """When the file is deleted under a running site, counting goes on in a new one."""
    store.add({VIEW: 1})
    path.unlink()
    store.add({VIEW: 7})
    reader = SqliteStore(path, readonly=True)
    assert list(reader.rows()) == [(VIEW, 7)]
    reader.close()
