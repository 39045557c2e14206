"""Ads that arrive although something acts on the page: `partial`, and nobody is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from bench.matrix.dnr import Rule, dnr_rules, style_sheet
from bench.matrix.extension import STAND_IN, easylist, write_extension
from detector.testing.blockers import Options, Running, start
from detector.testing.browsers import BrowserMissing
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from detector.testing.machine import missing
from e2e.support.ad_page import AD_PAGE, FILLED, LIBRARY, SLOT
from e2e.support.newspaper import (
    AD_HOSTS,
    EMPTY,
    HOST,
    URL,
    Paper,
    one_page,
    verdict_of,
    verdict_on,
)
from e2e.support.own_filters import own_filters

UBLOCK = "ublock-origin"
BROWSERS = ["none", "none-firefox"]
ALLOWED = [f"@@||{host.removeprefix('*.')}^" for host in sorted(AD_HOSTS)]
UNHIDDEN = [f"{HOST}#@#ins.adsbygoogle[{name}]" for name in ("data-ad-client", "data-ad-slot")]
SURROGATE = """for (const slot of document.querySelectorAll("ins.adsbygoogle")) {
  slot.innerHTML = '<iframe id="aswift_0" src="data:text/html," width="300" height="250"></iframe>';
}
window.adsbygoogle = { loaded: true, push() {} };
"""
CARD = ".card"
WithRules = Callable[..., Page]


@pytest.fixture
def paper(net: Internet, tmp_path: Path) -> Paper:
    """Return a site with one ad."""
    return one_page(net, tmp_path, AD_PAGE)


@pytest.fixture
def with_rules(net: Internet, playwright: Playwright, tmp_path: Path) -> Iterator[WithRules]:
    """Yield what opens a page in Chromium with a Manifest V3 extension, by rules and styles."""
    with ExitStack() as stack:

        def open_page(rules: list[Rule], css: str = "", stand_in: str = "") -> Page:
            folder = tmp_path / "extension"
            folder.mkdir()
            write_extension(folder, rules, css)
            (folder / STAND_IN).write_text(stand_in)
            options = Options(net=net, hide_automation=False, extensions={"rules": str(folder)})
            try:
                running = stack.enter_context(start("rules", playwright, options))
            except BrowserMissing as error:
                missing(error)
            return running.new_page()

        yield open_page


def nobody_was_asked(page: Page, paper: Paper) -> None:
    """Leave the page: its view was counted as partial alone, and no notice was loaded."""
    page.goto("about:blank")
    paper.wait_for_report()
    assert paper.counted("verdict", "partial") == 1
    assert paper.counted("verdict", "blocked") == paper.counted("shown", "blocked") == 0
    assert not paper.script_seen("notice")


def asked(page: Page, paper: Paper) -> None:
    """Wait for the notice, and for the report of a blocked view."""
    expect(page.locator(CARD)).to_be_visible()
    paper.wait_for_report()
    assert paper.counted("verdict", "blocked") == 1


def test_own_exceptions_in_ublock_origin(
    open_page: OpenPage, running: Callable[[str], Running], paper: Paper
) -> None:
    """The real uBlock Origin with a visitor's exceptions for the ads: partial, by an extension."""
    page = open_page(UBLOCK)
    with own_filters(running(UBLOCK), *ALLOWED, *UNHIDDEN):
        found = verdict_on(page)
        assert page.evaluate(FILLED)
        assert found["state"] == "partial"
        assert found["signals"]["ads"] == found["signals"]["slots"] == "clear"
        nobody_was_asked(page, paper)


def test_hidden_slot_in_ublock_origin(
    open_page: OpenPage, running: Callable[[str], Running], paper: Paper
) -> None:
    """Where ad requests are allowed and EasyList hides the slot, nothing is seen: blocked."""
    page = open_page(UBLOCK)
    with own_filters(running(UBLOCK), *ALLOWED):
        found = verdict_on(page)
        assert not page.evaluate(FILLED)
        assert found["state"] == "blocked"
        asked(page, paper)


def test_extension_that_allows_ad_hosts(with_rules: WithRules, paper: Paper) -> None:
    """A Manifest V3 extension with EasyList's rules that lets ad hosts through: partial."""
    page = with_rules(dnr_rules([*easylist(), *ALLOWED]))
    assert verdict_on(page)["state"] == "partial"
    assert page.evaluate(FILLED)
    nobody_was_asked(page, paper)


def test_extension_that_hides_the_slot(with_rules: WithRules, paper: Paper) -> None:
    """The same extension with EasyList's styles, which hide the slot: blocked."""
    page = with_rules(dnr_rules([*easylist(), *ALLOWED]), style_sheet(easylist()))
    assert verdict_on(page)["state"] == "blocked"
    asked(page, paper)


def test_surrogate_that_fills_the_slot(with_rules: WithRules, paper: Paper) -> None:
    """A stand-in for the ad library that fills the slot is no ad: blocked."""
    redirect: dict[str, Any] = {"type": "redirect", "redirect": {"extensionPath": f"/{STAND_IN}"}}
    where = {"urlFilter": LIBRARY, "resourceTypes": ["script"]}
    rules = dnr_rules([*easylist(), *ALLOWED])
    rules.append({"id": len(rules) + 1, "priority": 9, "action": redirect, "condition": where})
    page = with_rules(rules, stand_in=SURROGATE)
    found = verdict_on(page)
    assert page.evaluate(FILLED)
    assert found["state"] == "blocked"
    asked(page, paper)


