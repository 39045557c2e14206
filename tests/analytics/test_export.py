"""Tests of detector.analytics.export: figures as JSON and CSV, with no formula in them."""

from __future__ import annotations

import csv
import io
import json

import pytest

from detector.analytics.export import as_csv, as_dict, safe
from detector.analytics.query import query
from detector.stores.sqlite.store import SqliteStore
from tests.analytics.sample import DAY, fill


def test_json(store: SqliteStore) -> None:
    """A result is JSON of plain types."""
    fill(store, DAY * 24, 3, browser="firefox")
    fill(store, DAY * 24, 5, browser="chrome")
    fill(store, DAY * 24, 9, browser="edge", site="other")
    found = as_dict(query(store, by="browser", site="site"), 2.0)
    assert json.loads(json.dumps(found)) == found
    assert found["total"]["income"] == {
        **{"per_thousand": 2.0, "views": 40, "lost": 0.08, "recovered": 16, "won": 0.03},
        **{"weight": 1.0, "currency": ""},
    }
    assert [cell["browser"] for cell in found["cells"]] == ["chrome", "firefox"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "|x", "\r=1"])
def test_no_formula(text: str) -> None:
    """A text that a spreadsheet would evaluate is marked as text."""
    assert safe(text) == "'" + text


def test_csv(store: SqliteStore) -> None:
    """CSV has a line for each cell, and none of its texts is a formula."""
    for group in ('=HYPERLINK("x")', '/a,"b"', "-2"):
        fill(store, DAY * 24, 2, group=group)
    rows = list(csv.reader(io.StringIO(as_csv(query(store, by="group"), 3.0))))
    assert rows[0][:4] == ["group", "views", "measured", "blocked"]
    assert {row[0] for row in rows[1:]} == {'\'=HYPERLINK("x")', '/a,"b"', "'-2"}
    assert {(*row[1:4], row[-1]) for row in rows[1:]} == {("20", "16", "8", "0.03")}
    assert len(as_csv(query(store)).splitlines()) == 2
