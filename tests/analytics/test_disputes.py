"""Disputed notices: the share, its interval, and what had been seen."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.analytics.disputes import patterns
from detector.analytics.export import as_csv, as_dict
from detector.analytics.figures import Share
from detector.analytics.query import query
from detector.cli.main import main
from detector.core.counting.counters import Counters
from detector.stores.sqlite.store import SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """Return a store with 200 notices, 13 of them disputed: most by their requests alone."""
    made = SqliteStore(tmp_path / "counts.sqlite")
    counters = Counters("site")
    for browser, shown, disputed in (("firefox", 120, 12), ("chrome", 80, 1)):
        for _ in range(shown):
            counters.count("shown", "blocked", kind="extension", browser=browser)
        for n in range(disputed):
            signals = "requests elements" if n > 10 or browser == "chrome" else "requests"
            counters.count("disputed", kind="extension", browser=browser, signals=signals)
    made.add(counters.drain())
    yield made
    made.close()


def test_share_of_the_notices_shown(store: SqliteStore) -> None:
    """A dispute is a share of the notices shown, for everybody and for each value."""
    answer = query(store, by="browser")
    assert answer.total.disputed == Share(13, 200, "notices shown")
    found = {cell.values[0]: cell.figures.disputed for cell in answer.cells}
    assert found == {
        "firefox": Share(12, 120, "notices shown"),
        "chrome": Share(1, 80, "notices shown"),
    }


def test_is_no_step_of_the_funnel(store: SqliteStore) -> None:
    """What a notice achieves does not contain those that it should not have asked."""
    assert "disputed" not in [step.name for step in query(store).total.funnel()]


def test_interval(store: SqliteStore) -> None:
    """The interval is Wilson's score interval at 95 %."""
    found = query(store).total.as_dict()["disputed"]
    assert found["value"] == 0.065
    assert [round(end, 4) for end in found["interval"]] == [0.0384, 0.108]


def test_of_nothing(tmp_path: Path) -> None:
    """Without notices there is no share and no interval."""
    empty = SqliteStore(tmp_path / "none.sqlite")
    empty.add({})
    disputed = query(empty).total.disputed
    assert (disputed.value, disputed.interval) == (None, None)
    empty.close()


def test_never_more_than_were_shown(tmp_path: Path) -> None:
    """Disputes without their notice, forged or at a span's edge, make no share above 1."""
    forged = SqliteStore(tmp_path / "forged.sqlite")
    counters = Counters("site")
    for _ in range(3):
        counters.count("shown", "blocked", browser="firefox")
    for _ in range(12):
        counters.count("disputed", browser="firefox", signals="none")
    forged.add(counters.drain())
    assert query(forged).total.disputed == Share(3, 3, "notices shown")
    forged.close()


def test_signals(store: SqliteStore) -> None:
    """The patterns add up to the disputed notices, those with the most first."""
    assert [(cell.values[0], cell.figures.views) for cell in patterns(store)] == [
        ("requests", 11),
        ("requests elements", 2),
    ]
    counters = Counters("site")
    for signals, times in (("requests elements", 28), ("requests", 10), ("ads", 15)):
        for _ in range(times):
            counters.count("disputed", signals=signals)
    store.add(counters.drain())
    found = {c.values[0]: c.figures.views for c in patterns(store)}
    assert found == {"requests elements": 30, "requests": 21, "ads": 15}


def test_exports(store: SqliteStore) -> None:
    """JSON and CSV have the share with its interval."""
    answer = query(store, by="browser")
    total = as_dict(answer)["total"]
    assert total["disputed"]["part"] == total["actions"]["disputed"] == 13
    row = next(csv.DictReader(io.StringIO(as_csv(query(store)))))
    assert (row["shown"], row["disputed"]) == ("200", "13")
    assert (row["disputed_low"][:5], row["disputed_high"][:5]) == ("0.038", "0.108")


def test_command(store: SqliteStore, capsys: pytest.CaptureFixture[str]) -> None:
    """`stats` prints the share with its interval, for everybody and by browser."""
    db = str(store.path)
    assert main(["stats", "--db", db]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "disputed 13 6.5% of shown (3.8 to 10.8)" in shown
    assert main(["stats", "--db", db, "--by", "browser"]) == 0
    shown = capsys.readouterr().out
    assert "10.0%  5.8 to 16.7" in shown
    assert main(["stats", "--db", db, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["disputed_by_signals"] == {
        "requests": 11,
        "requests elements": 2,
    }