@pytest.mark.parametrize("browser", BROWSERS)
def test_slow_ads(open_page: OpenPage, paper: Paper, net: Internet, browser: str) -> None:
    """A verdict waits for ads that are on their way; baits are cut by an emulation."""
    paper.cut_baits(ads=False)
    net.slow(AD_HOSTS, 2)
    page = open_page(browser)
    assert verdict_on(page)["state"] == "partial"
    nobody_was_asked(page, paper)


@pytest.mark.parametrize("browser", BROWSERS)
def test_empty_slot(open_page: OpenPage, paper: Paper, net: Internet, browser: str) -> None:
    """Ad hosts that answer with nothing, as filtering proxies do, fill no slot: blocked."""
    paper.cut_baits(ads=False)
    net.empty(AD_HOSTS)
    page = open_page(browser)
    assert verdict_on(page)["state"] == "blocked"
    asked(page, paper)


@pytest.mark.parametrize("browser", BROWSERS)
def test_one_ad_request_that_fails(
    open_page: OpenPage, net: Internet, tmp_path: Path, browser: str
) -> None:
    """A slot that is filled while another ad host fails: blocked."""
    lost = "https://ib.adnxs.com/lost.js"
    net.dead({"ib.adnxs.com"})
    html = AD_PAGE.replace("</head>", f'<script async src="{lost}"></script></head>')
    paper = one_page(net, tmp_path, html)
    paper.cut_baits(ads=False)
    page = open_page(browser)
    assert verdict_on(page)["state"] == "blocked"
    asked(page, paper)


@pytest.mark.parametrize("browser", BROWSERS)
def test_whoever_leaves_meanwhile_is_counted(
    open_page: OpenPage, net: Internet, tmp_path: Path, browser: str
) -> None:
    """A view that ends while its empty slot is watched is reported as blocked, once."""
    paper = one_page(net, tmp_path, EMPTY.replace("</body>", SLOT + "</body>"))
    paper.cut_baits(ads=False)
    page = open_page(browser)
    page.goto(URL)
    net.wait_for(lambda _: paper.script_seen("followup"))
    # Its element is removed once it has run.
    page.wait_for_function("() => !document.querySelector('html > script')")
    paper.report_of(page)
    assert paper.counted("verdict", "blocked") == len(paper.reports()) == 1


@pytest.mark.parametrize("browser", BROWSERS)
def test_asked_on_demand(open_page: OpenPage, net: Internet, tmp_path: Path, browser: str) -> None:
    """With `ask_partial` these visitors are asked too, and the state stays partial."""
    paper = one_page(net, tmp_path, AD_PAGE, ask_partial=True)
    paper.cut_baits(ads=False)
    page = open_page(browser)
    assert verdict_on(page)["state"] == "partial"
    expect(page.locator(CARD)).to_be_visible()
    page.goto("about:blank")
    # The notice's report and the verdict's, in any order.
    paper.wait_for_report(2)
    assert paper.counted("verdict", "partial") == 1
    assert paper.counted("shown", "partial") == 1


def test_no_wall_where_ads_arrive(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """With `ask_partial` and a wall, the card stands in the corner."""
    paper = one_page(net, tmp_path, AD_PAGE, ask_partial=True, notice="hard-wall")
    paper.cut_baits(ads=False)
    page = open_page("none")
    assert verdict_on(page)["state"] == "partial"
    expect(page.locator(CARD)).to_be_visible()
    assert page.locator(".card.wall").count() == 0


def test_thanks_after_an_exception(
    open_page: OpenPage, running: Callable[[str], Running], paper: Paper
) -> None:
    """Whoever makes exceptions after the notice is thanked when the page is loaded again."""
    page = open_page(UBLOCK)
    assert verdict_on(page)["state"] == "blocked"
    expect(page.locator(CARD)).to_be_visible()
    with own_filters(running(UBLOCK), *ALLOWED, *UNHIDDEN):
        page.get_by_role("button", name="I have allowed ads").click()
        with page.expect_navigation():
            page.get_by_role("button", name="Reload the page").click()
        assert verdict_of(page)["state"] == "partial"
        expect(page.get_by_text("Thank you", exact=False)).to_be_visible()
        paper.report_of(page)
    assert paper.counted("allowed", "partial", "kind", "extension") == 1
    assert paper.counted("recovered", "", "kind", "extension") == 1


@pytest.mark.parametrize("browser", BROWSERS)
@pytest.mark.parametrize(("html", "asks"), [(EMPTY, False), (AD_PAGE, True)], ids=["none", "ad"])
def test_asked_only_where_ads_are(
    open_page: OpenPage, net: Internet, tmp_path: Path, browser: str, html: str, asks: bool
) -> None:
    """With `ask_where="ads"` a page without any ad does not ask; it is counted as before."""
    net.dead(AD_HOSTS)
    paper = one_page(net, tmp_path, html, ask_where="ads")
    paper.cut_baits(ads=False)
    page = open_page(browser)
    assert verdict_on(page)["state"] == "blocked"
    if asks:
        expect(page.locator(CARD)).to_be_visible()
    paper.report_of(page)
    assert paper.counted("verdict", "blocked") == 1
    assert paper.script_seen("notice") is asks
