"""The rules behind findings: list, line, rule and date, how sure, and a better name."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from detector.audit.causes import Causes
from detector.audit.list_report import list_report
from detector.audit.model import Cause, Failed, PageVisit, Problem
from detector.audit.table import ending
from detector.testing.blockers.model import ENGINE, Blocker, Options
from tests.audit import reports

PAGE = "https://news.example/article?name=secret"
EMULATED = Blocker("easylist", "filter lists", "chromium", real=False)
REAL = Blocker("ublock-origin", "uBlock Origin", "firefox", real=True)
RULES = """! Last modified: 01 Nov 2026 10:00 UTC
##.ad-rail
/ads/lead-$script
||tags.example^
@@||tags.example^$image
/pay/$important
@@/pay/desk.
"""


@pytest.fixture
def causes(tmp_path: Path) -> Causes:
    """Return what knows one list."""
    file = tmp_path / "mine.txt"
    file.write_text(RULES)
    os.utime(file, (0, 0))
    return Causes(Options(filter_lists=(str(file),)))


def visit() -> PageVisit:
    """Return a visit with a hidden button and blocked scripts."""
    own, ad = "https://news.example/ads/lead-1.js?u=7", "https://tags.example/t.js"
    made = PageVisit(PAGE, "easylist")
    made.failed = [
        Failed(own, "script", "ERR_BLOCKED", blocked=True),
        Failed(ad, "script", "ERR_BLOCKED", blocked=True),
        Failed("https://news.example/gone.js", "script", "404", status=404),
    ]
    made.problems = [
        Problem("hidden", "#go", "“Go” is hidden", names=("#go", ".button", ".ad-rail")),
        Problem("request", own, "the site's own script is blocked"),
        Problem("shift", "main", "main moves"),
    ]
    return made


def test_requests_and_elements(causes: Causes) -> None:
    """Blocked requests and hidden elements get the lines of the list, other problems none."""
    made = visit()
    causes.add(made, EMULATED)
    hidden, request, shift = made.problems
    assert hidden.causes == (Cause("mine", 2, "##.ad-rail", "2026-11-01"),)
    assert request.causes == (Cause("mine", 3, "/ads/lead-$script", "2026-11-01"),)
    assert (hidden.suggestion, request.suggestion) == ("panel-rail", "/panel/lead-1.js")
    assert (shift.causes, shift.suggestion) == ((), "")
    assert [[cause.line for cause in one.causes] for one in made.failed] == [[3], [4], []]


def test_a_real_extension_is_only_likely_to_do_so(causes: Causes) -> None:
    """What a real blocker decided cannot be read, and the report says so."""
    made = visit()
    causes.add(made, REAL)
    assert all(cause.likely for one in made.problems for cause in one.causes)


def test_an_exception_that_does_not_help_is_named(causes: Causes) -> None:
    """Where an exception applies and the rule acts all the same, both are named."""
    made = PageVisit(PAGE, "easylist")
    made.failed = [Failed("https://news.example/pay/desk.js", "script", "x", blocked=True)]
    causes.add(made, EMULATED)
    assert [(cause.line, cause.useless) for cause in made.failed[0].causes] == [
        (6, False),
        (7, True),
    ]


def test_without_lists_the_report_says_why(tmp_path: Path) -> None:
    """A list that cannot be read leaves the findings as they are, with a note."""
    causes = Causes(Options(filter_lists=(str(tmp_path / "none.txt"),)))
    made = visit()
    causes.add(made, EMULATED)
    assert made.problems == visit().problems
    assert "none.txt" in causes.missing


def test_networks_and_clean_visits_ask_no_list(causes: Causes) -> None:
    """A browser's own protection, and a visit without a blocker, have no rules."""
    for blocker in (
        Blocker("none", "nothing", "chromium", real=True, acts="none"),
        Blocker("tracking-protection", "protection", "firefox", real=True, acts="network"),
    ):
        made = visit()
        causes.add(made, blocker)
        assert made.problems == visit().problems


def test_the_terminal_shows_them(causes: Causes) -> None:
    """Below a problem stand its rules, and a name to use instead."""
    report = reports.report("/")
    made = report.visits[1]
    made.problems = visit().problems
    causes.add(made, EMULATED)
    text = " ".join(" ".join(ending(report, Path("index.html"))).split())
    assert "##.ad-rail (mine line 2 of 2026-11-01)" in text
    assert "a name that no list acts on: panel-rail" in text


def test_a_report_for_list_authors(causes: Causes) -> None:
    """It has rule, list, line, steps and pages; no query and no text of the page."""
    report = reports.report("/")
    made = visit()
    causes.add(made, EMULATED)
    report.visits.append(made)
    text = list_report(report)
    assert "## `##.ad-rail` breaks news.example" in text
    assert "List: mine of 2026-11-01, line 2" in text
    assert "1. Open `https://news.example/article`\n2. `#go` is hidden" in text
    assert "2. `https://news.example/ads/lead-1.js` is blocked" in text
    assert "secret" not in text
    assert "u=7" not in text
    assert list_report(reports.report("/")) == ""


def test_hostile_texts_stay_code(causes: Causes) -> None:
    """What a page or a list contains cannot become Markdown, or a line of its own."""
    report = reports.report("/")
    made = PageVisit("https://news.example/`](x)\n# y", "easylist")
    cause = Cause("mine", 2, "##.a`b``c\n# no heading")
    made.problems = [Problem("hidden", "``` \n# x", "x", causes=(cause,))]
    report.visits.append(made)
    text = list_report(report)
    assert [line for line in text.split("\n") if line.startswith("#")] == [
        "## ``` ##.a`b``c # no heading ``` breaks news.example"
    ]


def test_rules_that_are_not_read_are_counted(tmp_path: Path) -> None:
    """An audit by an emulation of lists, or with causes, has a note; one by no list has none."""
    file = tmp_path / "mine.txt"
    file.write_text("##.ad-rail\n##.card:has(.ad)\n||tags.example^$popup\n")
    causes = Causes(Options(filter_lists=(str(file),)))
    emulated = replace(EMULATED, lists=ENGINE)
    assert causes.unread([REAL]) == ""
    told = "cannot read 2 of 3 rules of the lists (66.7 %), so what they do is not seen here"
    assert told in causes.unread([REAL, emulated])
    causes.add(visit(), EMULATED)
    assert told in causes.unread([REAL])
    assert Causes(Options(filter_lists=("none.txt",))).unread([emulated]) == ""
