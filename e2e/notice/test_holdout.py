"""Sessions of a variant that is held out, and of one that is not, up to the first view with ads.

In Chromium and in Firefox with baits cut by the test internet, and in Firefox with uBlock Origin.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from detector.core.assets import script
from detector.core.vocabulary import TEST_ACTIONS
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import URL, Paper, newspaper, verdict_of

TITLE = "Adblock Detected"
# By chance, but for one session in a thousand, as the test wants it.
LOADED = "(file) => !!document.querySelector(`script[src$='${file}']`)"
HELD_OUT: list[dict[str, Any]] = [
    {"name": "notice"},
    {"name": "holdout", "weight": 1000, "notice": "none"},
]
SHOWN: list[dict[str, Any]] = [
    {"name": "notice", "weight": 1000},
    {"name": "holdout", "notice": "none"},
]


@pytest.fixture(params=["none", "none-firefox"])
def tab(open_page: OpenPage, request: pytest.FixtureRequest) -> Page:
    """Return a page in each browser without a blocker, whose chance always falls in the middle."""
    page = open_page(request.param)
    page.add_init_script("Math.random = () => 0.5;")
    return page


def site(net: Internet, folder: Path, variants: list[dict[str, Any]], **options: Any) -> Paper:
    """Add the newspaper to the test internet, with its baits cut (an emulation)."""
    paper = newspaper(net, folder, variants=variants, **options)
    paper.cut_baits()
    return paper


def content_hash() -> str:
    """Return the hash in the name of the notice's script."""
    return script("notice").content_hash


def state_of(tab: Page, paper: Paper, path: str = "") -> str:
    """Visit a page until its verdict is counted; return the verdict."""
    tab.goto(URL + path)
    state: str = verdict_of(tab)["state"]
    tab.goto("about:blank")
    paper.net.wait_for(lambda _: paper.counted("view") == views(paper))
    return state


def views(paper: Paper) -> int:
    """Return how many views have a verdict."""
    return sum(paper.counted("verdict", state) for state in ("blocked", "clear", "unreachable"))


def sessions(paper: Paper, variant: str) -> tuple[int, ...]:
    """Return the sessions of a variant that were drawn, had a next view, and were won back."""
    return tuple(paper.counted(name, "", "variant", variant) for name in TEST_ACTIONS)


def wait_for(paper: Paper, variant: str, *counts: int) -> None:
    """Wait until these sessions are counted."""
    paper.net.wait_for(lambda _: sessions(paper, variant) == counts)


def kept(tab: Page) -> list[str]:
    """Return what the site keeps in the session."""
    tab.goto(URL + "imprint")
    return list(tab.evaluate("() => Object.values(sessionStorage)"))


def test_whoever_is_held_out(tab: Page, net: Internet, tmp_path: Path) -> None:
    """The notice is never shown; the session is drawn, goes on, and is won back, each once."""
    paper = site(net, tmp_path, HELD_OUT)
    assert state_of(tab, paper) == "blocked"
    wait_for(paper, "holdout", 1, 0, 0)
    assert state_of(tab, paper, "town") == "blocked"
    wait_for(paper, "holdout", 1, 1, 0)
    assert state_of(tab, paper, "harbour") == "blocked"
    paper.let_baits_through()
    assert state_of(tab, paper, "town") == "clear"
    wait_for(paper, "holdout", 1, 1, 1)
    assert state_of(tab, paper, "harbour") == "clear"
    paper.cut_baits()
    assert state_of(tab, paper) == "blocked"
    paper.let_baits_through()
    assert state_of(tab, paper) == "clear"
    assert sessions(paper, "holdout") == (1, 1, 1) and sessions(paper, "notice") == (0, 0, 0)
    assert paper.counted("shown", "blocked") == 0
    assert not any(paper.script_seen(name) for name in ("notice", "plus", "own"))
    assert kept(tab) == ["- holdout"]


def test_whoever_sees_the_notice(tab: Page, net: Internet, tmp_path: Path) -> None:
    """A session that allows ads in the notice is won back by its next view."""
    paper = site(net, tmp_path, SHOWN)
    tab.goto(URL)
    card = tab.get_by_role("region", name=TITLE)
    expect(card).to_be_visible()
    wait_for(paper, "notice", 1, 0, 0)
    paper.let_baits_through()
    card.get_by_role("button", name="I have allowed ads").click()
    expect(tab.get_by_text("Thank you")).to_be_visible()
    assert sessions(paper, "notice") == (1, 0, 0)
    assert state_of(tab, paper, "town") == "clear"
    wait_for(paper, "notice", 1, 1, 1)
    assert paper.counted("recovered") == 1
    assert kept(tab) == ["s notice"]


def test_not_before_the_notice_is_due(tab: Page, net: Internet, tmp_path: Path) -> None:
    """A session is drawn on the first view on which the notice would be shown, as others are."""
    paper = site(net, tmp_path, HELD_OUT, from_view=2)
    assert state_of(tab, paper) == "blocked"
    assert state_of(tab, paper, "town") == "blocked"
    wait_for(paper, "holdout", 1, 0, 0)
    paper.let_baits_through()
    assert state_of(tab, paper) == "clear"
    wait_for(paper, "holdout", 1, 1, 1)


