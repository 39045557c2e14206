"""Tests of detector.analytics.baits, and of how its figures are printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector.analytics.baits import bait_health
from detector.cli.doctor import _counts
from detector.cli.errors import CommandError
from detector.cli.main import main
from detector.core.baits.pool import load
from detector.core.counting.dimensions import Key
from detector.demo.traffic import dies, fill
from detector.stores.sqlite.store import SqliteStore

NOW = 480_000 * 3600.0
DAY = 480_000 - 24
DEAD = load().requests[3].path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a simulated month of a site, one of whose baits died on day 10."""
    path = tmp_path_factory.mktemp("demo") / "counts.sqlite"
    store = SqliteStore(path)
    fill(store, NOW, dead=dies(DEAD, NOW))
    store.close()
    return path


def test_simulated_month(demo: Path) -> None:
    """Of a month's baits the one that died is silent, since a day after its death, and no other."""
    store = SqliteStore(demo, readonly=True)
    found = bait_health(store, NOW)
    store.close()
    assert [bait.path for bait in found.silent] == [DEAD]
    assert found.baits[0].path == DEAD
    silence = found.baits[0].silence
    assert silence and 0 <= silence.since - (480_000 - 20 * 24) < 10 * 24
    assert silence.missed < 0.2 * silence.asked
    assert sum(bait.state == "acts" for bait in found.baits) >= len(found.baits) - 4
    assert found.none_failed and found.none_failed.value == pytest.approx(0.02, abs=0.02)


def test_stats(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`detector stats --by bait` prints the baits as a table, as JSON and as CSV."""
    asked = ["stats", "--db", str(demo), "--by", "bait", "--until", "2024-10-04"]
    assert main(asked) == 0
    text = capsys.readouterr().out
    row = next(line for line in text.splitlines() if line.startswith(DEAD))
    assert "all blockers" in row and "silent since 2024-" in row
    assert "blocked views had no failed request" in text
    assert main([*asked, "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["baits"][0]
    assert (first["bait"], first["reach"]) == (DEAD, "everywhere")
    assert first["silent"]["since"].startswith("2024-")
    assert main([*asked, "--csv"]) == 0
    assert f"\r\n{DEAD},everywhere," in capsys.readouterr().out
    assert main([*asked, "--step", "day"]) == 2
    assert "bait has no --step" in capsys.readouterr().err


def test_few_are_marked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bait that was asked for in fewer than ten views is shown, its share marked as of few."""
    store = SqliteStore(tmp_path / "counts.sqlite")

    def row(value: str, action: str) -> Key:
        return (DAY, "site", "bait", value, "", action)

    few, many = "full:few.js", "everywhere:many.js"
    store.add({row(few, "asked"): 9, row(few, "missed"): 3, row(many, "asked"): 10})
    store.close()
    asked = ["stats", "--db", str(store.path), "--by", "bait", "--until", "2024-10-04"]
    assert main(asked) == 0
    lines = {line.split()[0]: line.split()[-3:] for line in capsys.readouterr().out.splitlines()}
    assert lines["few.js"] == ["few", "33.3%", "acts"]
    assert main([*asked, "--csv"]) == 0
    assert "few.js,full,9,3," in capsys.readouterr().out
    assert main([*asked, "--json"]) == 0
    told = {one["bait"]: one["missed"] for one in json.loads(capsys.readouterr().out)["baits"]}
    assert (told["few.js"]["whole"], told["few.js"]["few"]) == (9, True)
    assert (told["many.js"]["whole"], told["many.js"]["few"]) == (10, False)


def test_doctor(demo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`detector doctor --db` warns of a silent bait, and says so where none is."""
    monkeypatch.setattr("time.time", lambda: NOW)
    (found,) = _counts(str(demo))
    assert found.level == "warning" and DEAD in found.saw and "baits check" in found.fix
    store = SqliteStore(tmp_path / "empty.sqlite")
    store.add({(DAY, "site", "all", "", "", "view"): 1})
    store.close()
    (found,) = _counts(str(store.path))
    assert found.level == "ok"
    with pytest.raises(CommandError, match="--db: "):
        _counts(str(tmp_path / "missing" / "counts.sqlite"))
