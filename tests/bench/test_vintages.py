"""The back-test of picking baits: folders of lists by date, and the printed shares."""

from __future__ import annotations

import json
import lzma
from datetime import date
from pathlib import Path

import pytest

from bench.vintages.__main__ import main
from bench.vintages.vintage import later, read
from tests.filter_lists.test_pick import BRAVE, FULL, SIZES

Capture = pytest.CaptureFixture[str]
TITLE = "! Title: EasyList"


def vintage(root: Path, day: str, full: list[str], packed: bool = False) -> None:
    """Write a folder of lists."""
    folder = root / day
    folder.mkdir()
    text = "\n".join([TITLE, *full])
    if packed:
        (folder / "easylist.txt.xz").write_bytes(lzma.compress(text.encode()))
    else:
        (folder / "easylist.txt").write_text(text, "utf-8")
    (folder / "brave.txt").write_text("\n".join(BRAVE), "utf-8")


def test_pool_that_lives(tmp_path: Path, capsys: Capture) -> None:
    """A pool is tested on the first list of at least each age, and the goals are met."""
    for day, packed in (("2025-01-01", True), ("2025-03-30", False), ("2026-01-01", True)):
        vintage(tmp_path, day, FULL, packed)
    file = tmp_path / "figures.json"
    assert (
        main(
            [str(tmp_path / name) for name in ("2025-03-30", "2025-01-01")]
            + [str(tmp_path / "2026-01-01"), "--json", str(file)]
        )
        == 0
    )
    out = capsys.readouterr().out
    assert "goals missed: none" in out
    rows = json.loads(file.read_text("utf-8"))
    tested = [(row["picked"], row["months"], row["tested"]) for row in rows]
    assert tested == [
        ("2025-01-01", 0, "2025-01-01"),
        ("2025-01-01", 3, "2025-03-30"),
        ("2025-01-01", 6, "2026-01-01"),
        ("2025-01-01", 12, "2026-01-01"),
        ("2025-03-30", 0, "2025-03-30"),
        ("2025-03-30", 3, "2026-01-01"),
        ("2025-03-30", 6, "2026-01-01"),
    ]
    assert {(row["requests"], row["brave_requests"]) for row in rows} == {(1.0, 1.0)}


def test_pool_that_dies(tmp_path: Path, capsys: Capture) -> None:
    """When a list drops nearly all its rules, the shares fall and the goals are named."""
    vintage(tmp_path, "2025-01-01", FULL)
    vintage(tmp_path, "2026-01-01", [f"-{SIZES[0]}.", "##.river-0"])
    (tmp_path / "2026-01-01" / "brave.txt").write_text("##.river-0\n", "utf-8")
    assert main([str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "2025-01-01: by requests alone 0.000, goal 0.99" in out
    assert "2025-01-01: in Brave's standard mode 0.000, goal 0.95" in out


def test_folders_that_cannot_be_used(tmp_path: Path, capsys: Capture) -> None:
    """The error names the folder and what is expected of it."""
    vintage(tmp_path, "2025-01-01", FULL)
    assert main([str(tmp_path / "none")]) == 1
    assert "none is no folder" in capsys.readouterr().err
    assert main([str(tmp_path / "2025-01-01")]) == 1
    assert "name at least two folders" in capsys.readouterr().err
    (tmp_path / "2026-01-01").mkdir()
    assert main([str(tmp_path)]) == 1
    assert "2026-01-01 has no list: put *.txt or *.txt.xz files there" in capsys.readouterr().err
    (tmp_path / "2026-01-01" / "easylist.txt.xz").write_bytes(b"not packed")
    assert main([str(tmp_path)]) == 1
    assert "easylist.txt.xz cannot be unpacked" in capsys.readouterr().err
    (tmp_path / "1-other").mkdir()
    assert main([str(tmp_path)]) == 1
    assert "1-other is not called like a date" in capsys.readouterr().err


def test_later(tmp_path: Path) -> None:
    """A vintage is old enough from a few days before the months are over."""
    for day in ("2025-01-01", "2025-04-01", "2026-02-01"):
        vintage(tmp_path, day, FULL)
    found = read([tmp_path])
    dates = {months: later(found, found[0].date, months) for months in (0, 3, 12, 18)}
    assert {months: one and one.date for months, one in dates.items()} == {
        0: date(2025, 1, 1),
        3: date(2025, 4, 1),
        12: date(2026, 2, 1),
        18: None,
    }
