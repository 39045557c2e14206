"""Finding browsers, and the report of those that ran."""

from __future__ import annotations

import pytest

from detector.testing.blockers import Blocker, find
from detector.testing.browsers import BrowserMissing, Installed
from detector.testing.fixtures import RAN, ran_lines
from detector.testing.machine import missing

NOWHERE = Installed("Nowhere", ("no-such-browser",), ("/no/such/*",), "apt x", "brew x", "winget x")


def test_a_missing_browser_names_its_installers() -> None:
    """The error for a missing browser has the install command for each system."""
    with pytest.raises(BrowserMissing, match=r"Nowhere .* `apt x`.* `brew x`.* `winget x`"):
        NOWHERE.find()


@pytest.mark.parametrize(
    ("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)]
)
def test_a_missing_browser_fails_only_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    """A missing browser skips a test, or fails it in CI, with the same message."""
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="apt x"):
        missing(BrowserMissing("install it: apt x"))


def test_labels_name_browser_and_blocker() -> None:
    """A blocker's label has all versions, and says if it is an emulation."""
    real = Blocker(
        "a",
        "uBlock Origin",
        "firefox",
        True,
        version="1.2",
        list_date="2026-01-02",
        browser_version="153.0",
    )
    assert real.label == "Firefox 153.0 + uBlock Origin 1.2 (real, lists of 2026-01-02)"
    assert find("none").label == "Chromium"
    assert find("none-webkit").label == "WebKitGTK"
    assert "(emulation, " in find("content-blocker").label


def test_the_summary_counts_tests_by_blocker() -> None:
    """The summary lines say how many tests ran in which browser and blocker."""

    def report(*labels: str) -> pytest.TestReport:
        properties = [(RAN, label) for label in labels] + [("other", "x")]
        return pytest.TestReport(
            "id", ("f", 1, "t"), {}, "passed", None, "call", user_properties=properties
        )

    reports = [report("A 1"), report("A 1", "A 1", "B 2"), report()]
    assert ran_lines(reports) == ["A 1: 2 tests", "B 2: 1 tests"]
