"""Tests of detector.analytics.bounds: what views without a verdict leave open, and who says so."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from detector.analytics.bounds import bounds
from detector.analytics.figures import Figures
from detector.cli.main import main
from detector.core.counting.counters import Counters
from detector.core.vocabulary import STATES
from detector.dashboard import app
from detector.stores.sqlite.store import SqliteStore

VIEWS = st.lists(st.tuples(st.sampled_from(STATES), st.booleans()), min_size=1, max_size=300)
"""The true state of each view, and whether its report was lost."""


@given(VIEWS)
def test_whatever_is_lost(views: list[tuple[str, bool]]) -> None:
    """The range contains the true share of all views, whichever of them are lost, and no more."""
    heard = [state for state, lost in views if not lost]
    lost = [state for state, lost in views if lost]
    found = bounds(heard.count("blocked"), len(heard), len(views))
    assert found is not None
    true = [state for state, _ in views].count("blocked") / len(views)
    assert 0 <= found.low <= true <= found.high <= 1
    assert found.unknown == len(lost)
    assert (found.high - found.low) * len(views) == pytest.approx(len(lost))


@pytest.mark.parametrize("seed", range(20))
def test_a_tenth_lost(seed: int) -> None:
    """With a tenth of the views lost, nearly all of them clear, the plain share is off, the range
    is not, and the true share lies in its lower half."""
    dice = random.Random(seed)
    views = dice.choices(["blocked", "clear"], [20, 80], k=20_000)
    # Nine of ten lost views are clear ones that were left at once.
    kept = [state for state in views if dice.random() > (0.05 if state == "blocked" else 0.1125)]
    assert len(kept) / len(views) == pytest.approx(0.9, abs=0.01)
    true = views.count("blocked") / len(views)
    verdicts = dict.fromkeys(STATES, 0)
    verdicts |= {state: kept.count(state) for state in ("blocked", "clear")}
    figures = Figures(views=len(views), verdicts=verdicts)
    found = figures.blocked_bounds
    assert found is not None
    assert found.low <= true <= (found.low + found.high) / 2
    assert (figures.state("blocked").value or 0) - true > 0.005


def test_none() -> None:
    """Without a view there is no range; with more verdicts than views it is the share itself."""
    assert bounds(0, 0, 0) is None
    assert bounds(2, 8, 5) == (0.25, 0.25, 0)
    assert bounds(0, 0, 4) == (0, 1, 4)


@pytest.fixture
def ten(tmp_path: Path) -> str:
    """Return a store of ten views: two blocked, six clear, two without a verdict."""
    return _filled(tmp_path / "ten.sqlite", {"blocked": 2, "clear": 6}, 10)


def _filled(path: Path, verdicts: dict[str, int], views: int) -> str:
    counters = Counters("site")
    for _ in range(views):
        counters.count("view")
    for state, count in verdicts.items():
        for _ in range(count):
            counters.count("verdict", state)
    store = SqliteStore(path)
    store.add(counters.drain())
    store.close()
    return str(path)


def test_stats(ten: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`detector stats` has the range as text, JSON and CSV."""

    def printed(*options: str) -> str:
        assert main(["stats", "--db", ten, *options]) == 0
        return capsys.readouterr().out

    (line,) = [one for one in printed().splitlines() if one.startswith("Views without a verdict")]
    assert line.split(None, 4)[4] == "2  blocked is 20.0 to 40.0 % of all views"
    total = json.loads(printed("--json"))["total"]
    assert (total["without_verdict"], total["blocked"]["range"]) == (2, [0.2, 0.4])
    (row,) = csv.DictReader(io.StringIO(printed("--csv")))
    assert [row[name] for name in ("without_verdict", "blocked_from", "blocked_to")] == [
        *("2", "0.2", "0.4")
    ]


def test_dashboard(ten: str, tmp_path: Path) -> None:
    """The tile of the blocked share has the range."""
    text = Client(app(ten, allowed=lambda _: True)).get("/").text
    assert "20.0–40.0 % of all views, whichever way the 2 views without a verdict" in text


def test_all_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where each view has a verdict, no range is told."""
    store = _filled(tmp_path / "all.sqlite", {"blocked": 2, "clear": 6}, 8)
    assert "whichever way" not in Client(app(store, allowed=lambda _: True)).get("/").text
    assert main(["stats", "--db", store]) == 0
    assert " % of all views" not in capsys.readouterr().out
