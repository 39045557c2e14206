"""The rows of bench/matrix that need only the browsers: each right, in state and kind."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.root import ROOT

ROWS = [
    *("consent tool", "restored", "body hidden at first", "service worker", "phone", "Save-Data"),
    *("hidden tab", "prerendered", "private window", "Firefox's tracking protection"),
    *("uBlock Origin, medium mode", "requests only", "requests only, http", "elements only"),
]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Run all rows once, in a separate process: Playwright can be started only once in each."""
    out = tmp_path_factory.mktemp("matrix")
    command = [sys.executable, "-m", "bench.matrix", "--ours", "--out", str(out), "--only", *ROWS]
    subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=400)
    found: list[dict[str, Any]] = json.loads((out / "matrix.json").read_text("utf-8"))
    return found


@pytest.mark.timeout(420)
@pytest.mark.parametrize("name", ROWS)
def test_row(results: list[dict[str, Any]], name: str) -> None:
    """Each environment of this name has its expected state and kind, in every engine."""
    rows = [row for row in results if row["environment"] == name]
    assert rows
    for row in rows:
        assert row["right"], row
