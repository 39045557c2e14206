"""Verdicts of page views: right under every blocker, and never blocked without one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, redirect
from playwright.sync_api import Page

from detector.testing.adhosts import HARMLESS_HOST
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import (
    AD_HOSTS,
    EMPTY,
    URL,
    Paper,
    newspaper,
    one_page,
    refuse_baits,
    state_on,
    verdict_of,
    verdict_on,
    watch_console,
)

CLEAN = ["none", "none-firefox"]
# A page whose ads fail, and whose other third-party script answers when the test lets it.
ADS_AND_OTHER = EMPTY.replace(
    "</head>",
    "".join(
        f'<script async src="https://{host}/x.js"></script>'
        for host in ("pagead2.googlesyndication.com", HARMLESS_HOST)
    )
    + "</head>",
)
# What snippets of tools for A/B tests do until their rules have come.
HIDDEN_AT_FIRST = EMPTY.replace(
    '<meta charset="utf-8">',
    '<meta charset="utf-8"><style id="early">html{display:none}</style>'
    "<script>setTimeout(() => early.remove(), 4000)</script>",
)
ALL = [*CLEAN, "ublock-origin"]


@pytest.fixture
def paper(net: Internet, tmp_path: Path) -> Paper:
    """Return the demo newspaper."""
    return newspaper(net, tmp_path)


@pytest.mark.parametrize("profile", CLEAN)
def test_clear(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """Without a blocker: clear, no notice, five requests and no message."""
    paper = newspaper(net, tmp_path, early_ads=True)
    page = open_page(profile)
    messages = watch_console(page)
    page.goto(URL)
    found = verdict_of(page)
    assert (found["state"], found["kind"]) == ("clear", None)
    assert found["signals"] == {"requests": "clear", "elements": "clear", "ads": "clear"}
    page.goto("about:blank")
    paper.wait_for_report()
    kinds = [request.path.rpartition("?")[0] or request.path for request in paper.asked()]
    assert len(kinds) == 5, kinds
    assert not paper.script_seen("followup") and not paper.script_seen("notice")
    assert paper.counted("view") == 1
    assert paper.counted("verdict", "clear") == 1
    assert messages == []


@pytest.mark.parametrize("profile", CLEAN)
def test_nothing_is_left_on_a_clear_page(open_page: OpenPage, paper: Paper, profile: str) -> None:
    """Baits are removed with the verdict; no cookie, storage entry or global remains."""
    page = open_page(profile)
    page.goto(f"{URL}town")
    before = page.evaluate("() => Object.keys(window).length")
    verdict_of(page)
    assert page.evaluate("() => [...document.documentElement.children].map((e) => e.tagName)") == [
        "HEAD",
        "BODY",
    ]
    assert page.evaluate("() => [localStorage.length, sessionStorage.length, document.cookie]") == [
        0,
        0,
        "",
    ]
    assert page.evaluate("() => Object.keys(window).length") <= before + 2
    assert page.context.cookies() == []


def test_blocked_by_ublock_origin(open_page: OpenPage, paper: Paper) -> None:
    """The real uBlock Origin: blocked, by an extension; whichever family sees it first decides."""
    page = open_page("ublock-origin")
    messages = watch_console(page)
    page.goto(URL)
    found = verdict_of(page)
    assert (found["state"], found["kind"]) == ("blocked", "extension")
    seen = tuple(found["signals"][family] for family in ("requests", "elements"))
    # The last: on a busy machine elements may be hidden only after all looks at them, about 300 ms.
    assert seen in (
        ("unknown", "blocked"),
        ("blocked", "unknown"),
        ("blocked", "blocked"),
        ("blocked", "clear"),
    )
    paper.wait_for_report()
    assert paper.counted("verdict", "blocked", "kind", "extension") == 1
    assert messages == []


@pytest.mark.parametrize("profile", CLEAN)
def test_requests_alone(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """A blocker that only blocks requests is found: over https an extension, over http no kind."""
    paper = one_page(net, tmp_path)
    page = open_page(profile)
    refuse_baits(page, paper)
    for url, kind in ((URL, "extension"), (URL.replace("https", "http"), None)):
        page.goto(url)
        found = verdict_of(page)
        assert (found["state"], found["kind"]) == ("blocked", kind)
        assert found["signals"]["requests"] == "blocked"
        assert found["signals"]["ads"] == "unknown"
    # The kind depends on the elements there, so they were looked at to the end.
    assert found["signals"]["elements"] == "clear"


@pytest.mark.parametrize("profile", CLEAN)
def test_elements_alone(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """A blocker that only hides elements is found, on a page without ads: an extension."""
    one_page(net, tmp_path)
    page = open_page(profile)
    # An author's important rule loses against the detector's, as it must; this emulates a user's.
    page.add_init_script(
        """new MutationObserver(() => {
          for (const one of document.querySelectorAll("html > div > [class]")) {
            if (!/^[bcfghjkmnpqrvwxz]{8}$/.test(one.className))
              one.style.setProperty("display", "none", "important");
          }
        }).observe(document, { childList: true, subtree: true })"""
    )
    page.goto(URL)
    found = verdict_of(page)
    assert (found["state"], found["kind"]) == ("blocked", "extension")
    assert found["signals"]["elements"] == "blocked"
    assert found["signals"]["requests"] in ("clear", "unknown")


@pytest.mark.parametrize("profile", CLEAN)
def test_page_that_hides_itself_at_first(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """Elements are looked at once the page shows, as it does when a tool for A/B tests is done."""
    page = open_page(profile)
    one_page(net, tmp_path, HIDDEN_AT_FIRST)
    page.goto(URL)
    assert not page.evaluate("() => document.documentElement.checkVisibility()")
    found = verdict_of(page)
    assert (found["state"], found["signals"]["elements"]) == ("clear", "clear")
    assert found["ms"] > 3000


def test_page_that_stays_hidden(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """A page that never shows is given up within its view's time: unknown."""
    page = open_page("none")
    one_page(net, tmp_path, HIDDEN_AT_FIRST.replace("4000", "60000"))
    page.goto(URL)
    found = verdict_of(page)
    assert (found["state"], found["signals"]["elements"]) == ("unknown", "unknown")
    assert found["ms"] < 12_000
    assert page.evaluate("() => document.documentElement.children.length") == 2


