"""The notice: shown when ads are blocked, quiet after "Not now", thankful when ads are allowed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import URL, Paper, newspaper, verdict_of, watch_console

TITLE = "Adblock Detected"
BODY = (
    "Adblock Detected. Please support us by disabling your AdBlocker extension "
    "from your browsers for our website."
)


@pytest.fixture
def paper(net: Internet, tmp_path: Path) -> Paper:
    """Return the demo newspaper."""
    return newspaper(net, tmp_path)


def test_notice_appears(ublock_page: Page, paper: Paper) -> None:
    """A visitor with uBlock Origin sees the newspaper's text, in view and not cut off."""
    ublock_page.goto(URL)
    region = ublock_page.get_by_role("region", name=TITLE)
    expect(region).to_be_in_viewport(ratio=1)
    expect(region.get_by_text(BODY)).to_be_visible()
    # The notice itself reports that it was in view.
    paper.wait_for_report(2)
    assert paper.counted("shown", "blocked", "mode", "corner") == 1


def test_not_now_stays_not_now(ublock_page: Page, paper: Paper) -> None:
    """After "Not now" the next page has a verdict and no notice."""
    ublock_page.goto(URL)
    ublock_page.get_by_role("button", name="Not now").click()
    expect(ublock_page.get_by_text(TITLE)).to_have_count(0)
    paper.wait_for_report(3)
    assert paper.counted("dismissed", "blocked") == 1
    paper.net.clear_log()
    ublock_page.goto(f"{URL}town")
    assert verdict_of(ublock_page)["state"] == "blocked"
    paper.wait_for_report()
    paper.wait_until_quiet(ublock_page)
    assert not paper.script_seen("notice")
    expect(ublock_page.get_by_text(TITLE)).to_have_count(0)


def test_thanks_after_allowing(
    ublock_page: Page, paper: Paper, allow_site: Callable[[Page], None]
) -> None:
    """A visitor opens the steps, allows the site, reloads, is thanked, and sees no more notice."""
    page = ublock_page
    page.goto(URL)
    page.get_by_role("button", name="How to allow ads").click()
    expect(page.get_by_text("uBlock Origin", exact=True)).to_be_visible()
    page.get_by_role("button", name="I have allowed ads").click()
    expect(page.get_by_text("Ads are still being stopped")).to_be_visible()
    allow_site(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Reload the page").click()
    expect(page.get_by_text("Thank you", exact=False)).to_be_visible()
    assert verdict_of(page)["state"] == "clear"
    paper.wait_for_report(5)
    for action in ("shown", "steps", "recheck"):
        assert paper.counted(action, "blocked") == 1, action
    # The page was reloaded, and the earlier requests are still logged.
    assert paper.counted("allowed", "clear", "kind", "extension") == 1
    paper.net.clear_log()
    page.goto(f"{URL}town")
    assert verdict_of(page)["state"] == "clear"
    page.goto("about:blank")
    paper.wait_for_report(2)
    assert not paper.script_seen("notice")
    # The reloaded page, and this one.
    assert (paper.counted("recovered"), paper.counted("verdict", "clear")) == (2, 2)
    assert paper.counted("recovered", "", "kind", "extension") == 2


def test_second_look_uses_other_baits(ublock_page: Page, paper: Paper) -> None:
    """ "I have allowed ads" probes again with fresh baits, and counts no second view."""
    page = ublock_page
    page.goto(URL)
    page.get_by_role("button", name="I have allowed ads").click()
    expect(page.get_by_text("Ads are still being stopped")).to_be_visible()
    asked = [r.path for r in paper.asked() if ".json?v=" in r.path]
    assert len(asked) == 2
    assert asked[1].endswith("&a=1")
    assert paper.counted("view") == 1


def test_modal(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """The modal is a dialog; Escape closes it, returns the focus and counts as "Not now"."""
    paper = newspaper(net, tmp_path, notice="modal")
    page = open_page("ublock-origin")
    page.goto(URL)
    dialog = page.get_by_role("dialog", name=TITLE)
    expect(dialog).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert page.evaluate("() => document.activeElement.tagName") == "BODY"
    paper.wait_for_report(3)
    assert paper.counted("dismissed", "blocked", "mode", "modal") == 1


def test_measure_only(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """With mode none the verdict is counted and nothing is shown."""
    paper = newspaper(net, tmp_path, notice="none")
    page = open_page("ublock-origin")
    page.goto(URL)
    assert verdict_of(page)["state"] == "blocked"
    paper.wait_for_report()
    paper.wait_until_quiet(page)
    assert not paper.script_seen("notice")
    expect(page.get_by_text(TITLE)).to_have_count(0)
    assert paper.counted("verdict", "blocked") == 1


def test_page_hears_of_it(ublock_page: Page, paper: Paper) -> None:
    """The page receives actions on the notice as events on document."""
    page = ublock_page
    page.add_init_script(
        "window.heard = [];"
        'document.addEventListener("ads:notice", (e) => heard.push(e.detail.action));'
    )
    page.goto(URL)
    page.get_by_role("button", name="How to allow ads").click()
    page.get_by_role("button", name="Not now").click()
    page.wait_for_function("() => heard.length === 3")
    assert page.evaluate("() => heard") == ["shown", "steps", "dismissed"]


def test_notice_script_missing(ublock_page: Page, paper: Paper) -> None:
    """If the notice cannot load the page is unchanged and the verdict still counts."""
    paper.answer_before(
        lambda path: paper.names.script_of(path.rpartition("/")[2]) == "notice", "404 Gone"
    )
    messages = watch_console(ublock_page)
    ublock_page.goto(URL)
    assert verdict_of(ublock_page)["state"] == "blocked"
    paper.wait_for_report()
    paper.wait_until_quiet(ublock_page)
    assert paper.script_seen("notice")
    assert paper.counted("verdict", "blocked") == 1
    expect(ublock_page.get_by_text(TITLE)).to_have_count(0)
    assert not [text for text in messages if "Uncaught" in text]
