"""What an audit writes: the page, JUnit XML, JSON, and the lines on a terminal."""

from __future__ import annotations

import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from detector.qa.audit.command import write
from detector.qa.audit.html import html
from detector.qa.audit.junit import junit
from detector.qa.audit.model import Failed, Look, Problem, Report, Under
from detector.qa.audit.table import Teller

HOSTILE = '<script>alert("1")</script> & \x00\x1b[31m \ud800 \U0001f600 שלום ' + "x" * 10_000
URL = "https://site.example/news?id=1"


def report() -> Report:
    """Make a report with all that there may be in one."""
    found = Report("https://site.example/", "2026-11-23T08:00:00+00:00")
    found.blockers = [
        Under("none", "Chromium 156"),
        Under("easylist", "Chromium 156 + filter lists", "none"),
        Under("dns", "Chromium 156 + a DNS blocker", "none", "it died: " + HOSTILE),
    ]
    clean = Look(URL, "none", status=200, seconds=1.25, verdict={"state": "clear", "kind": None})
    broken = Look(URL, "easylist", status=200, seconds=2.5, console=[HOSTILE], notes=[HOSTILE])
    broken.verdict = {"state": "blocked", "kind": "extension"}
    broken.notice = {"text": HOSTILE, "close": True}
    broken.failed = [Failed("https://ads.example/a.js", "script", "blocked", True)] * 2
    broken.problems = [Problem("hidden", "#pay", HOSTILE), Problem("console", "x", "one more")]
    unseen = Look("https://site.example/b", "easylist", error="no answer: " + HOSTILE)
    found.looks = [clean, broken, unseen]
    return found


def test_page_escapes_and_shortens() -> None:
    """Nothing that a site says becomes markup, and long texts do not fill the page."""
    page = html(report())
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "10,0" in page
    assert len(page) < 60_000
    assert "default-src 'none'" in page


def test_page_names_everything() -> None:
    """Each look has its word in the table, each problem its sentence, each blocker its label."""
    page = html(report())
    for said in ("works", "2 problems", "not seen", "not visited", "one more", "ads.example"):
        assert said in page
    assert "blocked, extension" in page
    assert "Chromium 156 + a DNS blocker" in page
    assert "2 requests blocked" in page


def test_page_of_nothing() -> None:
    """A report without looks and blockers is a page too."""
    assert "Nothing broke" in html(Report("https://site.example/", "no date"))


def test_junit() -> None:
    """A suite for each blocker, a case for each page: failed by problems, or in error."""
    root = ElementTree.fromstring(junit(report()))
    assert {one.get("name"): one.get("tests") for one in root} == {
        "none": "1", "easylist": "2", "dns": "1"
    }  # fmt: skip
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "1", "2")
    failed = root.find(".//failure")
    assert failed is not None and failed.text is not None
    assert failed.get("message", "").startswith('<script>alert("1")</script>')
    assert failed.text.endswith("console: one more") or len(failed.text) == 4000
    cases = {
        (case.get("classname"), case.get("name")): case.get("time")
        for case in root.iter("testcase")
    }
    assert cases["audit.easylist", URL] == "2.50"


def test_json(tmp_path: Path) -> None:
    """report.json holds all of it, with the exit status; three files are written."""
    write(report(), tmp_path)
    found = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert found["audit of"] == "https://site.example/"
    assert found["status"] == 2
    assert found["looks"][1]["problems"][1] == {
        "kind": "console",
        "target": "x",
        "text": "one more",
    }
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "index.html", "junit.xml", "report.json"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "status"), [("nothing", 0), ("problem", 1), ("error", 2), ("missing", 2)]
)
def test_status(change: str, status: int) -> None:
    """0 all works, 1 something broke, 2 something was not seen."""
    found = Report("https://site.example/", "", [Under("none", "x")], [Look(URL, "none")])
    if change == "problem":
        found.looks[0].problems = [Problem("shift", "x", "it moves")]
    if change == "error":
        found.looks[0].error = "no answer"
    if change == "missing":
        found.blockers = [Under("none", "x", missing="not there")]
    assert found.status == status


def test_lines() -> None:
    """Without a terminal plain lines come: blocker, page, verdict, problems, and the sum."""
    out = io.StringIO()
    teller, found = Teller(out), report()
    with teller.running():
        for under in found.blockers:
            teller.on_blocker(under)
        for look in found.looks:
            teller.on_page(look.url, look.blocker)
            teller.on_look(look)
    teller.end(found, "report")
    text = out.getvalue()
    assert "/news?id=1" in text
    assert "blocked, extension" in text
    assert "  2 blocked  2 problems" in text
    assert "not run to the end: it died" in text
    assert "easylist, /news?id=1: one more" in text
    assert "The report: report/index.html" in text
