"""The ten queries of the documentation, on exports of every store."""

from __future__ import annotations

from pathlib import Path

import duckdb

from detector.core.counting.store import Store
from detector.warehouse.export import export
from detector.warehouse.parquet import ParquetFolder
from tests.warehouse.printed import QUERIES, differences, given
from tests.warehouse.sample import fill


def test_ten_queries() -> None:
    """The page has ten, as it says."""
    assert len(QUERIES) == 10


def test_parquet_gives_what_stats_gives(store: Store, tmp_path: Path) -> None:
    """DuckDB on the files answers each query as `detector stats` does, for all complete days."""
    fill(store, days=6)
    target = ParquetFolder(tmp_path / "warehouse")
    done = list(export(store, target, sites=store.sites()))
    target.close()
    (until,) = {one.until for one in done}
    with duckdb.connect() as engine:
        engine.execute(given("duckdb").replace("warehouse/", f"{tmp_path}/warehouse/"))
        found = differences(store, until, lambda text: engine.execute(text).fetchall())
    assert found == []