@pytest.mark.parametrize("profile", CLEAN)
def test_elements_hidden_late(open_page: OpenPage, paper: Paper, profile: str) -> None:
    """A second look tells the kind of a blocker that hides only after its requests failed."""
    page = open_page(profile)
    refuse_baits(page, paper)
    # An emulation: nothing is hidden before the second script, which looks again, was loaded.
    page.add_init_script(
        """const boxes = new Set();
        new MutationObserver(() => {
          const all = document.querySelectorAll("html > div > [class]");
          // The first look's box may still be there when the second look begins.
          for (const one of all) boxes.add(one.parentNode);
          if (boxes.size < 2) return;
          for (const one of all)
            if (!/^[bcfghjkmnpqrvwxz]{8}$/.test(one.className))
              one.style.setProperty("display", "none", "important");
        }).observe(document, { childList: true, subtree: true })"""
    )
    page.goto(URL.replace("https", "http"))
    found = verdict_of(page)
    assert (found["state"], found["kind"]) == ("blocked", "extension")
    assert found["signals"]["elements"] == "blocked"


def test_allowed_site_is_clear(
    open_page: OpenPage, paper: Paper, allow_site: Callable[[Page], None]
) -> None:
    """With uBlock Origin switched off for the site: clear."""
    page = open_page("ublock-origin")
    assert state_on(page) == "blocked"
    allow_site(page)
    assert state_on(page) == "clear"


@pytest.mark.parametrize("profile", CLEAN)
def test_third_parties_down(open_page: OpenPage, paper: Paper, net: Internet, profile: str) -> None:
    """With all third-party hosts down the verdict is unknown, never blocked."""
    net.third_parties_down()
    assert state_on(open_page(profile)) == "unknown"
    assert not paper.script_seen("notice")


@pytest.mark.parametrize("profile", CLEAN)
@pytest.mark.parametrize(
    ("status", "state"), [(500, "unknown"), (200, "unreachable")], ids=["fails too", "arrives"]
)
def test_ads_fail_first(
    open_page: OpenPage, net: Internet, tmp_path: Path, status: int, state: str, profile: str
) -> None:
    """If ads fail before any other third party has answered, the others are awaited."""
    net.dead(AD_HOSTS)
    answer = net.hold(HARMLESS_HOST, status)
    paper = one_page(net, tmp_path, ADS_AND_OTHER)
    page = open_page(profile)
    page.goto(URL, wait_until="commit")
    paper.wait_for_baits(2)
    page.wait_for_function("!document.querySelector('html > div')")
    answer()
    assert verdict_of(page)["state"] == state


def test_ads_fail_and_nothing_else_answers(
    open_page: OpenPage, net: Internet, tmp_path: Path
) -> None:
    """A hanging third party is not awaited for long: the ads did fail."""
    net.dead(AD_HOSTS)
    net.hold(HARMLESS_HOST, 200)
    one_page(net, tmp_path, ADS_AND_OTHER)
    page = open_page("none")
    page.goto(URL, wait_until="commit")
    assert verdict_of(page)["state"] == "unreachable"


@pytest.mark.parametrize("profile", CLEAN)
def test_ad_hosts_do_not_resolve(
    open_page: OpenPage, paper: Paper, net: Internet, profile: str
) -> None:
    """With only the ad hosts gone, as under a DNS blocker: unreachable, and no notice."""
    net.dead(AD_HOSTS)
    page = open_page(profile)
    found = verdict_on(page)
    assert (found["state"], found["kind"]) == ("unreachable", "network")
    paper.report_of(page)
    assert paper.counted("verdict", "unreachable", "kind", "network") == 1
    assert not paper.script_seen("notice")


