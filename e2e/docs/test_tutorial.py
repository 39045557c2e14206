"""The tutorial, followed to its end: its site with and without a blocker, and what was counted."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, expect

from detector.testing.blockers import BrowserMissing, Options, start
from detector.testing.blockers.assertions import expect_state
from detector.testing.machine import missing
from tests.support.root import ROOT

Site = tuple[str, "subprocess.Popen[str]"]
FLASK = [sys.executable, "-m", "flask", "--app", "app", "run", "--port", "0"]
STATS = [sys.executable, "-m", "detector.cli", "stats", "--db", "instance/detector.sqlite"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the tutorial's file and nothing else."""
    shutil.copy(ROOT / "docs/tutorial/app.py", tmp_path)
    return tmp_path


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    """Serve the tutorial's site as its third step does; yield its address and its process."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        FLASK,
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A shell's background job ignores Ctrl+C, and so does what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        try:
            lines = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in process.stdout)
            yield next(found[0] for found in lines if found), process
        finally:
            process.kill()


def reported(process: subprocess.Popen[str], count: int) -> None:
    """Read the server's log until so many further reports have been answered."""
    assert process.stdout is not None
    found = (line for line in process.stdout if "POST /" in line and " 204 " in line)
    assert len(list(itertools.islice(found, count))) == count


def visit(playwright: Playwright, blocker: str, site: Site) -> None:
    """Open the page under a blocker as a person would, and leave it."""
    url, process = site
    try:
        with start(blocker, playwright, Options()) as running:
            page = running.new_page()
            page.goto(url)
            state = "clear" if blocker == "none" else "blocked"
            expect_state(page, state, blocker)
            if state == "blocked":
                page.get_by_role("button", name="How to allow ads").click()
                expect(page.get_by_role("button", name="Not now")).to_be_visible()
            page.goto("about:blank")
            # The verdict alone, or also the notice and its steps.
            reported(process, 1 if state == "clear" else 3)
    except BrowserMissing as error:
        missing(error)


def test_the_tutorial_counts_one_blocked_view(
    site: Site, folder: Path, playwright: Playwright
) -> None:
    """Two visits, Ctrl+C, and the counts have one clear view, one blocked view and one notice."""
    visit(playwright, "none", site)
    visit(playwright, "easylist", site)
    _, process = site
    process.send_signal(signal.SIGINT)
    process.wait(20)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*STATS, "--json"], cwd=folder, env=environ, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    total = found["total"]
    states = ("unreachable", "unknown", "partial")
    assert total["verdicts"] == {"blocked": 1, "clear": 1, **dict.fromkeys(states, 0)}
    assert (total["views"], total["actions"]["shown"], total["actions"]["steps"]) == (2, 1, 1)
