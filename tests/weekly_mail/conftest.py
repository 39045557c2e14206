"""Fixtures: a store of two sites, and the command that mails what it holds."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from detector.core.counting.annotations import Annotation
from detector.core.counting.dimensions import Key
from detector.stores.sqlite.store import SqliteStore
from tests.support.weekly_mail import EVIL, Run

DAY = 86_400


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of two sites, with 20 of 100 blocked views every day of five weeks."""
    store = SqliteStore(tmp_path_factory.mktemp("mail") / "counts.sqlite")
    now = int(time.time())
    rows: dict[Key, int] = {}
    for day in range(35):
        hour = (now - day * DAY) // 3600
        for site in ("news", EVIL):
            rows[hour, site, "all", "", "", "view"] = 100
            rows[hour, site, "all", "", "blocked", "verdict"] = 20
            rows[hour, site, "all", "", "clear", "verdict"] = 80
    store.add(rows)
    store.annotate(Annotation(now - 9 * DAY, EVIL))
    store.close()
    return store.path


@pytest.fixture
def run(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return the command with a state file."""
    return Run(path, tmp_path, capsys)
