"""Fixtures: an empty store of each kind, with its real server, and one with some days."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.stores.sqlite.store import SqliteStore
from tests.stores.conftest import cluster, postgres, redis, store, url
from tests.warehouse.sample import fill

__all__ = ["cluster", "postgres", "redis", "store", "url"]


@pytest.fixture
def news(tmp_path: Path) -> Iterator[SqliteStore]:
    """Yield a SQLite store with six days of one site, four of them complete."""
    made = SqliteStore(tmp_path / "counts.sqlite")
    fill(made, sites=("news",), days=6)
    yield made
    made.close()
