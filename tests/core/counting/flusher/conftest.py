"""Fixtures of the tests of the flusher: a file for the counts, and its content."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.core.errors import StoreError
from detector.stores.sqlite.store import SqliteStore


def views(path: Path) -> int:
    """Return the page views in the file, 0 while there is none."""
    store = SqliteStore(path, readonly=True)
    try:
        return sum(n for key, n in store.rows() if key[2] == "all" and key[5] == "view")
    except StoreError:
        return 0
    finally:
        store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of the file for the counts."""
    return tmp_path / "counts.sqlite"
