"""Real single-page apps by React Router, Vue Router and Astro, as files that their builds write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import (
    HOST,
    URL,
    Paper,
    one_page,
    verdict_of,
    watch_console,
)
from e2e.support.single_page import APPS, serve

PLAIN = f"plain.{HOST}"
NOT_ON_CHECKOUT = [{"paths": ["/checkout"], "notice": "none"}]
KEPT = 200_000
"""Bytes of 200 views together: one that is kept with its bootstrap has ten thousand."""
FEW = 5
NOTES = """document.addEventListener("ads:verdict", (event) => {
  (window.told ??= []).push([location.pathname, event.detail.state]);
});"""
# The document's elements and texts without the tag and the scripts that it loads.
STRUCTURE = """(prefix) => {
  const ours = (one) => one.tagName == "SCRIPT" && [...one.attributes].some(
    ({ name, value }) => name == "data-cfasync" || value.includes(prefix));
  const shown = (one) => one.nodeType != 1 ? one.nodeValue : [
    one.tagName,
    ...[...one.attributes].map(({ name, value }) => `${name}=${value}`).sort(),
    ...[...one.childNodes].filter((child) => !ours(child)).map(shown),
  ];
  return JSON.stringify(shown(document.documentElement));
}"""


@pytest.fixture(params=APPS)
def app(request: pytest.FixtureRequest) -> str:
    """Return the name of each app."""
    return str(request.param)


def site(net: Internet, folder: Path, app: str, **options: Any) -> Paper:
    """Add an app with the detector to the test internet, and its files alone beside it."""
    options.setdefault("single_page", True)
    return one_page(net, folder, setup=lambda flask: serve(flask, app), **options)


def start(page: Page, path: str = "") -> None:
    """Visit the app, wait for its verdict and until it answers clicks, and note all verdicts."""
    page.add_init_script(NOTES)
    page.goto(URL + path)
    verdict_of(page)
    expect(page.get_by_role("button", name="Clicked")).to_be_visible()


def told(page: Page) -> list[tuple[str, str]]:
    """Return the verdicts of the document so far, with the paths that they came at."""
    return [tuple(one) for one in page.evaluate("() => window.told || []")]


def wait_for_verdicts(page: Page, count: int) -> None:
    """Wait until the document has had so many verdicts."""
    page.wait_for_function("(count) => (window.told || []).length >= count", arg=count)


def follow(page: Page, name: str) -> None:
    """Follow a link of the app, and wait for its page and the verdict."""
    before = len(told(page))
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    wait_for_verdicts(page, before + 1)


@pytest.mark.parametrize("profile", ["none", "none-firefox"])
def test_each_navigation_is_a_view(
    open_page: OpenPage, net: Internet, tmp_path: Path, app: str, profile: str
) -> None:
    """Links, back and forward are one view each, in one document, and each has its verdict."""
    paper = site(net, tmp_path, app)
    page = open_page(profile)
    start(page)
    page.evaluate("() => { window.same = true; }")
    for name in ("Article 1", "Article 2", "Checkout"):
        follow(page, name)
    for step, heading in ((page.go_back, "Article 2"), (page.go_forward, "Checkout")):
        before = len(told(page))
        step()
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        wait_for_verdicts(page, before + 1)
    assert page.evaluate("() => window.same") is True
    paths = ["/", "/article/1", "/article/2", "/checkout", "/article/2", "/checkout"]
    assert [path.rstrip("/") or "/" for path, _ in told(page)] == paths
    assert {state for _, state in told(page)} == {"clear"}
    page.goto("about:blank")
    paper.wait_for_report(6)
    assert paper.counted("view") == paper.counted("verdict", "clear") == 6
    assert paper.counted("pageless") == 5
    assert len(paper.reports()) == 6


def test_what_is_no_navigation(
    open_page: OpenPage, net: Internet, tmp_path: Path, app: str
) -> None:
    """Changes of hash, query and state, as for scroll positions, are no views; nor is a click."""
    paper = site(net, tmp_path, app)
    page = open_page("none")
    start(page)
    page.evaluate("""() => {
      for (let y = 0; y < 50; y++) history.replaceState({ ...history.state, y }, "");
      history.pushState(history.state, "", "?page=2");
      history.pushState(history.state, "", "#part");
      history.replaceState(history.state, "", location.pathname);
    }""")
    page.get_by_role("button", name="Clicked 0").click()
    expect(page.get_by_role("button", name="Clicked 1")).to_be_visible()
    follow(page, "Article 1")
    page.goto("about:blank")
    paper.wait_for_report(2)
    assert (paper.counted("view"), len(paper.reports())) == (2, 2)


def test_hydration_is_untouched(
    open_page: OpenPage, net: Internet, tmp_path: Path, app: str
) -> None:
    """Nothing is logged, and the app's elements are those that it has without the detector."""
    paper = site(net, tmp_path, app)
    plain = one_page(
        net, tmp_path, setup=lambda flask: serve(flask, app), single_page=True, enabled=False
    )
    net.site(PLAIN, plain.app)
    net.site(HOST, paper.app)
    seen = []
    for host in (PLAIN, HOST):
        page = open_page("none")
        messages = watch_console(page)
        page.add_init_script(NOTES)
        for path, heading in (("", "Home"), ("article/1/", "Article 1")):
            page.goto(f"https://{host}/{path}", wait_until="networkidle")
            if host == HOST:
                verdict_of(page)
            expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
            page.get_by_role("button", name="Clicked 0").click()
            expect(page.get_by_role("button", name="Clicked 1")).to_be_visible()
            seen.append((path, page.evaluate(STRUCTURE, paper.names.prefix).replace(PLAIN, HOST)))
        assert messages == [], host
    assert seen[:2] == seen[2:]
    assert paper.script_seen("detect")


