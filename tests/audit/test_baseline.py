"""An earlier report as a baseline: known problems do not fail, new ones do, gone ones are named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from detector.audit import baseline, folder, table, wording
from detector.audit.baseline import BaselineError
from detector.audit.html import page
from detector.audit.junit import junit
from detector.audit.model import Problem, Report
from detector.cli.main import main
from tests.audit.reports import report


def with_problems(*targets: str) -> Report:
    """Return a report whose first visit under a blocker hides these elements."""
    made = report("/a?page=2", "/b")
    made.visits[1].problems = [
        Problem("hidden", target, f"{target} is hidden under the blocker") for target in targets
    ]
    return made


def written(made: Report, place: Path) -> Path:
    """Write a report, and return its folder."""
    folder.prepare(place)
    folder.write(made, place)
    return place


def compared(old: Report, new: Report, place: Path) -> Report:
    """Return a report that was compared with another one."""
    known = baseline.load(written(old, place))
    for visit in new.visits:
        baseline.mark(visit, known)
    baseline.finish(new, known)
    return new


def test_known_new_and_gone(tmp_path: Path) -> None:
    """Only what is new fails; everything is shown: page, terminal and JUnit XML tell them apart."""
    made = compared(with_problems("#old", "#gone"), with_problems("#old", "#new"), tmp_path)
    assert [(one.target, one.known) for one in made.visits[1].problems] == [
        ("#old", True),
        ("#new", False),
    ]
    assert [one.text for one in made.gone] == ["#gone is hidden under the blocker"]
    assert made.status == 1
    text = " ".join(table.ending(made, tmp_path))
    assert "#new is hidden" in text
    assert "#old is hidden" not in text
    assert "gone from /a?page=2 under easylist: #gone is hidden" in text
    assert "1 known problem, 1 gone" in wording.summary(made)
    assert "Known: 1 problem" in page(made)
    assert "Gone: 1 problem" in page(made)
    xml = junit(made).decode()
    assert xml.count("<failure") == 1
    assert "known: hidden: #old is hidden" in xml


def test_what_is_known_passes(tmp_path: Path) -> None:
    """With nothing new the status is 0, also where random parts of a selector differ."""
    made = compared(with_problems("#item-123"), with_problems("#item-456"), tmp_path)
    assert made.status == 0
    assert wording.state_of(made.visits[1], made.blockers[1]).name == "known"
    assert "nothing new broke" in wording.summary(made).lower()


def test_another_host_is_the_same_site(tmp_path: Path) -> None:
    """The live site's report is a baseline for its staging host; addresses lose their host too."""
    old, new = with_problems("https://news.example/a.js?1"), with_problems("https://st.test/a.js?2")
    for visit in new.visits:
        visit.url = visit.url.replace("news.example", "staging.test")
    assert compared(old, new, tmp_path).status == 0


def test_a_page_that_could_not_be_visited_has_nothing_gone(tmp_path: Path) -> None:
    """A problem counts as gone only where its page was seen again under its blocker."""
    new = with_problems()
    new.visits[1].error = "did not answer"
    assert compared(with_problems("#old"), new, tmp_path).gone == []


def test_a_baseline_of_another_site(tmp_path: Path) -> None:
    """A report that has none of the pages is refused by its name."""
    other = report("/elsewhere")
    with pytest.raises(BaselineError, match=r"report\.json: has none of the pages"):
        compared(other, with_problems(), tmp_path)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"began": "x", "visits": []}', "[" * 99999]
)
def test_a_file_that_is_no_report(text: str, tmp_path: Path) -> None:
    """Anything else is refused with the file and what to name instead."""
    file = tmp_path / "report.json"
    file.write_text(text)
    with pytest.raises(BaselineError, match=r"report\.json: is not the report of an audit; name"):
        baseline.load(file)
    with pytest.raises(BaselineError, match=r"none\.json: cannot be read"):
        baseline.load(tmp_path / "none.json")


def test_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`detector audit compare OLD NEW` prints all three, and fails for what is new."""
    old = written(with_problems("#old", "#gone"), tmp_path / "old")
    new = written(with_problems("#old", "#new"), tmp_path / "new")
    assert main(["audit", "compare", str(old), str(new / "report.json")]) == 1
    lines = capsys.readouterr().out.split("\n")
    heads = [line for line in lines if line and line[0] != " "]
    assert heads == ["new: 1", "gone: 1", "known: 1"]
    assert "#new is hidden" in lines[1]
    assert main(["audit", "compare", str(new), str(new)]) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compare"], "compare: name two reports"),
        (["compare", "a.json"], "compare: name two reports"),
        (["compare", "a.json", "b.json"], "a.json: cannot be read"),
        (["https://news.example/", "https://other.example/"], "one URL is audited at a time"),
        (["https://news.example/", "--baseline", "none.json"], "none.json: cannot be read"),
    ],
)
def test_bad_input(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake ends with 2 and its cause before a browser is started."""
    assert main(["audit", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_hostile_texts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a page wrote into a report is printed harmlessly."""
    made = with_problems()
    problem = Problem("console", "x", "\x1b[31mred\nline")
    made.visits[1].problems = [problem, replace(problem, target="y")]
    place = written(made, tmp_path / "a")
    assert (
        main(["audit", "compare", str(written(with_problems(), tmp_path / "b")), str(place)]) == 1
    )
    assert "\x1b" not in capsys.readouterr().out
    assert json.loads((place / "report.json").read_text())["visits"]
