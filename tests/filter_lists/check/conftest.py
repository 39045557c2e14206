"""Fixtures of the tests of the check: a tiny pool, and a list that matches all of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from detector.cli.main import main
from detector.core.baits.pool import Pool, Request
from detector.filter_lists.pick import dump

Capture = pytest.CaptureFixture[str]
# A pool that is just large enough, and a list that matches all of it.
TINY = Pool(
    "2026-01-31",
    (
        Request("one", "script", "{w}/one.js", True),
        Request("two", "script", "{w}/two.js", True),
        Request("three", "image", "{w}/three.png", True),
        Request("four", "image", "{w}/four.png", False),
        Request("five", "fetch", "{w}/five?q=", False),
        Request("six", "fetch", "{w}/six.json", False),
        Request("eight", "fetch", "{w}/eight.json", False),
        Request("seven", "script", "seven/{w}.js", False),
    ),
    tuple(f"lane-{number}" for number in range(60)),
)
REQUESTS = [
    "/one.js$script",
    "/two.",
    "/three.png",
    "/four.",
    "/five?q=",
    "/six.",
    "/eight.",
    "/seven/*",
]
FULL = ["! a list", *REQUESTS, *(f"##.{name}" for name in TINY.elements)]


@pytest.fixture
def run(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that checks the tiny pool against lists: status, JSON, messages."""
    monkeypatch.delenv("DETECTOR_SECRET", raising=False)
    own = tmp_path / "own.json"
    own.write_text(dump(TINY), "utf-8")

    def run(*lists: list[str], more: tuple[str, ...] = ()) -> tuple[int, dict[str, Any], str]:
        files = []
        for number, lines in enumerate(lists):
            files.append(tmp_path / f"list{number}.txt")
            files[-1].write_text("\n".join(lines), "utf-8")
        status = main(
            ["baits", "check", "--json", "--baits-file", str(own), *more, *map(str, files)]
        )
        out, err = capsys.readouterr()
        return status, json.loads(out), err

    return run


def of(found: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the result for one bait."""
    both = [*found["requests"], *found["elements"]]
    return next(one for one in both if one.get("path", one.get("name")) == path)


def whys(one: dict[str, Any]) -> list[tuple[str, int, str]]:
    """Return the lines that exempt a bait."""
    return [(mark["list"], mark["line"], mark["why"]) for mark in one["spared"]]
