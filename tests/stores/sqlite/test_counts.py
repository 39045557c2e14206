"""The file of the counts: created, marked, and created again. tests/stores tests its content."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from detector.stores.sqlite.store import SqliteStore
from tests.stores.sqlite.conftest import VIEW


def test_makes_its_place(store: SqliteStore, path: Path) -> None:
    """Adding creates folder and file."""
    store.add({VIEW: 2})
    assert path.is_file()


def test_settings(store: SqliteStore, path: Path) -> None:
    """The file is in WAL mode and has the detector's application id and schema version."""
    store.add({VIEW: 1})
    other = sqlite3.connect(path)
    try:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert other.execute("PRAGMA user_version").fetchone() == (3,)
        assert other.execute("PRAGMA application_id").fetchone() == (0x61646264,)
    finally:
        other.close()
    assert store._connection is not None
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (1,)
    assert store._connection.execute("PRAGMA busy_timeout").fetchone() == (5000,)


def test_deleted_file(store: SqliteStore, path: Path) -> None:
    """If the file of a running site is deleted, counting continues in a new one."""
    store.add({VIEW: 1})
    path.unlink()
    store.add({VIEW: 7})
    reader = SqliteStore(path, readonly=True)
    assert list(reader.rows()) == [(VIEW, 7)]
    reader.close()
