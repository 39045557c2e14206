"""The notice under real filter lists: it is seen under blockers' default lists.

Opt-in lists against such messages are respected: their effect is only reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from detector.filter_lists.engine import Lists
from detector.filter_lists.fetch import Source, read_all
from detector.notice_check.elements import NAMES as NOTICE_NAMES
from detector.testing.browsers import BrowserMissing
from detector.testing.fixtures import RAN
from detector.testing.internet import Internet
from detector.testing.machine import missing
from e2e.support.listing import NAMES, Listed, Stopped, chromium_under_lists, firefox_under_lists
from e2e.support.newspaper import URL, Paper, newspaper
from tests.support.lists import DEFAULT, debian, shared

FURTHER = ["adguard-base", "brave-firstparty", "abp-anti-circumvention", "peterlowe"]
CHOSEN = ["ubo-annoyances", "warning-removal"]
UBLOCK = "uBlock Origin's default lists"
Report = Callable[[str, str], None]


@pytest.fixture(scope="module")
def listed(playwright: Playwright, internet: Internet) -> Iterator[Listed]:
    """Yield a Chromium that can apply lists."""
    try:
        with chromium_under_lists(playwright, internet) as found:
            yield found
    except BrowserMissing as error:
        missing(error)


@pytest.fixture
def paper(net: Internet, tmp_path: Path) -> Paper:
    """Return the demo newspaper."""
    return newspaper(net, tmp_path)


@pytest.fixture
def report(record_property: Callable[[str, object], None]) -> Report:
    """Return a function that adds a line to the end of the run's output."""

    def say(who: str, found: str) -> None:
        record_property("notice under lists", f"{who}: {found}")

    return say


@pytest.fixture(scope="module")
def names(listed: Listed, internet: Internet, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return every class and id on the page and in its notice, as blockers collect them."""
    visit = listed.page(newspaper(internet, tmp_path_factory.mktemp("names")), None, [])
    visit.page.goto(URL)
    expect(visit.page.locator(".card")).to_be_in_viewport(ratio=1)
    found = set(visit.page.evaluate(NAMES))
    visit.close()
    return found


@pytest.fixture
def state(
    listed: Listed, names: set[str], paper: Paper, record_property: Callable[[str, object], None]
) -> Callable[[Lists], str]:
    """Return a function that visits under a list and returns the notice's state."""
    record_property(RAN, listed.label)

    def visit(lists: Lists) -> str:
        made = listed.page(paper, lists, names)
        try:
            return made.state()
        finally:
            made.close()

    return visit


def one(path: Path) -> list[Source]:
    """Read one list."""
    return read_all([str(path)])


@pytest.mark.parametrize("name", [*DEFAULT, *FURTHER])
def test_default_list(state: Callable[[Lists], str], name: str, report: Report) -> None:
    """Under each default list of a blocker the notice is seen."""
    path = debian()[DEFAULT.index(name)] if name in DEFAULT else shared()[name]
    found = state(Lists(one(path)))
    report(path.stem, found)
    assert found == "seen"


def test_default_lists_together(state: Callable[[Lists], str], report: Report) -> None:
    """Under all of uBlock Origin's default lists together it is seen too."""
    found = state(Lists(debian()))
    report(UBLOCK, found)
    assert found == "seen"


@pytest.mark.parametrize("name", CHOSEN)
def test_chosen_list(state: Callable[[Lists], str], name: str, report: Report) -> None:
    """An opt-in list against such messages may hide it: the page is unchanged."""
    report(f"{UBLOCK} and {name}", state(Lists([*debian(), *one(shared()[name])])))


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("##.card", "hidden"),
        ("##body > div:not([class]):not([id])", "hidden"),
        ("||news.example/PREFIX/NOTICE$script", "not loaded"),
        ("##.quite-another", "seen"),
    ],
)
def test_rules_act(
    state: Callable[[Lists], str], paper: Paper, tmp_path: Path, rule: str, wanted: str
) -> None:
    """A rule against the notice has an effect here, so the other tests are meaningful."""
    rule = rule.replace("PREFIX", paper.names.prefix)
    rule = rule.replace("NOTICE", paper.names.word("script:notice", 6))
    path = tmp_path / "own.txt"
    path.write_text(rule + "\n", "utf-8")
    assert state(Lists(one(path))) == wanted


def in_firefox(playwright: Playwright, net: Internet, paper: Paper, lists: Lists) -> str:
    """Visit in Firefox under lists and return the notice's state."""
    try:
        with firefox_under_lists(playwright, net, lists, NOTICE_NAMES) as running:
            return Stopped(running.new_page(), paper, lists).state()
    except BrowserMissing as error:
        missing(error)


def test_firefox(
    playwright: Playwright, net: Internet, paper: Paper, tmp_path: Path, report: Report
) -> None:
    """In Firefox it is seen under the default lists, and a rule against it has an effect."""
    found = in_firefox(playwright, net, paper, Lists(debian()))
    report(f"Firefox, {UBLOCK}", found)
    assert found == "seen"
    path = tmp_path / "own.txt"
    path.write_text("##.card\n", "utf-8")
    assert in_firefox(playwright, net, paper, Lists(one(path))) == "hidden"


@pytest.mark.parametrize("name", CHOSEN)
def test_firefox_with_chosen_list(
    playwright: Playwright, net: Internet, paper: Paper, report: Report, name: str
) -> None:
    """With an additional opt-in list, the page in Firefox is unchanged."""
    found = in_firefox(playwright, net, paper, Lists([*debian(), *one(shared()[name])]))
    report(f"Firefox, {UBLOCK} and {name}", found)
