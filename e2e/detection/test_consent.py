"""Each level of consent: the exact requests, cookies and storage entries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import EMPTY, URL, Paper, newspaper, one_page, verdict_of

CLEAN = CHROMIUM, FIREFOX = ("none", "none-firefox")
BLOCKED = (*CLEAN, "ublock-origin")
CONTROL, BAIT, REPORT, TEXTS, SCRIPT = "control", "bait", "report", "texts", "script"
TAG = '<script>document.addEventListener("ads:consent", ({ detail }) => detail("%s"));</script>'


def kinds(paper: Paper) -> list[str]:
    """Return the kinds of the detector's requests, in order; baits and controls alike."""
    out = []
    for request in paper.asked():
        name = request.path.partition("?")[0].rpartition("/")[2]
        if name == paper.names.report:
            out.append(REPORT)
        elif name == paper.names.texts:
            out.append(TEXTS)
        elif paper.names.script_of(name):
            out.append(SCRIPT)
        elif paper.names.is_bootstrap(name):
            out.append(CONTROL)
        else:
            out.append(BAIT)
    return out


def kept(page: Page) -> dict[str, Any]:
    """Return all cookies and storage entries of the site."""
    found: dict[str, Any] = page.evaluate(
        """() => ({
          local: Object.keys(localStorage), session: Object.keys(sessionStorage),
          script: document.cookie,
        })"""
    )
    found["cookies"] = [cookie["name"] for cookie in page.context.cookies()]
    return found


def met(paper: Paper, profile: str) -> Paper:
    """Block the baits (an emulation) if the browser has no blocker."""
    if profile != "ublock-origin":
        paper.cut_baits()
    return paper


NOTHING: dict[str, Any] = {"local": [], "session": [], "script": "", "cookies": []}


def visit(page: Page, paper: Paper, path: str = "") -> str:
    """Visit a page, wait for its verdict, leave it, and return the state."""
    page.goto(URL + path)
    state: str = verdict_of(page)["state"]
    paper.wait_until_quiet(page)
    return state


