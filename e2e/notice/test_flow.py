"""How often the notice is shown, and its flow up to the thanks.

In Chromium and in Firefox, with baits cut by the test internet; in Firefox with uBlock
Origin if the blocker itself has to be switched off or named.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from detector.core.assets import script
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import AD_HOSTS, URL, Paper, newspaper, verdict_of

TITLE = "Adblock Detected"
BUNDLES = ("notice", "plus", "own")


@pytest.fixture(params=["none", "none-firefox"])
def tab(open_page: OpenPage, request: pytest.FixtureRequest) -> Page:
    """Return a page in each browser without a blocker."""
    return open_page(request.param)


def site(net: Internet, folder: Path, **options: Any) -> Paper:
    """Add the newspaper to the test internet, with its baits cut (an emulation)."""
    paper = newspaper(net, folder, **options)
    paper.cut_baits()
    return paper


def region(tab: Page) -> Locator:
    """Find the notice."""
    return tab.get_by_role("region", name=TITLE)


def asked(tab: Page, paper: Paper, path: str = "") -> bool:
    """Visit a page; return whether the notice is shown."""
    tab.goto(URL + path)
    assert verdict_of(tab)["state"] == "blocked"
    # If the notice is due, its script is in the page before the verdict's event.
    files = [paper.names.script(one, script(one).content_hash) for one in BUNDLES]
    loaded: bool = tab.evaluate(
        "(files) => files.some((file) => document.querySelector(`script[src$='${file}']`))", files
    )
    expect(region(tab)).to_have_count(int(loaded))
    return loaded


def test_from_the_second_view_once_a_session(tab: Page, net: Internet, tmp_path: Path) -> None:
    """By default the first blocked view has no notice, and a session has one at most."""
    paper = site(net, tmp_path, from_view=2)
    assert [asked(tab, paper, path) for path in ("", "town", "harbour")] == [False, True, False]
    kept = tab.evaluate("() => [Object.values(localStorage), Object.values(sessionStorage)]")
    assert kept == [["0 0 3 -"], ["s"]]


def test_every_third_view(tab: Page, net: Internet, tmp_path: Path) -> None:
    """If configured, every third blocked view has the notice, from the second one on."""
    paper = site(net, tmp_path, from_view=2, every=3, once_a_session=False)
    assert [asked(tab, paper) for _ in range(5)] == [False, True, False, False, True]


def test_rules_for_paths(tab: Page, net: Internet, tmp_path: Path) -> None:
    """Some pages have another mode, or no notice."""
    rules = [
        {"paths": ["/town"], "notice": "none"},
        {"paths": ["/harbour*"], "notice": "bottom-bar"},
    ]
    paper = site(net, tmp_path, notice_rules=rules, once_a_session=False)
    assert not asked(tab, paper, "town")
    assert asked(tab, paper, "harbour")
    assert region(tab).evaluate("(card) => card.className") == "card bar"


def test_quiet_days_of_the_owner(tab: Page, net: Internet, tmp_path: Path) -> None:
    """ "Not now" is kept for the configured time, which the button states."""
    paper = site(net, tmp_path, quiet_days=(3, 60), once_a_session=False)
    assert asked(tab, paper)
    later = region(tab).get_by_role("button", name="Not now")
    expect(later).to_have_attribute("title", "We will not ask again for 3 days.")
    later.click()
    quiet = tab.evaluate("() => parseInt(Object.values(localStorage)[0]) - Date.now()")
    assert 2.9 < quiet / 86_400_000 <= 3
    assert not asked(tab, paper)


def test_storage_that_throws(tab: Page, net: Internet, tmp_path: Path) -> None:
    """The notice works without storage."""
    tab.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"])
          Object.defineProperty(window, name, { get() { throw new DOMException("no"); } });"""
    )
    paper = site(net, tmp_path)
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    assert asked(tab, paper)
    region(tab).get_by_role("button", name="Not now").click()
    expect(region(tab)).to_have_count(0)
    # Firefox has an error for the ad library that is cut too.
    assert [text for text in errors if not any(host in text for host in AD_HOSTS)] == []


def test_one_reload_by_itself(tab: Page, net: Internet, tmp_path: Path) -> None:
    """If enabled, the page is reloaded once; if still blocked, it is not reloaded again."""
    paper = site(net, tmp_path, auto_reload=True)
    assert asked(tab, paper)
    with tab.expect_navigation():
        region(tab).get_by_role("button", name="I have allowed ads").click()
    expect(region(tab).get_by_text("each needs to allow this site")).to_be_visible()
    with tab.expect_response(lambda response: response.url.endswith("&a=1")):
        region(tab).get_by_role("button", name="I have allowed ads").click()
    expect(region(tab).get_by_text("each needs to allow this site")).to_be_visible()
    expect(region(tab).get_by_role("button", name="Reload")).to_have_count(0)


