"""Reports that Chromium holds and sends by itself: once, and never as the next page's request."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.ad_page import AD_PAGE
from e2e.support.newspaper import URL, verdict_on, watch_console
from e2e.support.two_pages import AD, AD_HOST, LOAD_AD, two_pages

CHROMIUM = ["none"]
CALLS = """window.calls = [];
for (const [owner, name] of [[window, "fetchLater"], [Navigator.prototype, "sendBeacon"]])
  owner[name] = new Proxy(owner[name], {
    apply(...call) {
      calls.push(name);
      return Reflect.apply(...call);
    },
  });"""
# Far longer than any test waits for a report.
HELD = """fetchLater = new Proxy(fetchLater, {
  apply: (send, self, [url, options]) =>
    Reflect.apply(send, self, [url, { ...options, activateAfter: 60_000 }]),
});"""
# Longer than an ad that fails is waited for.
LONG_LOADED = """() => {
  const { loadEventEnd } = performance.getEntriesByType("navigation")[0];
  return loadEventEnd && performance.now() > loadEventEnd + 2500;
}"""


def end_processes(page: Page) -> None:
    """Kill the processes of a browser's pages, which are all of this test, as the system may."""
    assert page.context.browser is not None
    session = page.context.browser.new_browser_cdp_session()
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        if process["type"] == "renderer":
            os.kill(int(process["id"]), signal.SIGKILL)


# The second one is that of the notice.
@pytest.mark.parametrize(
    ("profile", "state", "calls"),
    [
        ("none", "clear", ["fetchLater"]),
        ("easylist", "blocked", ["sendBeacon", "sendBeacon"]),
    ],
)
def test_a_verdict_is_sent_in_one_way(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str, state: str, calls: list[str]
) -> None:
    """Each request takes the page's thread a while, deferred or not: a verdict that stays as it was
    has a deferred report and no other, and a final one has none that is deferred."""
    paper = two_pages(net, tmp_path)
    page = open_page(profile)
    page.add_init_script(CALLS)
    assert verdict_on(page)["state"] == state
    paper.wait_until_quiet(page)
    paper.wait_for_report(len(calls))
    assert page.evaluate("() => window.calls") == calls


@pytest.mark.parametrize("profile", CHROMIUM)
def test_left_before_the_browser_sends(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """A page left when `clear` is final, and the browser holds it still, is counted once; what it
    held does not pass for a request of the next page, which goes idle."""
    paper = two_pages(net, tmp_path)
    page = open_page(profile)
    page.add_init_script(HELD)
    assert verdict_on(page)["state"] == "clear"
    page.wait_for_function(LONG_LOADED)
    assert not paper.reports()
    page.goto(f"{URL}other", wait_until="networkidle")
    paper.wait_for_report()
    paper.wait_until_quiet(page)
    assert paper.counted("verdict", "clear") == len(paper.reports()) == 1


@pytest.mark.parametrize("profile", CHROMIUM)
def test_changed_while_the_browser_holds_it(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """An ad that fails after the load event takes the held report back: `unreachable` is sent."""
    net.dead(AD_HOST)
    paper = two_pages(net, tmp_path)
    page = open_page(profile)
    page.add_init_script(CALLS)
    assert verdict_on(page)["state"] == "clear"
    page.wait_for_function("() => calls.length")
    assert page.evaluate(LOAD_AD, AD) == "error"
    paper.wait_for_report()
    page.goto("about:blank")
    paper.wait_until_quiet(page)
    assert paper.counted("verdict", "unreachable") == len(paper.reports()) == 1


@pytest.mark.parametrize("state", ["clear", "partial"])
@pytest.mark.parametrize("profile", CHROMIUM)
def test_a_crash(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str, state: str
) -> None:
    """Chromium itself sends the verdict of a page whose process ends without a word, with all that
    the server needs to believe it, before it would have sent it anyway."""
    paper = two_pages(net, tmp_path, AD_PAGE)
    if state == "partial":
        paper.cut_baits(ads=False)
    page = open_page(profile)
    page.add_init_script(HELD)
    page.add_init_script(CALLS)
    assert verdict_on(page)["state"] == state
    page.wait_for_function("() => calls.length")
    assert not paper.reports()
    with page.expect_event("crash"):
        end_processes(page)
    paper.wait_for_report()
    assert paper.counted("verdict", state) == len(paper.reports()) == 1
    assert paper.counted("corrected", state) == 0


@pytest.mark.parametrize("profile", CHROMIUM)
def test_the_browser_may_not_send_later(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """Where the page's policy forbids deferred requests, the verdict is told and sent as ever."""
    headers = {"Permissions-Policy": "deferred-fetch=(), deferred-fetch-minimal=()"}
    paper = two_pages(net, tmp_path, headers=headers)
    page = open_page(profile)
    messages = watch_console(page)
    assert verdict_on(page)["state"] == "clear"
    page.goto("about:blank")
    paper.wait_for_report()
    assert paper.counted("verdict", "clear") == len(paper.reports()) == 1
    assert not messages
