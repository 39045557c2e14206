"""Single-page apps: each address is a view of its own, independent of earlier ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import EMPTY, URL, Paper, one_page, verdict_of

CLEAN = ["none", "none-firefox"]
NAVIGATE = """(path) => new Promise((told) => {
  document.addEventListener("ads:verdict", (e) => told(e.detail), { once: true });
  history.pushState({}, "", path);
})"""
# A navigation that overtakes the one before it; returns every verdict up to the latest.
OVERTAKE = """() => new Promise((told) => {
  const seen = [];
  document.addEventListener("ads:verdict", (e) => seen.push(e.detail.state));
  history.pushState({}, "", "/a");
  history.pushState({}, "", "/b");
  document.addEventListener("ads:verdict", () => setTimeout(told, 500, seen), { once: true });
})"""
COUNT_LISTENERS = """window.listeners = {};
const listen = document.addEventListener;
Document.prototype.addEventListener = function (type, ...more) {
  listeners[type] = (listeners[type] || 0) + 1;
  return listen.call(this, type, ...more);
};"""
# Playwright has every tab visible; a page cannot tell this from a tab in front of it.
HIDE = """() => {
  Object.defineProperty(Document.prototype, "hidden", { get: () => true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""
AD = "https://securepubads.g.doubleclick.net/tag/js/gpt.js"
LOAD_AD = """(url) => new Promise((done) => {
  const script = document.createElement("script");
  script.onload = script.onerror = (event) => done(event.type);
  script.src = url;
  document.head.append(script);
})"""

STORM = """() => new Promise((told) => {
  for (let i = 0; i < 1000; i++) history.pushState({}, "", "/" + i);
  document.addEventListener("ads:verdict", (e) => told(e.detail.state), { once: true });
})"""
WRAP = """() => {
  window.calls = [];
  const before = history.pushState;
  history.pushState = function (...given) {
    window.calls.push(given[2]);
    return before.apply(history, given);
  };
}"""
# The tag's scripts once more, as a router does that finds them changed.
COPY = """() => Promise.all([...document.querySelectorAll("script[src]")].map((old) => {
  const script = document.createElement("script");
  for (const { name, value } of old.attributes) script.setAttribute(name, value);
  document.head.append(script);
  return new Promise((done) => { script.onload = done; });
}))"""
# A list has room for 250 by default.
REQUESTS = """async () => {
  for (let i = 0; i < 300; i++) await fetch("/favicon.ico?" + i);
}"""
NAVIGATE_WITH_AD = """([path, ad]) => new Promise((told) => {
  document.addEventListener("ads:verdict", (e) => told(e.detail), { once: true });
  history.pushState({}, "", path);
  const script = document.createElement("script");
  script.src = ad;
  document.head.append(script);
})"""


def visited(
    open_page: OpenPage, net: Internet, folder: Path, profile: str = "none"
) -> tuple[Paper, Page]:
    """Return a single-page site and a tab in which its first view has its verdict."""
    paper = one_page(net, folder, single_page=True)
    page = open_page(profile)
    page.goto(URL)
    verdict_of(page)
    return paper, page


def go(page: Page, path: str) -> str:
    """Navigate within the page and return the state of the new view."""
    return str(page.evaluate(NAVIGATE, path)["state"])


@pytest.mark.parametrize("profile", CLEAN)
def test_each_address_is_a_view(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """A new address is a new view with a verdict and a report of its own; the same one is none."""
    paper, page = visited(open_page, net, tmp_path, profile)
    assert [go(page, path) for path in ("/a", "/b")] == ["clear", "clear"]
    page.evaluate("() => history.replaceState({}, '', '/b')")
    page.goto("about:blank")
    paper.wait_for_report(3)
    assert paper.counted("view") == paper.counted("verdict", "clear") == 3
    assert paper.counted("pageless") == 2


@pytest.mark.parametrize("profile", CLEAN)
def test_failures_belong_to_their_view(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """An ad that failed in one view does not affect the next; one that fails there does."""
    net.dead("securepubads.g.doubleclick.net")
    html = EMPTY.replace("</body>", f'<script src="{AD}"></script></body>')
    paper = one_page(net, tmp_path, html, single_page=True)
    page = open_page(profile)
    page.goto(URL)
    assert verdict_of(page)["state"] == "unreachable"
    assert go(page, "/a") == "clear"
    assert page.evaluate(LOAD_AD, AD) == "error"
    page.goto("about:blank")
    paper.wait_for_report(2)
    assert paper.counted("verdict", "unreachable") == 2


@pytest.mark.parametrize("profile", CLEAN)
def test_views_leave_nothing_behind(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """However many views a page has, it listens once for being hidden, and each view ends then."""
    paper = one_page(net, tmp_path, single_page=True)
    page = open_page(profile)
    page.add_init_script(COUNT_LISTENERS)
    page.goto(URL)
    verdict_of(page)
    assert [go(page, path) for path in ("/a", "/b")] == ["clear", "clear"]
    assert page.evaluate("() => listeners.visibilitychange") == 1
    paper.wait_for_report(2)
    page.evaluate(HIDE)
    paper.wait_for_report(3)
    assert paper.counted("view") == paper.counted("verdict", "clear") == 3


def test_storm(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """Of a thousand navigations in one go only the last one is a view; no more is requested."""
    paper, page = visited(open_page, net, tmp_path)
    assert page.evaluate(STORM) == "clear"
    page.goto("about:blank")
    paper.wait_for_report(2)
    assert paper.counted("view") == paper.counted("verdict", "clear") == 2


@pytest.mark.parametrize("profile", CLEAN)
def test_page_that_changes_the_history_too(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """A page may put functions of its own before ours: each navigation is made and seen once."""
    paper, page = visited(open_page, net, tmp_path, profile)
    page.evaluate(WRAP)
    assert [go(page, path) for path in ("/a", "/b")] == ["clear", "clear"]
    assert page.evaluate("() => window.calls") == ["/a", "/b"]
    page.goto("about:blank")
    paper.wait_for_report(3)
    assert paper.counted("view") == 3


def test_second_copy(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """A router that runs the scripts of the next page's <head> again starts nothing twice."""
    paper, page = visited(open_page, net, tmp_path)
    page.evaluate(COPY)
    assert go(page, "/a") == "clear"
    page.goto("about:blank")
    paper.wait_for_report(2)
    assert (paper.counted("view"), len(paper.reports())) == (2, 2)


@pytest.mark.parametrize("profile", CLEAN)
def test_long_sessions(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """Once the browser's list of requests is full, an ad script that arrives is no stand-in."""
    _, page = visited(open_page, net, tmp_path, profile)
    page.evaluate(REQUESTS)
    verdict = page.evaluate(NAVIGATE_WITH_AD, ["/a", AD])
    assert (verdict["state"], verdict["signals"]["ads"]) == ("clear", "clear")


def test_younger_look_wins(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """Of two navigations at once only the later one has a verdict, and only one."""
    _, page = visited(open_page, net, tmp_path)
    assert page.evaluate(OVERTAKE) == ["clear"]


def test_one_notice(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """However many views are blocked, the page has one notice."""
    paper = one_page(net, tmp_path, single_page=True)
    page = open_page("ublock-origin")
    page.goto(URL)
    expect(page.get_by_role("button", name="Not now")).to_be_visible()
    assert go(page, "/a") == "blocked"
    paper.wait_for_report(3)
    assert page.get_by_role("button", name="Not now").count() == 1
    assert (paper.counted("verdict", "blocked"), paper.counted("shown", "blocked")) == (2, 1)


def test_check_again_counts_nothing(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """A second look requested by the page has a result, and counts as neither view nor verdict."""
    paper = one_page(net, tmp_path)
    page = open_page("none")
    page.goto(URL)
    verdict_of(page)
    state = page.evaluate(
        """() => new Promise((told) => {
          document.addEventListener("ads:verdict", (e) => told(e.detail.state), { once: true });
          document.dispatchEvent(new CustomEvent("ads:check"));
        })"""
    )
    page.goto("about:blank")
    paper.wait_for_report()
    assert (state, paper.counted("view"), paper.counted("verdict")) == ("clear", 1, 0)
    assert paper.counted("verdict", "clear") == len(paper.reports()) == 1
