"""Files and folders that the store cannot use, each refused with a fix."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from detector.core.errors import StoreError
from detector.stores.sqlite.store import SqliteStore
from tests.stores.sqlite.conftest import VIEW


def test_newer_schema(store: SqliteStore, path: Path) -> None:
    """A file of a newer release is refused with both versions, and is unchanged."""
    store.add({VIEW: 1})
    store.close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 4")
    other.close()
    before = path.read_bytes()
    for readonly in (False, True):
        later = SqliteStore(path, readonly=readonly)
        with pytest.raises(StoreError, match="schema version 4, this adblock-detector knows 3"):
            list(later.rows())
        later.close()
    with pytest.raises(StoreError, match="newer release"):
        store.add({VIEW: 1})
    store.close()
    assert path.read_bytes()[100:] == before[100:]


def test_foreign_database(tmp_path: Path) -> None:
    """Another program's SQLite file is refused, and gets no table."""
    path = tmp_path / "theirs.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE notes (text)")
    for readonly in (False, True):
        store = SqliteStore(path, readonly=readonly)
        with pytest.raises(StoreError, match=r"database of another program.*--db"):
            store.add({VIEW: 1})
        store.close()
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("notes",)]
    other.close()


def test_not_a_database(tmp_path: Path) -> None:
    """A file that is not a database is refused with a hint, and is kept."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, this is no database at all. " * 40)
    before = path.read_bytes()
    store = SqliteStore(path)
    with pytest.raises(StoreError, match="not a SQLite file: move it aside"):
        store.add({VIEW: 1})
    assert path.read_bytes() == before


def test_locked(store: SqliteStore, path: Path) -> None:
    """A lock that outlasts the timeout is an error that says so; the store works again later."""
    store.add({VIEW: 1})
    store.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    hasty = SqliteStore(path, timeout=0.05)
    try:
        with pytest.raises(StoreError, match="locked; another program holds a lock"):
            hasty.add({VIEW: 1})
    finally:
        other.close()
    hasty.add({VIEW: 1})
    assert list(hasty.rows()) == [(VIEW, 2)]
    hasty.close()


def test_unwritable_place(tmp_path: Path) -> None:
    """A folder that cannot be created is an error that names the option and the path."""
    (tmp_path / "file").write_text("")
    store = SqliteStore(tmp_path / "file" / "counts.sqlite")
    with pytest.raises(StoreError, match=r"option store: .*counts\.sqlite cannot be used"):
        store.add({VIEW: 1})


def test_a_folder_as_path(tmp_path: Path) -> None:
    """A folder in the place of the file is an error that says what is needed."""
    with pytest.raises(StoreError, match="unable to open database file; allow the site's user"):
        SqliteStore(tmp_path).add({VIEW: 1})


def test_reading_makes_no_file(path: Path) -> None:
    """A read-only store at a missing file says so, names --db, and creates nothing."""
    store = SqliteStore(path, readonly=True)
    with pytest.raises(StoreError, match=r"there is no file .*--db"):
        list(store.rows())
    assert not path.parent.exists()


def test_reading_an_empty_file(tmp_path: Path) -> None:
    """A read-only store at an empty file says that it has no counters."""
    path = tmp_path / "empty"
    path.touch()
    store = SqliteStore(path, readonly=True)
    with pytest.raises(StoreError, match="has no counters"):
        list(store.rows())
    assert path.stat().st_size == 0


def test_reading_cannot_write(store: SqliteStore, path: Path) -> None:
    """A read-only store refuses to add."""
    store.add({VIEW: 1})
    reader = SqliteStore(path, readonly=True)
    with pytest.raises(StoreError, match="readonly"):
        reader.add({VIEW: 1})
    assert list(reader.rows()) == [(VIEW, 1)]
    reader.close()
