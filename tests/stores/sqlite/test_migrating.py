"""Migration of files with an earlier schema, also while an earlier release has them open."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from detector.core.errors import StoreError
from detector.stores.sqlite import schema
from detector.stores.sqlite.store import SqliteStore
from tests.stores.sqlite.conftest import PHONE, VIEW

OLD_ADD = """INSERT INTO counts (hour, site, dimension, value, state, action, n)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hour, site, dimension, value, state, action)
DO UPDATE SET n = n + excluded.n"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a file with the first schema and one count."""
    path = tmp_path / "old.sqlite"
    with sqlite3.connect(path) as first:
        for statement in schema.STEPS[0]:
            first.execute(statement)
        first.execute(OLD_ADD, (*VIEW, 7))
        first.execute(f"PRAGMA application_id = {schema.APPLICATION}")
        first.execute("PRAGMA user_version = 1")
    first.close()
    return path


def test_forward(old: Path) -> None:
    """Counts of the first schema are kept at the first write, and are added to."""
    store = SqliteStore(old)
    store.add({VIEW: 1, PHONE: 1})
    assert dict(store.rows()) == {VIEW: 8, PHONE: 1}
    store.close()


def test_an_earlier_release_goes_on(old: Path) -> None:
    """A process with the file open during the migration loses no count, as in a deploy."""
    earlier = sqlite3.connect(old, isolation_level=None)
    earlier.execute(OLD_ADD, (*VIEW, 1))
    store = SqliteStore(old)
    store.add({VIEW: 1})
    earlier.execute(OLD_ADD, (*VIEW, 1))
    earlier.close()
    assert dict(store.rows()) == {VIEW: 10}
    store.close()


def test_reader_waits(old: Path) -> None:
    """A reader does not migrate a file; it says what does."""
    reader = SqliteStore(old, readonly=True)
    with pytest.raises(StoreError, match="start the site once"):
        list(reader.rows())
    reader.close()
