"""Exports of one site to a folder of files, and what the files hold."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Store
from detector.warehouse.days import Decision
from detector.warehouse.export import SiteExport, export
from detector.warehouse.parquet import ParquetFolder
from tests.warehouse.sample import FIRST

DAY = 24


def run(store: Store, folder: Path, **asked: Any) -> SiteExport:
    """Export the site "news" to a folder."""
    target = ParquetFolder(folder)
    try:
        (done,) = export(store, target, sites=["news"], **asked)
    finally:
        target.close()
    return done


def days(done: SiteExport, decision: Decision) -> list[int]:
    """Return the days with a decision, counted from the first."""
    return [(day - FIRST) // DAY for day in done.days[decision]]


def ask(text: str) -> list[tuple[Any, ...]]:
    """Return DuckDB's answer."""
    with duckdb.connect() as engine:
        return engine.execute(text).fetchall()


def rows(folder: Path) -> Counter[Key]:
    """Return what the files hold, in the form of a store's rows."""
    text = (
        "SELECT epoch(hour)::BIGINT // 3600, site, dimension, value, state, action, n "
        f"FROM read_parquet('{folder}/*/*.parquet')"
    )
    found: Counter[Key] = Counter()
    for *key, count in ask(text):
        assert tuple(key) not in found
        found[tuple(key)] = count
    return found


def late(store: Store, hour: int, batch: int = 100) -> None:
    """Add a view at an hour."""
    store.add({(hour, "news", "all", "", "", "view"): 1}, ("late", batch))
