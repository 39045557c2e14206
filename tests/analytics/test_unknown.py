"""Figures that are not known of a kind, mode, variant or language are empty, never 0."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.analytics.export import as_csv
from detector.analytics.price import Price
from detector.analytics.query import query
from detector.analytics.table import cells_table
from detector.analytics.variants import Design
from detector.analytics.whole import whole
from detector.core.counting.counters import Counters
from detector.stores.sqlite.store import SqliteStore

HOUR = 500_000
VIEWS = {"views", "measured", "without_verdict", "blocked_from", "blocked_to", "ad_free"}
SESSIONS = {"drawn", "stayed", "won"}
VERDICTS = {"blocked", "unreachable", "clear", "unknown", "partial", "recovered", "lost"}
EMPTY = {
    "browser": set(),
    "kind": VIEWS | SESSIONS,
    "mode": VIEWS | SESSIONS | VERDICTS,
    "variant": VIEWS | VERDICTS,
    "locale": VIEWS | SESSIONS | VERDICTS,
}
"""The empty columns of the lines by each dimension; those of disputes are empty for so few."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """Return a store with three blocked views of Firefox, two of which had a notice."""
    counters = Counters("site", clock=lambda: HOUR * 3600)
    dims = {"browser": "firefox", "kind": "extension"}
    for _ in range(3):
        counters.count("view", browser="firefox")
        counters.count("verdict", "blocked", **dims)
    for _ in range(2):
        counters.count("shown", "blocked", mode="corner", variant="A", locale="de", **dims)
    made = SqliteStore(tmp_path / "counts.sqlite")
    made.add(counters.drain())
    yield made
    made.close()


@pytest.mark.parametrize("by", EMPTY)
def test_csv(store: SqliteStore, by: str) -> None:
    """A cell is empty where its figure is not known."""
    text = as_csv(query(store, by=by), Price(4.5, "EUR"))
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["shown"] == "2"
    assert {name for name, value in row.items() if not value and "disputed" not in name} == EMPTY[
        by
    ]


@pytest.mark.parametrize("by", EMPTY)
def test_json(store: SqliteStore, by: str) -> None:
    """A figure is null where it is not known; the total of all views stays."""
    found = whole(store, Design(), by=by).as_dict(Price(4.5, "EUR"))
    (cell,) = found["cells"]
    figures = cell["figures"]
    assert (figures["views"] is None) == ("views" in EMPTY[by])
    assert (figures["verdicts"] is None) == (figures["income"] is None) == ("lost" in EMPTY[by])
    assert (figures["sessions"] is None) == (EMPTY[by] >= SESSIONS)
    assert figures["actions"]["shown"] == 2
    assert found["total"]["views"] == 3
    assert found["funnel"][0]["count"] == 3


@pytest.mark.parametrize(
    ("by", "line"),
    [
        ("browser", ["firefox", "3", "3", "3", "few", "100.0%", "43.9", "to", "100.0", "2"]),
        ("kind", ["extension", "3", "2"]),
        ("mode", ["corner", "2"]),
        ("variant", ["A", "2"]),
    ],
)
def test_table(store: SqliteStore, by: str, line: list[str]) -> None:
    """The table for a terminal leaves a figure out that is not known."""
    shown = cells_table(query(store, by=by)).splitlines()
    assert shown[1].split()[: len(line)] == line
    assert any(one.startswith("few:") for one in shown) == (by == "browser")
