"""`detector audit` as a new user runs it: on the demo newspaper, from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from playwright.sync_api import Page, expect

from e2e.support.axe import violations
from e2e.support.demo import Demo

COMMAND = [sys.executable, "-m", "detector.cli", "audit"]


def test_audit_of_the_demo(demo: Demo, chromium_page: Page, tmp_path: Path) -> None:
    """The newspaper has no problems; the report has each page with its pictures and verdicts."""
    out = tmp_path / "report"
    options = ["--blockers", "easylist,dns", "--max-pages", "2", "--out", str(out)]
    options += ["--badge", str(tmp_path / "badge.svg")]
    done = subprocess.run(
        [*COMMAND, demo.address, *options], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing broke under any blocker." in done.stdout
    found = json.loads((out / "report.json").read_text("utf-8"))
    visits = {(one["blocker"], one["url"]): one for one in found["visits"]}
    assert len(visits) == 6
    start = demo.address.rstrip("/") + "/"
    blocked = visits["easylist", start]
    assert blocked["verdict"]["state"] == "blocked"
    assert blocked["notice"]["text"].count("Adblock Detected") == 1, "the title is quoted once"
    assert visits["none", start]["notice"] is None
    assert all((out / one["picture"]).stat().st_size > 5000 for one in found["visits"])
    assert [one["name"] for one in found["blockers"]] == ["none", "easylist", "dns"]
    assert "works under 2" in (tmp_path / "badge.svg").read_text("utf-8")
    root = ElementTree.parse(out / "junit.xml").getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("6", "0", "0")
    assert "data:image/webp" in (out / "index.html").read_text("utf-8")
    chromium_page.goto((out / "index.html").as_uri())
    expect(chromium_page.get_by_role("cell", name="works")).to_have_count(6)
    expect(chromium_page.get_by_role("img", name="The page under easylist")).to_have_count(2)
    assert violations(chromium_page) == []
