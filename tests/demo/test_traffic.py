"""Tests of detector.demo.traffic: an invented month whose counts agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.analytics.query import query
from detector.core.counting.dimensions import ALL
from detector.demo.traffic import fill
from detector.stores.sqlite.store import SqliteStore

NOW = 480_000 * 3600.0


def test_month(tmp_path: Path) -> None:
    """It is the same for each new store, consistent in every dimension, and added once only."""
    totals = []
    for name in ("one", "two"):
        store = SqliteStore(tmp_path / name)
        assert fill(store, NOW, days=3, views=20.0) > 500
        assert fill(store, NOW, days=3, views=20.0) == 0
        found = query(store).total
        assert found == query(store, since=int(NOW) - 3 * 86_400, until=int(NOW) + 3600).total
        totals.append(found)
        for dimension in ("browser", "device", "group"):
            cells = query(store, by=dimension).cells
            assert sum(c.figures.views for c in cells) <= found.views
        store.close()
    assert totals[0] == totals[1]
    assert 0.05 < (totals[0].state("blocked").value or 0) < 0.3
    assert pytest.approx(0.98, abs=0.03) == totals[0].reach.value


def test_pages_without_a_script(tmp_path: Path) -> None:
    """1.2 % of its pages have no script, and that is what an owner sees, whatever robots do."""
    store = SqliteStore(tmp_path / "counts")
    fill(store, NOW, days=20, views=40.0)
    counts = {row.action: row.n for row in store.sums(ALL) if not row.state}
    missing = query(store).unheard
    store.close()
    assert missing
    assert (missing.pages, missing.missing) == (counts["page"], counts["page"] - counts["view"])
    assert round(missing.share.value or 0, 3) == 0.012
