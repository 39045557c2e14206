"""Fixtures of the tests of figures: an empty store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.stores.sqlite.store import SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """Yield an empty store."""
    made = SqliteStore(tmp_path / "counts.sqlite")
    yield made
    made.close()
