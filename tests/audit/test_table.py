"""The output of an audit: a row for each visit, then the problems; on a terminal and in a log."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

from detector.audit import table
from detector.audit.model import Report
from tests.audit.reports import HOSTILE, SITE, broken, hostile, report

INDEX = Path("report/index.html")
NAMES = ["easylist", "ublock-origin"]


class Screen(io.StringIO):
    """A stdout that claims to be a terminal or not."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        """Whether it claims to be a terminal."""
        return self._terminal


def printed(monkeypatch: pytest.MonkeyPatch, made: Report, terminal: bool = False) -> str:
    """Send a whole report to a table, and return its output."""
    screen = Screen(terminal)
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("TERM", "xterm-256color")
    shown = table.table_for(SITE, NAMES)
    shown.expect(len(made.visits))
    for under in made.blockers:
        shown.blocker(under)
    for visit in made.visits:
        shown.page(visit.url, visit.blocker)
        shown.visit(visit)
    shown.close()
    shown.end(made, INDEX)
    return screen.getvalue()


def test_rows_and_the_end_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log has a row for each visit, reasons for failed visits, and problems as sentences."""
    lines = printed(monkeypatch, broken(report("/", "/a"))).splitlines()
    assert "! did not run to the end: the browser ended" in lines[0]
    heads = ["blocker", "page", "verdict", "blocked", "problems", "seconds"]
    assert lines[1].split() == heads
    assert lines[2].split() == ["none", "/", "clear", "0", "✓", "works", "2.3"]
    assert lines[3].split() == [
        "easylist",
        "/",
        "blocked/extension",
        "1",
        "✗",
        "2",
        "problems",
        "2.3",
    ]
    text = "\n".join(lines)
    assert "\n               did not answer within 10 s\n" in text
    assert "✗ hidden: “Pay now” is hidden under the blocker\n    / under easylist\n" in text
    assert "1 of 6 visits found something broken" in text
    assert lines[-1] == "Report: report/index.html"
    assert "\x1b" not in text


def test_a_terminal_has_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the same rows are coloured, and no progress line remains."""
    text = printed(monkeypatch, broken(report("/", "/a")), terminal=True)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    assert "✗ 2 problems" in plain
    assert "\x1b[" in text
    assert plain.rstrip().endswith("Report: report/index.html")


def test_plain_lines_without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rich a terminal gets plain lines."""
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    text = printed(monkeypatch, report(), terminal=True)
    assert "Nothing broke under any blocker." in text
    assert "\x1b" not in text


@pytest.mark.parametrize("terminal", [False, True])
def test_a_site_does_not_steer_the_screen(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    """No control character, markup or long text of a site reaches the terminal."""
    text = printed(monkeypatch, hostile(HOSTILE + "y" * 10_000), terminal)
    assert "[31m" in text
    assert "\x1b[31m>" not in text
    assert not re.search("[\x00\x07\x85\u202e]", text)
    assert "[bold]" in text
    assert len(text) < 30_000


def test_a_log_that_takes_ascii_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Characters that a log cannot encode become question marks, and the audit continues."""
    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", screen)
    table.Plain(SITE, NAMES).visit(report().visits[0])
    screen.flush()
    assert b"? works" in screen.buffer.read() + screen.buffer.getvalue()


def test_long_names_of_pages_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row fits on one line: of a long path only the start and the end are kept."""
    row = printed(monkeypatch, report("/" + "a" * 80 + "/end")).splitlines()[1]
    assert re.search(r" /a+…a+/end ", row)
    assert len(row) < 110