def test_notice_by_route(open_page: OpenPage, net: Internet, tmp_path: Path, app: str) -> None:
    """The rules of each route decide: the document's own has no notice, the next one has it."""
    paper = site(net, tmp_path, app, notice_rules=NOT_ON_CHECKOUT)
    paper.cut_baits()
    page = open_page("none")
    start(page, "checkout")
    notice = page.get_by_role("region").get_by_role("button", name="Not now")
    paper.wait_for_report(1)
    assert notice.count() == 0
    follow(page, "Home")
    expect(notice).to_be_visible()
    paper.wait_for_report(3)
    assert {state for _, state in told(page)} == {"blocked"}
    assert (paper.counted("verdict", "blocked"), paper.counted("shown", "blocked")) == (2, 1)


def test_routes_without_a_notice(
    open_page: OpenPage, net: Internet, tmp_path: Path, app: str
) -> None:
    """Where the rules want none on the route, its notice's script is not even loaded."""
    rules = [{"paths": ["/checkout*", "/article/*"], "notice": "none"}]
    paper = site(net, tmp_path, app, notice_rules=rules)
    paper.cut_baits()
    page = open_page("none")
    start(page, "checkout")
    follow(page, "Article 1")
    follow(page, "Article 2")
    paper.wait_for_report(3)
    assert paper.counted("verdict", "blocked") == 3
    assert not paper.script_seen("notice") and paper.counted("shown", "blocked") == 0


def test_under_a_blocker(open_page: OpenPage, net: Internet, tmp_path: Path, app: str) -> None:
    """With uBlock Origin each view is blocked, and one notice is shown in the document's life."""
    paper = site(net, tmp_path, app)
    page = open_page("ublock-origin")
    start(page)
    for name in ("Article 1", "Article 2", "Checkout"):
        follow(page, name)
    assert {state for _, state in told(page)} == {"blocked"}
    paper.wait_for_report(5)
    assert (paper.counted("view"), paper.counted("verdict", "blocked")) == (4, 4)
    assert paper.counted("shown", "blocked") == 1


def test_route_that_throws(open_page: OpenPage, net: Internet, tmp_path: Path, app: str) -> None:
    """A route that throws is a view like others, and so is the one after it."""
    paper = site(net, tmp_path, app)
    page = open_page("none")
    start(page)
    page.get_by_role("link", name="Broken", exact=True).click()
    wait_for_verdicts(page, 2)
    follow(page, "Article 1")
    assert [state for _, state in told(page)] == ["clear"] * 3
    page.goto("about:blank")
    paper.wait_for_report(3)
    assert paper.counted("view") == paper.counted("verdict", "clear") == 3


NAVIGATE = """async ([from, to]) => {
  const settled = (name) => new Promise((done) => {
    const there = () => document.querySelector("h1").textContent == name;
    const look = () => there() ? done() : setTimeout(look, 5);
    look();
  });
  for (let i = from; i < to; i++) {
    const name = i % 2 ? "Article 1" : "Article 2";
    const verdict = window.told && new Promise((done) =>
      document.addEventListener("ads:verdict", done, { once: true }));
    [...document.querySelectorAll("nav a")].find((a) => a.textContent == name).click();
    await Promise.all([settled(name), verdict]);
    if (window.told) window.told = [];
  }
}"""
MANY = 200
LIMITS = dict.fromkeys(("JSEventListeners", "Nodes", "Documents", "Frames"), FEW)
LIMITS["JSHeapUsedSize"] = KEPT


def growth(page: Page) -> Callable[[], dict[str, float]]:
    """Navigate 200 times; return what tells how much is left behind, in bytes and numbers."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def measured() -> dict[str, float]:
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        found = session.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in found if one["name"] in LIMITS}

    # What is built once is there after some.
    page.evaluate(NAVIGATE, [0, 20])
    before = measured()
    page.evaluate(NAVIGATE, [0, MANY])
    return lambda: {name: value - before[name] for name, value in measured().items()}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("blocked", [False, True], ids=["clear", "blocked"])
def test_many_navigations_leave_nothing_behind(
    open_page: OpenPage, net: Internet, tmp_path: Path, blocked: bool
) -> None:
    """Of 200 navigations no listener and no element is left, and no more memory than without us."""
    plain: dict[str, float] = {}
    for enabled in (False, True):
        paper = site(net, tmp_path, "vue", enabled=enabled, notice="none")
        if blocked:
            paper.cut_baits()
        page = open_page("none")
        if enabled:
            start(page)
        else:
            page.goto(URL)
        expect(page.get_by_role("button", name="Clicked 0")).to_be_visible()
        grown = growth(page)
        if not enabled:
            plain = grown()
            page.context.close()
    assert paper.counted("view") == MANY + 21
    # The last view may still be looking when it has its verdict.
    for _ in range(30):
        ours = grown()
        left = {name: ours[name] - plain[name] for name in ours}
        if all(left[name] <= limit for name, limit in LIMITS.items()):
            return
        page.wait_for_timeout(1000)
    pytest.fail(f"left behind by {MANY} navigations: {left}")
