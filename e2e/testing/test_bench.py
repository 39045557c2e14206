"""The bench that needs browsers measures what it states."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from detector.testing.browsers import CHROMIUM, FIREFOX, BrowserMissing
from detector.testing.machine import missing
from detector.testing.ublock import Package


def test_notice(tmp_path: Path) -> None:
    """The notice appears in both browsers, after a round trip at least, and nothing moves."""
    try:
        CHROMIUM.find(), FIREFOX.find(), Package.required()
    except BrowserMissing as error:
        missing(error)
    file = tmp_path / "figures.json"
    # A separate process: one thread drives one Playwright at a time.
    arguments = ["bench", "notice", "--quick", "--json", str(file)]
    subprocess.run([sys.executable, "-m", *arguments], check=True)
    rows = json.loads(file.read_text("utf-8"))["benches"]["notice"]
    found = {row["what"]: row for row in rows}
    for browser in ("Firefox with uBlock Origin", "Chromium, baits cut off"):
        row = found[f"{browser}, 40 ms: median"]
        assert row["at_most"] == 300
        assert row["value"] > 40
    assert found["layout shift, the most of all modes"]["value"] == 0
    assert {"long tasks after the verdict, Chromium", "longest task after the verdict"} <= set(
        found
    )