@pytest.mark.parametrize("profile", BLOCKED)
def test_off(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """At level off there is no tag, no request and nothing stored."""
    paper = met(newspaper(net, tmp_path, level="off"), profile)
    page = open_page(profile)
    page.goto(URL, wait_until="load")
    assert kinds(paper) == []
    assert kept(page) == NOTHING


@pytest.mark.parametrize("profile", BLOCKED)
def test_local(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """The page is probed, with the notice; nothing is reported, counted or kept until "Not now"."""
    paper = met(newspaper(net, tmp_path, level="local", from_view=5), profile)
    page = open_page(profile)
    assert visit(page, paper) == "blocked"
    button = page.get_by_role("button", name="Not now")
    expect(button).to_be_visible()
    assert kept(page) == NOTHING
    button.click()
    page.goto("about:blank")
    page.goto(URL + "town")
    assert verdict_of(page)["state"] == "blocked"
    paper.wait_until_quiet(page)
    assert kept(page) == {**NOTHING, "local": [paper.names.storage_key]}
    assert REPORT not in kinds(paper)
    assert set(kinds(paper)) == {SCRIPT, CONTROL, BAIT, TEXTS}
    assert paper.counted("view") == paper.counted("verdict", "blocked") == 0
    assert paper.counted("shown", "blocked") == paper.counted("dismissed", "blocked") == 0
    assert paper.counted("passed", "", "reason", "consent") == 2


@pytest.mark.parametrize("profile", CLEAN)
def test_stats_clear(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """Without a blocker there are five requests, and nothing is stored."""
    paper = newspaper(net, tmp_path)
    page = open_page(profile)
    assert visit(page, paper) == "clear"
    assert kept(page) == NOTHING
    page.goto("about:blank")
    paper.wait_for_report()
    assert kinds(paper) == [SCRIPT, CONTROL, BAIT, BAIT, REPORT]


@pytest.mark.parametrize("profile", BLOCKED)
def test_stats_blocked(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """One session entry says that the notice was shown, one says "Not now"; there is no cookie."""
    paper = met(newspaper(net, tmp_path, from_view=2), profile)
    page = open_page(profile)
    assert visit(page, paper) == "blocked"
    key = paper.names.storage_key
    # The count of blocked views, which "from the second view" requires.
    assert kept(page) == {**NOTHING, "local": [key]}
    assert visit(page, paper, "town") == "blocked"
    page.get_by_role("button", name="Not now").click()
    assert kept(page) == {**NOTHING, "local": [key], "session": [key]}
    paper.wait_for_report(4)
    assert set(kinds(paper)) == {SCRIPT, CONTROL, BAIT, TEXTS, REPORT}


@pytest.mark.parametrize("profile", BLOCKED)
def test_full(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """One more cookie, hidden from scripts, gives the server the state at the next page."""
    paper = met(newspaper(net, tmp_path, level="full"), profile)
    states = []

    @paper.app.before_request
    def note() -> None:
        from flask import g, request

        if request.path == "/town":
            states.append(g.ad_state)

    page = open_page(profile)
    assert visit(page, paper) == "blocked"
    paper.wait_for_report(2)
    name = "__Host-" + paper.names.word("state")
    page.wait_for_function("() => document.readyState === 'complete'")
    found = kept(page)
    assert (found["cookies"], found["script"]) == ([name], "")
    (cookie,) = page.context.cookies()
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
    assert visit(page, paper, "town") == "blocked"
    assert states == ["blocked"]


@pytest.mark.parametrize("profile", BLOCKED)
@pytest.mark.parametrize("gpc", ["stats", "local"])
def test_global_privacy_control(
    open_page: OpenPage, net: Internet, tmp_path: Path, gpc: str, profile: str
) -> None:
    """Visitors with the signal get no cookie; the owner may choose not to count them at all."""
    paper = met(newspaper(net, tmp_path, level="full", gpc=gpc), profile)
    page = open_page(profile, extra_http_headers={"Sec-GPC": "1"})
    assert visit(page, paper) == "blocked"
    expect(page.get_by_role("button", name="Not now")).to_be_visible()
    if gpc == "stats":
        paper.wait_for_report(2)
    assert (REPORT in kinds(paper)) == (gpc == "stats")
    assert page.context.cookies() == []
    assert paper.counted("view") == int(gpc == "stats")
    assert paper.counted("passed", "", "reason", "consent") == int(gpc == "local")


@pytest.mark.parametrize(
    ("answer", "profile"),
    [
        *((answer, CHROMIUM) for answer in ("granted", "denied", "unknown", None)),
        *((answer, FIREFOX) for answer in ("granted", "denied")),
    ],
)
def test_page_is_asked(
    open_page: OpenPage, net: Internet, tmp_path: Path, answer: str | None, profile: str
) -> None:
    """Only a page with "granted" is counted; no value means no consent."""
    html = EMPTY.replace("</body>", (TAG % answer if answer else "") + "</body>")
    paper = one_page(net, tmp_path, html, consent="page")
    page = open_page(profile)
    assert visit(page, paper) == "clear"
    page.goto("about:blank")
    granted = answer == "granted"
    net.wait_for(lambda _: kinds(paper).count(BAIT) >= 2)
    if granted:
        paper.wait_for_report()
    assert (REPORT in kinds(paper)) == granted
    assert paper.counted("view") == int(granted)
    assert paper.counted("passed", "", "reason", "consent") == int(not granted)


TCF = """<script>window.__tcfapi = (command, version, told) => {
  told({ eventStatus: "%s", gdprApplies: true, purpose: { consents: { 1: %s } } }, true);
};</script>"""


@pytest.mark.parametrize(
    ("status", "purpose", "granted", "profile"),
    [
        ("tcloaded", "true", True, CHROMIUM),
        ("useractioncomplete", "true", True, CHROMIUM),
        ("tcloaded", "false", False, CHROMIUM),
        ("cmpuishown", "true", False, CHROMIUM),
        ("tcloaded", "true", True, FIREFOX),
    ],
)
def test_consent_tool_is_asked(
    open_page: OpenPage,
    net: Internet,
    tmp_path: Path,
    status: str,
    purpose: str,
    granted: bool,
    profile: str,
) -> None:
    """Purpose 1 of the IAB's framework decides; while the tool is asking, there is no consent."""
    html = EMPTY.replace("<title>", TCF % (status, purpose) + "<title>")
    paper = one_page(net, tmp_path, html, consent="tcf")
    page = open_page(profile)
    assert visit(page, paper) == "clear"
    assert paper.counted("view") == int(granted)
    assert paper.counted("passed", "", "reason", "consent") == int(not granted)


def test_no_consent_tool(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """A page without its configured consent tool is local."""
    paper = one_page(net, tmp_path, consent="tcf")
    assert visit(open_page(CHROMIUM), paper) == "clear"
    assert paper.counted("passed", "", "reason", "consent") == 1


@pytest.mark.parametrize(
    ("signal", "profile"),
    [
        ("globalPrivacyControl = true", CHROMIUM),
        ("globalPrivacyControl = true", FIREFOX),
        ("doNotTrack = '1'", CHROMIUM),
    ],
)
@pytest.mark.parametrize("gpc", ["stats", "local"])
def test_no_verdict_is_kept_where_signals_mean_local(
    open_page: OpenPage, net: Internet, tmp_path: Path, signal: str, gpc: str, profile: str
) -> None:
    """A verdict of clear is kept in the session only with consent to storage."""
    newspaper(net, tmp_path, reuse_minutes=5, gpc=gpc)
    page = open_page(profile)
    name, _, value = signal.partition(" = ")
    page.add_init_script(f"Object.defineProperty(navigator, '{name}', {{ value: {value} }});")
    page.goto(URL)
    assert verdict_of(page)["state"] == "clear"
    assert page.evaluate("() => sessionStorage.length") == int(gpc == "stats")
