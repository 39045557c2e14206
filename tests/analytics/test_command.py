"""The command `detector stats`: its tables, and the hours that it names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector.analytics.query import query
from detector.cli.main import main
from detector.core.counting.counters import Counters
from detector.stores.sqlite.store import SqliteStore
from tests.analytics.sample import DAY, fill


def test_command(store: SqliteStore, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The command filters by time, value and site, and marks shares of few views."""
    for hour, times in ((5, 1), (30, 2)):
        fill(store, DAY * 24 + hour, times, browser="firefox")
    fill(store, DAY * 24 + 30, 3, browser="chrome")
    counters = Counters("site", clock=lambda: (DAY * 24 + 30) * 3600.0)
    counters.count("view", browser="edge")
    store.add(counters.drain())
    db = str(store.path)
    asked = ["stats", "--db", db, "--since", "2025-07-31", "--until", "2025-08-02"]
    assert main([*asked, "--step", "day", "--by", "browser", "--site", "site"]) == 0
    assert capsys.readouterr().out == (
        "From 2025-07-31 00:00 up to 2025-08-02 00:00 UTC, in whole hours\n"
        "from              browser  views  measured  blocked      share          95 %  shown"
        "  disputed         95 %\n"
        "2025-07-31 00:00  firefox     10         8        4  few 50.0%  21.5 to 78.5      3"
        "      0.0%  0.0 to 56.1\n"
        "2025-08-01 00:00  chrome      30        24       12      50.0%  31.4 to 68.6      9"
        "      0.0%  0.0 to 29.9\n"
        "2025-08-01 00:00  edge         1         0        0                               0\n"
        "2025-08-01 00:00  firefox     20        16        8      50.0%  28.0 to 72.0      6"
        "      0.0%  0.0 to 39.0\n"
        "share is of measured views, disputed of notices shown, with 95 % intervals\n"
        "few: of fewer than 10 measured views, so the share says little\n"
    )
    assert main([*asked, "--csv", "--step", "day"]) == 0
    assert (
        capsys.readouterr().out.splitlines()[1].startswith("2025-07-31T00:00:00+00:00,UTC,10,8,4,")
    )
    assert main([*asked, "--per-thousand", "5"]) == 0
    assert "Lost income: 0.15, for 30 blocked or unreachable views" in capsys.readouterr().out
    assert main(["stats", "compact", "--db", db]) == 0
    assert capsys.readouterr().out.endswith(" rows fewer.\n")
    assert main(["stats", "--db", db, "--by", "mood"]) == 2
    assert "--by: 'mood' is none of" in capsys.readouterr().err
    assert main(["stats", "--db", db, "--since", "soon"]) == 2
    assert "--since: 'soon' is no time: write a day such as 2026-01-31" in capsys.readouterr().err


def test_part_of_an_hour(store: SqliteStore, capsys: pytest.CaptureFixture[str]) -> None:
    """All figures of one answer have the same ends, in whole hours, and it says which."""
    for hour in (5, 6, 7):
        fill(store, DAY * 24 + hour, browser="firefox")
    asked = ["stats", "--db", str(store.path), "--since", "2025-07-31T06:40"]
    asked += ["--until", "2025-07-31T07:10"]
    assert main([*asked, "--json", "--by", "browser"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["since"] == "2025-07-31T06:00:00+00:00"
    assert found["until"] == "2025-07-31T08:00:00+00:00"
    (cell,) = found["cells"]
    assert found["views"] == found["total"]["views"] == cell["figures"]["views"] == 20
    assert found["verdicts"] == found["total"]["verdicts"]
    assert main(asked) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "From 2025-07-31 06:00 up to 2025-07-31 08:00 UTC, in whole hours"
    assert shown[1].split() == ["Page", "views", "20"]


def test_never_more_than_all(store: SqliteStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Answers to notices of an earlier hour are in no share, and are named."""
    counters = Counters("site", clock=lambda: DAY * 24 * 3600.0)
    for _ in range(12):
        counters.count("shown", "blocked", mode="corner", variant="a")
    for _ in range(15):
        counters.count("allowed", "blocked", mode="corner", variant="a")
    store.add(counters.drain())
    step = query(store).total.action("allowed")
    assert (step.count, step.share.part, step.share.whole, step.earlier) == (15, 12, 12, 3)
    assert main(["stats", "--db", str(store.path)]) == 0
    shown = capsys.readouterr().out
    assert "100.0% of shown (75.8 to 100.0), and 3 from before" in shown
    assert main(["stats", "--db", str(store.path), "--json"]) == 0
    found = {each["name"]: each for each in json.loads(capsys.readouterr().out)["funnel"]}
    assert found["allowed"]["share"]["value"] == 1
    assert found["allowed"]["earlier"] == 3