def test_looks_again_on_return_to_the_tab(
    ublock_page: Page, net: Internet, tmp_path: Path, allow_site: Callable[[Page], None]
) -> None:
    """After opening the steps and leaving the tab, the page is probed again on return."""
    paper = newspaper(net, tmp_path)
    page = ublock_page
    page.goto(URL)
    page.get_by_role("button", name="How to allow ads").click()
    allow_site(page)
    # Playwright's tabs are always visible: the event is emulated, its effects are real.
    page.evaluate("() => { document.dispatchEvent(new Event('visibilitychange')); }")
    expect(
        page.get_by_text("Most blockers need the page").or_(page.get_by_text("Thank you"))
    ).to_be_visible()
    assert len([r for r in paper.asked() if r.path.endswith("&a=1")]) == 1


def test_views_won_back(tab: Page, net: Internet, tmp_path: Path) -> None:
    """Views after ads were allowed count as won back, until they are blocked again."""
    paper = site(net, tmp_path)
    assert asked(tab, paper)
    paper.let_baits_through()
    region(tab).get_by_role("button", name="I have allowed ads").click()
    expect(tab.get_by_text("Thank you")).to_be_visible()
    # The verdict, and the actions: shown, recheck, allowed.
    paper.wait_for_report(4)

    def visit(path: str) -> tuple[str, int]:
        net.clear_log()
        tab.goto(URL + path)
        state: str = verdict_of(tab)["state"]
        paper.report_of(tab)
        return state, paper.counted("recovered")

    assert [visit("town"), visit("culture")] == [("clear", 1), ("clear", 2)]
    paper.cut_baits()
    assert visit("town") == ("blocked", 2)
    paper.let_baits_through()
    assert visit("town") == ("clear", 2)
    assert paper.counted("verdict", "clear") == 3


def test_ways_out_of_the_owner(tab: Page, net: Internet, tmp_path: Path) -> None:
    """The owner's links are next to the buttons; following one is counted."""
    paper = site(net, tmp_path, links={"donate": "https://give.example/", "subscribe": "/town"})
    tab.add_init_script(
        "document.addEventListener('ads:notice', (e) => { document.title = e.detail.action; });"
    )
    assert asked(tab, paper)
    links = region(tab).get_by_role("link")
    expect(links).to_have_text(["Subscribe", "Donate"])
    links.first.evaluate(
        "(link) => { link.addEventListener('click', (e) => e.preventDefault()); link.click(); }"
    )
    expect(tab).to_have_title("support")


def test_whoever_is_quick_has_seen_it(tab: Page, net: Internet, tmp_path: Path) -> None:
    """An action follows "shown", whether or not the browser has reported the card in view."""
    tab.add_init_script(
        """window.IntersectionObserver = class { observe() {} disconnect() {} };
        window.heard = [];
        document.addEventListener("ads:notice", (e) => heard.push(e.detail.action));"""
    )
    assert asked(tab, site(net, tmp_path))
    region(tab).get_by_role("button", name="Not now").click()
    expect(region(tab)).to_have_count(0)
    assert tab.evaluate("() => heard") == ["shown", "dismissed"]


def test_variant_stays_for_the_session(tab: Page, net: Internet, tmp_path: Path) -> None:
    """One of the variants is picked at random, and is kept on every page of the session."""
    variants = [{"name": "a"}, {"name": "b", "notice": "top-bar", "preset": "warm"}]
    paper = site(net, tmp_path, variants=variants, once_a_session=False)
    seen = set()
    for path in ("", "town", "harbour"):
        paper.net.clear_log()
        tab.goto(URL + path)
        assert verdict_of(tab)["state"] == "blocked"
        expect(
            tab.get_by_role("heading", name=TITLE).or_(
                tab.get_by_role("heading", name="May we ask")
            )
        ).to_be_visible()
        (texts,) = [r.path for r in paper.asked() if paper.names.texts in r.path]
        seen.add(texts.partition("?")[2].partition("&l=")[0])
    assert len(seen) == 1
    assert seen < {"m=corner&i=extension&y=a", "m=top-bar&i=extension&y=b"}
    name = tab.evaluate("() => Object.values(sessionStorage)[0]")
    # Its variant, and that no view of the session was clear yet.
    assert name == f"- {seen.pop()[-1]} "


def test_action_tells_mode_and_variant(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """Actions on the notice are counted under the mode that the visitor saw."""
    rules = [{"kinds": ["extension"], "notice": "top-bar"}]
    paper = newspaper(net, tmp_path, notice="modal", notice_rules=rules)
    page = open_page("ublock-origin")
    page.goto(URL)
    page.get_by_role("button", name="Not now").click()
    paper.wait_for_report(3)
    assert paper.counted("dismissed", "blocked", "mode", "top-bar") == 1
