"""Reports of views that are left early: the verdict arrives however a page ends, and once."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from detector.core.assets import script
from detector.testing.adhosts import HARMLESS_HOST
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from detector.testing.messages import Answer
from e2e.support.newspaper import (
    EMPTY,
    URL,
    Paper,
    verdict_of,
    verdict_on,
)
from e2e.support.two_pages import AD, AD_HOST, LOAD_AD, two_pages

CLEAN = ["none", "none-firefox"]
BLOCKED = ["easylist", "ublock-origin"]
STATES = dict.fromkeys(CLEAN, "clear") | dict.fromkeys(BLOCKED, "blocked")
SLOW_HOST = "slow.example"
SINCE = "(ms) => performance.now() >= ms"
AWAY = "() => void location.assign('/other')"
# Playwright has every tab visible; a page cannot tell this from a tab in front of it.
HIDE = """() => {
  Object.defineProperty(Document.prototype, "hidden", { get: () => true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""
SET_HIDDEN = """window.setHidden = (hidden) => {
  Object.defineProperty(Document.prototype, "hidden", { get: () => hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""
HIDE_AT_VERDICT = f"document.addEventListener('ads:verdict', {HIDE}, {{ once: true }})"


def leave(page: Page, way: str) -> None:
    """Leave a page in one of three ways."""
    if way == "navigation":
        page.evaluate(AWAY)
        # Chromium may never answer when a page is closed amid a navigation.
        page.wait_for_url("**/other")
    elif way == "closing":
        page.close(run_before_unload=True)
    else:
        page.evaluate(HIDE)


@pytest.mark.parametrize("ms", [300, 1000, 3000])
@pytest.mark.parametrize("way", ["navigation", "closing", "hiding"])
@pytest.mark.parametrize("profile", [*CLEAN, *BLOCKED])
def test_the_verdict_arrives(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str, way: str, ms: int
) -> None:
    """A view that has its verdict is counted with it, however early and in whatever way it ends.

    Switching to another tab is emulated here; the next test has a real one.
    """
    paper = two_pages(net, tmp_path)
    page = open_page(profile)
    assert verdict_on(page)["state"] == STATES[profile]
    page.wait_for_function(SINCE, arg=ms)
    leave(page, way)
    paper.wait_for_report()
    assert paper.counted("view") == paper.counted("verdict", STATES[profile]) == 1


def never_loaded(net: Internet, html: str = EMPTY) -> str:
    """Return a page whose load event does not come, so that no time for late ads begins."""
    net.hold(HARMLESS_HOST, 204)
    return html.replace("</body>", f'<img src="https://{HARMLESS_HOST}/held.png"></body>')


def tag(paper: Paper) -> str:
    """Return the address of the script that every page loads."""
    file = paper.names.script("detect", script("detect").content_hash)
    return f"{URL}{paper.names.prefix}/{file}"


def visit(page: Page) -> str:
    """Go to the page without waiting for its load event; return the state of its verdict."""
    page.goto(URL, wait_until="commit")
    return str(verdict_of(page)["state"])


@pytest.mark.parametrize("profile", ["none-firefox"])
def test_another_tab_in_front(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """Behind another tab `clear` is sent at once: the system may end the page there."""
    paper = two_pages(net, tmp_path, never_loaded(net))
    page = open_page(profile)
    assert visit(page) == "clear"
    with page.expect_popup():
        page.evaluate("() => void window.open('about:blank')")
    page.wait_for_function("() => document.visibilityState == 'hidden'")
    paper.wait_for_report()
    assert paper.counted("verdict", "clear") == 1


@pytest.mark.parametrize("profile", CLEAN)
def test_hidden_before_the_verdict(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """A verdict that is reached behind another tab (emulated) is sent at once, too."""
    paper = two_pages(net, tmp_path, never_loaded(net))
    page = open_page(profile)
    page.add_init_script(HIDE_AT_VERDICT)
    page.goto(URL, wait_until="commit")
    paper.wait_for_report()
    assert paper.counted("verdict", "clear") == 1


@pytest.mark.parametrize("profile", CLEAN)
def test_opened_behind_another_tab(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """A page opened behind another tab (emulated) is judged once it is seen, and once only; behind
    another tab again, `clear` is sent at once."""
    paper = two_pages(net, tmp_path, never_loaded(net))
    page = open_page(profile)
    page.add_init_script(f"{SET_HIDDEN}; setHidden(true)")
    page.goto(URL, wait_until="commit")
    # Its load event waits for the tag's script, and that for nothing: so the script has run.
    page.wait_for_function("(name) => performance.getEntriesByName(name).length", arg=tag(paper))
    assert not [one for one in paper.asked() if ".json?" in one.path]
    page.evaluate("() => setHidden(false)")
    assert verdict_of(page)["state"] == "clear"
    assert not paper.reports()
    for is_hidden in (True, False, True):
        page.evaluate("(hidden) => setHidden(hidden)", is_hidden)
    paper.wait_for_report()
    page.goto("about:blank")
    assert paper.counted("view") == paper.counted("verdict", "clear") == len(paper.reports()) == 1


@pytest.mark.parametrize("profile", CLEAN)
def test_settled_after_load(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """Soon after the load event `clear` is sent from a page that stays open, and is final: an ad
    that fails later changes nothing, and leaving sends nothing more."""
    paper = two_pages(net, tmp_path)
    page = open_page(profile)
    assert verdict_on(page)["state"] == "clear"
    paper.wait_for_report()
    net.dead(AD_HOST)
    assert page.evaluate(LOAD_AD, AD) == "error"
    page.goto("about:blank")
    assert verdict_on(page)["state"] == "clear"
    page.goto("about:blank")
    paper.wait_for_report(2)
    assert paper.counted("verdict", "clear") == len(paper.reports()) == 2


@pytest.mark.parametrize("profile", CLEAN)
def test_an_ad_that_fails_in_time(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """An ad that fails before `clear` was sent makes it `unreachable`, counted once."""
    paper = two_pages(net, tmp_path, never_loaded(net))
    net.dead(AD_HOST)
    page = open_page(profile)
    assert visit(page) == "clear"
    assert page.evaluate(LOAD_AD, AD) == "error"
    leave(page, "hiding")
    paper.wait_for_report()
    assert verdict_of(page)["revised"] is True
    page.goto("about:blank")
    assert paper.counted("verdict", "unreachable") == len(paper.reports()) == 1


@pytest.mark.parametrize("profile", CLEAN)
def test_what_cannot_change(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """A verdict other than `clear` is final, and sent at once."""
    html = never_loaded(net).replace("</head>", f'<script src="{AD}"></script></head>')
    paper = two_pages(net, tmp_path, html)
    net.dead(AD_HOST)
    page = open_page(profile)
    assert visit(page) == "unreachable"
    paper.wait_for_report()
    assert paper.counted("verdict", "unreachable") == 1


@pytest.mark.parametrize("profile", BLOCKED)
def test_left_by_the_page_itself(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """A page that goes elsewhere as soon as it hears of a blocker is counted as blocked, once."""
    paper = two_pages(net, tmp_path, never_loaded(net))
    page = open_page(profile)
    page.add_init_script(f"document.addEventListener('ads:verdict', {AWAY})")
    page.goto(URL, wait_until="commit")
    page.wait_for_url("**/other")
    # The emulation holds requests while nobody waits for the page.
    paper.wait_until_quiet(page)
    paper.wait_for_report()
    assert paper.counted("verdict", "blocked") == len(paper.reports()) == 1


@pytest.mark.parametrize("asking", ["detector", "page"])
@pytest.mark.parametrize("profile", CLEAN)
def test_requests_cut_by_leaving(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str, asking: str
) -> None:
    """A view whose requests for ads were cut by leaving is not `unreachable`.

    The next page answers late, so that the browser cuts them long before it hides this one.
    """
    net.slow(AD_HOST, 30)
    net.slow(SLOW_HOST, 0.5)
    net.answer(SLOW_HOST, lambda request: Answer("slow", "text/plain"))
    html = EMPTY.replace("</head>", f'<script async src="{AD}"></script></head>')
    own = {"probe_urls": [AD]} if asking == "detector" else {}
    paper = two_pages(net, tmp_path, EMPTY if own else html, **own)
    page = open_page(profile)
    page.goto(URL, wait_until="commit")
    net.wait_for(lambda request: request.host == AD_HOST and request.method == "GET")
    if not own:
        assert verdict_of(page)["state"] == "clear"
    page.evaluate("(url) => void location.assign(url)", f"https://{SLOW_HOST}/")
    paper.wait_for_report()
    assert paper.counted("verdict", "unreachable") == 0
    assert paper.counted("verdict", "clear") == 1