@pytest.mark.parametrize("profile", CLEAN)
def test_ad_hosts_fail_late(open_page: OpenPage, paper: Paper, net: Internet, profile: str) -> None:
    """An ad host that fails after the verdict changes it once, before the report."""
    fail = net.hold(AD_HOSTS, 500)
    page = open_page(profile)
    page.goto(URL, wait_until="commit")
    assert verdict_of(page)["state"] == "clear"
    fail()
    page.wait_for_load_state("load")
    page.goto("about:blank")
    paper.wait_for_report()
    assert paper.counted("verdict", "unreachable") == 1
    assert paper.counted("verdict", "clear") == 0


@pytest.mark.parametrize("profile", CLEAN)
def test_ad_hosts_are_slow(open_page: OpenPage, paper: Paper, net: Internet, profile: str) -> None:
    """Slow ads are not blocked ads."""
    net.slow(AD_HOSTS, 3)
    page = open_page(profile)
    page.goto(URL, wait_until="commit")
    assert verdict_of(page)["state"] == "clear"


@pytest.mark.parametrize("profile", ALL)
def test_page_without_ads(open_page: OpenPage, net: Internet, tmp_path: Path, profile: str) -> None:
    """A page without any ad is judged by its baits alone."""
    one_page(net, tmp_path)
    page = open_page(profile)
    page.goto(URL)
    wanted = "blocked" if profile == "ublock-origin" else "clear"
    assert verdict_of(page)["state"] == wanted


@pytest.mark.parametrize("profile", CLEAN)
def test_own_css_hides_everything_that_lists_hide(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """A site whose own style sheet hides the day's bait classes causes no false verdict."""
    paper = one_page(net, tmp_path)
    rule = (
        ",".join(f".{name}" for name in paper.choice().elements)
        + "{display:none!important;height:0!important}"
    )
    html = f"<!doctype html><title>x</title><style>{rule}</style><p>x"
    paper.app.view_functions["home"] = lambda: html
    assert state_on(open_page(profile)) == "clear"


@pytest.mark.parametrize("profile", CLEAN)
@pytest.mark.parametrize("status", [403, 404, 500])
def test_server_that_refuses_baits(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str, status: int
) -> None:
    """A front server that swallows the baits' paths is not a blocker: the page cannot see where."""
    paper = one_page(net, tmp_path)
    paper.refuse_baits(f"{status} No")
    found = verdict_on(open_page(profile))
    assert (found["state"], found["kind"]) == ("unreachable", "network")


@pytest.mark.parametrize("profile", CLEAN)
def test_offline_after_the_page(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """If no response of the detector arrives: unknown."""
    paper = one_page(net, tmp_path)
    portal = b"<html>captive portal</html>"
    paper.answer_before(lambda path: path.endswith(".json"), "502 Gone", body=portal)
    page = open_page(profile)
    messages = watch_console(page)
    page.goto(URL)
    assert verdict_of(page) | {"ms": 0} == {
        "state": "unknown",
        "kind": None,
        "signals": {},
        "ms": 0,
    }
    assert not [text for text in messages if "502" not in text]


def test_robots_are_neither_asked_nor_counted(
    open_page: OpenPage, net: Internet, tmp_path: Path
) -> None:
    """An automated browser gets no verdict, no bait and no notice, and is not counted."""
    paper = newspaper(net, tmp_path, treat_bots_as_people=False)
    page = open_page("none")
    page.goto(URL)
    net.wait_for(lambda request: request.path.partition("?")[0].endswith(".json"))
    paper.wait_until_quiet(page)
    page.goto("about:blank")
    assert [r.path.partition("?")[0].rpartition(".")[2] for r in paper.asked()] == ["js", "json"]
    assert paper.counted("view") == 0


@pytest.mark.parametrize("profile", CLEAN)
def test_log_in_hook_is_not_asked(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """A site that sends every request to its log-in page still gets its verdict."""

    def setup(app: Flask) -> None:
        app.before_request(lambda: None if _is_home() else redirect("/"))

    one_page(net, tmp_path, setup=setup)
    assert state_on(open_page(profile)) == "clear"


def _is_home() -> bool:
    from flask import request

    return request.path == "/"


@pytest.mark.parametrize("profile", CLEAN)
def test_check_again_on_demand(open_page: OpenPage, paper: Paper, profile: str) -> None:
    """A page may request another look; it is not another view."""
    page = open_page(profile)
    page.goto(URL)
    verdict_of(page)
    again = page.evaluate(
        """() => new Promise((told) => {
          document.addEventListener("ads:verdict", (event) => told(event.detail.state));
          document.dispatchEvent(new CustomEvent("ads:check"));
        })"""
    )
    assert again == "clear"
    assert paper.counted("view") == 1


def test_slots_that_no_browser_can_read(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """An invalid selector of the owner disables only its own signal."""
    newspaper(net, tmp_path, slots=".ad:::first[")
    page = open_page("ublock-origin")
    page.goto(URL)
    found = verdict_of(page)
    assert (found["state"], found["kind"]) == ("blocked", "extension")
    assert found["signals"]["slots"] == "unknown"
