"""Previews for owners who set up the notice: signed links, and the noscript line."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from detector.core.vocabulary import SHOWN_MODES
from detector.testing.adhosts import HARMLESS_HOST, HOSTS
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import URL, newspaper, watch_console

AD_HOSTS = set(HOSTS) - {HARMLESS_HOST}


@pytest.mark.parametrize("mode", SHOWN_MODES)
def test_every_mode_as_a_visitor_sees_it(
    open_page: OpenPage, net: Internet, tmp_path: Path, mode: str
) -> None:
    """Without any blocker the notice is shown, marked as a preview, and nothing is counted."""
    paper = newspaper(net, tmp_path, treat_bots_as_people=False)
    if mode == "slot":
        # An ad that arrives gets its slot back.
        net.dead(AD_HOSTS)
    page = open_page("none")
    messages = watch_console(page)
    page.goto(paper.site.simulate_link(URL, mode))
    dialog = mode in ("modal", "soft-wall", "hard-wall")
    notice = page.get_by_role("dialog" if dialog else "region", name="Adblock Detected")
    expect(notice).to_be_visible()
    expect(page.get_by_text(f"{mode}: what a visitor sees. Nothing is counted.")).to_be_visible()
    # In an ad slot that button is shown with the steps.
    notice.get_by_role("button", name="How to allow ads").click()
    done = notice.get_by_role("button", name="I have allowed ads")
    done.click()
    expect(notice.get_by_text("Ads are still being stopped")).to_be_visible()
    done.click()
    thanks = page.get_by_text("Thank you for supporting this website.")
    expect(thanks).to_be_visible()
    # After allowing ads visitors can continue at once, also at a hard wall.
    page.get_by_role("button", name="Close").click()
    expect(thanks).to_have_count(0)
    assert paper.reports() == []
    assert paper.counted("view") == 0
    assert messages == [] or mode == "slot"


def test_verdict_explained(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """State, kind and every signal are in a corner; the view is not counted and has no notice."""
    paper = newspaper(net, tmp_path)
    page = open_page("ublock-origin")
    rows = page.locator("dl")
    page.goto(paper.site.simulate_link(URL, "explain"))
    expect(rows).to_contain_text("blocked")
    expect(rows).to_contain_text("extension")
    for signal in ("requests", "elements", "ads", "slots"):
        expect(rows.get_by_text(signal, exact=True)).to_be_visible()
    paper.wait_until_quiet(page)
    assert not paper.script_seen("notice")
    assert paper.counted("view") == 0


def test_line_without_scripts(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """The line is above the page if scripts are off, and only then."""
    newspaper(net, tmp_path, noscript=True)
    said = "() => getComputedStyle(document.body, '::before').content"
    page = open_page("none", java_script_enabled=False)
    page.goto(URL)
    assert "without JavaScript none can be shown" in page.evaluate(said)
    page = open_page("none")
    page.goto(URL)
    assert page.evaluate(said) == "none"
