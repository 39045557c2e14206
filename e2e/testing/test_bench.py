"""The benches that need browsers measure what they state."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from detector.testing.browsers import CHROMIUM, FIREFOX, BrowserMissing
from detector.testing.machine import missing
from detector.testing.ublock import Package

# The last page alone: it is blocked, and has a notice.
VITALS = """
import json
from bench import vitals
rows = vitals.run(True, vitals.PAGES[-1:])
print(json.dumps([row.as_dict() for row in rows]))
"""


def measured(name: str, file: Path) -> dict[str, dict[str, Any]]:
    """Run a bench briefly, which saves its figures to `file`; return its rows by their names."""
    try:
        CHROMIUM.find(), FIREFOX.find(), Package.required()
    except BrowserMissing as error:
        missing(error)
    # A separate process: one thread drives one Playwright at a time.
    arguments = ["bench", name, "--quick", "--json", str(file)]
    ended = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr[-1000:]
    rows = json.loads(file.read_text("utf-8"))["benches"][name]
    return {row["what"]: row for row in rows}


@pytest.mark.timeout(300)
def test_verdicts(tmp_path: Path) -> None:
    """Beside each verdict stands what no script could beat, from the same run, and their ratio."""
    found = measured("verdicts", tmp_path / "figures.json")
    for which in ("first", "repeated"):
        for name in (
            "blocked, Firefox, uBlock Origin",
            "blocked, Chromium, Manifest V3 extension of EasyList",
            "blocked, Chromium, EasyList (emulation)",
            "clear, Chromium",
        ):
            assert found[f"{name}, {which} view"]["value"] > 0
    for limit in ("one round trip", "a bait request is refused", "bare requests answered"):
        assert found[f"limit: {limit}"]["value"] > 0
    assert found["verdict / (round trip + 1.25 reactions)"]["at_most"] == 1
    assert found["verdict - round trip"]["at_most"] == 300
    ratio = found["our tasks / those of four bare requests"]
    assert (ratio["value"] > 0, ratio["at_most"]) == (True, 1.5)


def test_latency(tmp_path: Path) -> None:
    """Each view is made through nginx with HTTP/2 and has a budget of round trips."""
    found = measured("latency", tmp_path / "figures.json")
    budgets = {
        row["what"].partition(":")[0]: row["at_most"] for row in found.values() if row["at_most"]
    }
    assert budgets == {
        "blocked, first view": 4.3,
        "blocked, repeated view": 2.3,
        "clear, first view": 4.3,
        "clear, repeated view": 2.3,
    }


def test_notice(tmp_path: Path) -> None:
    """The notice appears in both browsers, after a round trip at least, and nothing moves."""
    found = measured("notice", tmp_path / "figures.json")
    for browser in ("Firefox with uBlock Origin", "Chromium, baits cut off"):
        row = found[f"{browser}, 40 ms: median"]
        assert row["at_most"] == 300
        assert row["value"] > 40
    assert found["layout shift, the most of all modes"]["value"] == 0
    assert {"long tasks after the verdict, Chromium", "longest task after the verdict"} <= set(
        found
    )


def test_vitals() -> None:
    """Every metric of a blocked view is reported on both sides, and none has a budget."""
    try:
        CHROMIUM.find()
    except BrowserMissing as error:
        missing(error)
    done = subprocess.run(
        [sys.executable, "-c", VITALS], check=True, capture_output=True, text=True
    )
    found = {row["what"].rpartition(": ")[2]: row for row in json.loads(done.stdout)}
    assert list(found) == [f"{name} more" for name in ("LCP", "CLS", "INP", "FCP", "TTFB")]
    for row in found.values():
        assert row["at_most"] is None
        assert row["note"].startswith("with ") and ", without " in row["note"]
