"""The report as JUnit XML and as JSON, as its readers parse it."""

from __future__ import annotations

import json
from pathlib import Path, PurePath
from xml.etree import ElementTree

import pytest

from detector.audit import folder
from detector.audit.junit import junit
from detector.audit.model import PageVisit, Problem, Report, Under
from tests.audit.reports import HOSTILE, SITE, broken, hostile, report


def read(made: Report, place: PurePath | None = None) -> ElementTree.Element:
    """Parse the written file."""
    return ElementTree.fromstring(junit(made, place))


def test_a_suite_for_each_blocker() -> None:
    """There is a case for each page, named by its path, with the attributes that readers expect."""
    root = read(report("/", "/cart?x=1"))
    assert root.tag == "testsuites"
    assert [one.get("name") for one in root] == [
        "none",
        "easylist",
        "none-firefox",
        "ublock-origin",
    ]
    suite = root[1]
    want = {"tests": "2", "failures": "0", "errors": "0", "skipped": "0", "time": "4.68"}
    assert want.items() <= suite.attrib.items()
    assert suite.get("timestamp") == "2026-11-23T08:30:00"
    told = suite.find("properties/property")
    assert told is not None
    assert "(emulation" in told.get("value", "")
    case = suite.findall("testcase")[1]
    assert case.attrib == {"classname": "audit.easylist", "name": "/cart?x=1", "time": "2.34"}


def test_failures_errors_and_skipped() -> None:
    """A problem is a failure, a failed visit an error, and an unvisited page is skipped."""
    root = read(broken(report("/", "/a")))
    sums = {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert sums == {"tests": "9", "failures": "1", "errors": "2", "skipped": "2"}
    failed = root.find(".//failure")
    assert failed is not None
    assert failed.get("message") == "2 problems: hidden: “Pay now” is hidden under the blocker"
    assert failed.get("type") == "hidden, shift"
    assert failed.text is not None
    assert failed.text.splitlines()[1] == "shift: main moves: 0.34, and 0.01 without"
    errors = {one.get("type"): one.get("message") for one in root.iter("error")}
    assert errors == {"visit": "did not answer within 10 s", "blocker": "the browser ended"}


def test_an_early_stop_is_an_error() -> None:
    """An interrupted run is not reported as successful."""
    made = report()
    made.stopped = True
    root = read(made)
    assert root.get("errors") == "1"
    assert made.status == 2


@pytest.mark.parametrize("text", [HOSTILE, "x" * 10_000, "\x00\x1b\ufffe\ud800", "]]>", ""])
def test_any_text_is_xml(text: str) -> None:
    """Control characters that XML forbids are removed, markup is escaped, and length is bounded."""
    data = junit(hostile(text))
    root = ElementTree.fromstring(data)
    assert len(data) < 100_000
    assert {one.tag for one in root.iter()} <= {
        *("testsuites", "testsuite", "properties", "property", "testcase"),
        *("failure", "error", "skipped", "system-out"),
    }
    message = next(one.get("message", "") for one in root.iter("failure"))
    assert "\x1b" not in message
    if text is HOSTILE:
        assert "<script>alert(1)</script>" in message
        assert "שלום 👩‍💻" in message


def test_pictures_are_attached() -> None:
    """A picture is named as GitLab and Jenkins read it, relative to their root."""
    made = report()
    made.visits[0].picture = "pictures/a.none.png"
    told = [one.text or "" for one in read(made, PurePath("out/report")).iter("system-out")]
    assert "[[ATTACHMENT|out/report/pictures/a.none.png]]" in told[0]
    assert "ATTACHMENT" not in told[1]
    assert "verdict: blocked, kind extension" in told[1]
    assert "1 request blocked" in told[1]


def test_json_holds_everything(tmp_path: Path) -> None:
    """report.json has each visit with its problems, and the exit status; texts are unchanged."""
    made = hostile()
    folder.prepare(tmp_path / "out")
    folder.write(made, tmp_path / "out")
    names = sorted(one.name for one in (tmp_path / "out").iterdir())
    assert names == ["index.html", "junit.xml", "report.json"]
    found = json.loads((tmp_path / "out" / "report.json").read_text("ascii"))
    assert found["site"] == SITE
    assert found["status"] == 2
    assert found["visits"][0]["title"] == HOSTILE
    assert found["visits"][1]["problems"] == [
        {
            **{"kind": "console", "target": HOSTILE, "text": HOSTILE},
            **{"names": [], "causes": [], "suggestion": "", "known": False},
        },
    ]
    assert found["blockers"][1]["clean"] == "none"


@pytest.mark.parametrize(
    ("change", "status"), [("nothing", 0), ("problem", 1), ("error", 2), ("missing", 2)]
)
def test_status(change: str, status: int) -> None:
    """The exit status is 0 without problems, 1 with problems, 2 if something was not checked."""
    found = Report(SITE, "", [Under("none", "x")], [PageVisit(SITE, "none")])
    if change == "problem":
        found.visits[0].problems = [Problem("shift", "x", "it moves")]
    if change == "error":
        found.visits[0].error = "no answer"
    if change == "missing":
        found.blockers = [Under("none", "x", missing="not there")]
    assert found.status == status