def test_variants_that_wait_longer(tab: Page, net: Internet, tmp_path: Path) -> None:
    """A variant may be shown later than others, and again; its session is drawn with theirs."""
    late = {"name": "late", "weight": 1000, "from_view": 3, "once_a_session": False}
    paper = site(net, tmp_path, [{"name": "soon"}, late])
    card = tab.get_by_role("region", name=TITLE)
    shown = []
    for path in ("", "town", "harbour", ""):
        tab.goto(URL + path)
        assert verdict_of(tab)["state"] == "blocked"
        # A notice that is due has its script in the page before the verdict's event.
        paper.net.wait_for(lambda _: sessions(paper, "late")[0] == 1)
        shown.append(tab.evaluate(LOADED, paper.names.script("notice", content_hash())))
        expect(card).to_have_count(int(shown[-1]))
    assert shown == [False, False, True, True]
    wait_for(paper, "late", 1, 1, 0)
    assert sessions(paper, "soon") == (0, 0, 0)


@pytest.mark.parametrize("options", [{"level": "local"}, {"notice_share": 0.0001}])
def test_who_is_in_no_test(tab: Page, net: Internet, tmp_path: Path, options: Any) -> None:
    """Without consent, and outside the share of the notice, nothing is drawn, sent or kept."""
    paper = site(net, tmp_path, HELD_OUT, **options)
    for path in ("", "town"):
        tab.goto(URL + path)
        assert verdict_of(tab)["state"] == "blocked"
    assert kept(tab) == [] and sessions(paper, "holdout") == (0, 0, 0)


PAGES = [{"paths": ["/town", "/harbour"], "notice": "none"}]


@pytest.mark.parametrize("options", [{"notice_rules": PAGES}, {"save_data": False}])
def test_pages_without_a_notice(tab: Page, net: Internet, tmp_path: Path, options: Any) -> None:
    """A session goes on, and is won back, on pages that show no notice to anybody, too."""
    paper = site(net, tmp_path, HELD_OUT, **options)
    assert state_of(tab, paper) == "blocked"
    wait_for(paper, "holdout", 1, 0, 0)
    if "save_data" in options:
        tab.set_extra_http_headers({"Save-Data": "on"})
    assert state_of(tab, paper, "town") == "blocked"
    wait_for(paper, "holdout", 1, 1, 0)
    paper.let_baits_through()
    assert state_of(tab, paper, "harbour") == "clear"
    wait_for(paper, "holdout", 1, 1, 1)
    assert kept(tab) == ["- holdout"]


# The address says whether the visitor agrees.
CONSENT = """document.addEventListener("ads:consent", ({ detail }) =>
  detail(location.search ? "denied" : "granted"));"""
ENTRIES = "() => [Object.entries(localStorage), Object.entries(sessionStorage)]"


def test_consent_that_is_taken_back(tab: Page, net: Internet, tmp_path: Path) -> None:
    """Without consent nothing is sent, written or removed, whatever a session left to be told."""
    tab.add_init_script(CONSENT)
    paper = site(net, tmp_path, HELD_OUT, consent="page", quiet_days=[1, 1])
    assert state_of(tab, paper) == "blocked"
    wait_for(paper, "holdout", 1, 0, 0)
    for mark in ("0 0 1 -", "0 0 0 ae"):
        tab.goto(URL + "imprint")
        tab.evaluate(
            "(mark) => { for (const key of Object.keys(localStorage)) localStorage[key] = mark; }",
            mark,
        )
        before = tab.evaluate(ENTRIES)
        assert before[0][0][1] == mark and before[1][0][1] == "- holdout  "
        for path, state in (("?no", "blocked"), ("town?no", "clear")):
            paper.cut_baits() if state == "blocked" else paper.let_baits_through()
            sent = len(paper.reports())
            tab.goto(URL + path)
            assert verdict_of(tab)["state"] == state
            paper.wait_until_quiet(tab)
            tab.goto(URL + "imprint")
            assert tab.evaluate(ENTRIES) == before
            assert len(paper.reports()) == sent
    paper.let_baits_through()
    assert state_of(tab, paper) == "clear"
    wait_for(paper, "holdout", 1, 1, 1)


def test_where_nothing_can_be_kept(tab: Page, net: Internet, tmp_path: Path) -> None:
    """A session without storage would be drawn on every view, and is not counted at all."""
    tab.add_init_script(
        """Object.defineProperty(window, "sessionStorage",
          { get() { throw new DOMException("no"); } });"""
    )
    paper = site(net, tmp_path, HELD_OUT)
    assert [state_of(tab, paper, path) for path in ("", "town")] == ["blocked", "blocked"]
    assert sessions(paper, "holdout") == (0, 0, 0)


def test_with_ublock_origin(
    ublock_page: Page, net: Internet, tmp_path: Path, allow_site: Callable[[Page], None]
) -> None:
    """A visitor who allows ads without having been asked wins back a session of the holdout."""
    ublock_page.add_init_script("Math.random = () => 0.5;")
    paper = newspaper(net, tmp_path, variants=HELD_OUT)
    assert state_of(ublock_page, paper) == "blocked"
    wait_for(paper, "holdout", 1, 0, 0)
    ublock_page.goto(URL)
    allow_site(ublock_page)
    assert state_of(ublock_page, paper, "town") == "clear"
    wait_for(paper, "holdout", 1, 1, 1)
    assert paper.counted("shown", "blocked") == paper.counted("recovered") == 0
