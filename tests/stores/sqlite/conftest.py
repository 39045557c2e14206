"""Fixtures of the tests of the SQLite store: two keys, a path and a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.core.counting.dimensions import Key
from detector.stores.sqlite.store import SqliteStore

VIEW: Key = (480_000, "site", "all", "", "", "view")
PHONE: Key = (480_000, "site", "device", "phone", "", "view")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a file that does not exist, in a folder that does not exist."""
    return tmp_path / "new" / "folder" / "counts ?#%41.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """Yield an open store at `path`."""
    made = SqliteStore(path)
    yield made
    made.close()
