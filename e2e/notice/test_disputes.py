""" "I block no ads": one click shows what was seen, is counted once, and ends the asking."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from detector.core.notice.payload import payload
from detector.core.texts import catalog
from detector.core.texts.negotiation import direction
from detector.notice_preview.cases import DIRECTIONS, MODES, THEMES, WIDTHS
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from detector.testing.messages import Request
from e2e.support.axe import violations
from e2e.support.clobbered import NAMES, SHAPES
from e2e.support.measuring import measure, no_sideways_scroll
from e2e.support.newspaper import (
    LIBRARY_HOSTS,
    URL,
    Paper,
    newspaper,
    one_page,
    refuse_baits,
    verdict_of,
    watch_console,
)
from e2e.support.stage import SetStage, Stage
from tests.support.root import ROOT

OUT = ROOT / ".cache" / "looks"
WORDS = catalog.words("en", "newspaper")
AGAIN: dict[str, Any] = {"from_view": 1, "once_a_session": False}
"""A site that would ask on every page."""


def dispute(page: Page) -> Locator:
    """Open the steps, click, and return what the card shows then."""
    page.get_by_role("button", name=WORDS["how"]).click()
    page.get_by_role("button", name=WORDS["disputed"]).click()
    card = page.locator(".card")
    expect(card.get_by_role("status")).to_have_text(WORDS["saw_thanks"])
    return card


def quiet_on(page: Page, paper: Paper, path: str) -> None:
    """Visit one more page of the session: a verdict of blocked, and no notice."""
    paper.net.clear_log()
    page.goto(URL + path)
    assert verdict_of(page)["state"] == "blocked"
    paper.wait_until_quiet(page)
    assert not any(paper.script_seen(name) for name in ("notice", "plus", "own"))
    expect(page.locator(".card")).to_have_count(0)


def test_with_ublock_origin(ublock_page: Page, net: Internet, tmp_path: Path) -> None:
    """In Firefox with the real uBlock Origin the signals are named, counted, and it stays quiet."""
    paper = newspaper(net, tmp_path, **AGAIN)
    ublock_page.goto(URL)
    signals = verdict_of(ublock_page)["signals"]
    seen = [name for name in ("requests", "elements", "ads", "slots") if signals[name] == "blocked"]
    assert seen
    card = dispute(ublock_page)
    assert card.get_by_role("listitem").all_inner_texts() == [WORDS[f"saw_{n}"] for n in seen]
    expect(card.get_by_text(WORDS["saw_counted"])).to_be_visible()
    ublock_page.screenshot(path=OUT / "disputed-ublock-origin.png")
    # The verdict, shown, steps and disputed.
    paper.wait_for_report(4)
    assert paper.counted("disputed") == paper.counted("shown", "blocked") == 1
    assert paper.counted("disputed", "", "browser", "firefox") == 1
    assert paper.counted("disputed", "", "signals", " ".join(seen)) == 1
    card.get_by_role("button", name="Close").click()
    expect(card).to_have_count(0)
    # It is no "Not now": no days of quiet are kept, only a word for this session.
    assert ublock_page.evaluate("() => Object.values(sessionStorage)") == ["q"]
    assert ublock_page.evaluate("() => localStorage.length") == 0
    quiet_on(ublock_page, paper, "town")
    quiet_on(ublock_page, paper, "harbour")
    assert paper.counted("dismissed", "blocked") == 0
    assert paper.counted("shown", "blocked") == 1


@pytest.mark.parametrize("profile", ["none", "none-firefox"])
def test_behind_a_keyword_proxy(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """Where a network cuts baits and ads (an emulation), the dispute says so: no elements."""
    paper = newspaper(net, tmp_path, **AGAIN)
    paper.cut_baits()
    page = open_page(profile)
    page.goto(URL)
    verdict = verdict_of(page)
    assert verdict["state"] == "blocked"
    seen = [name for name, signal in verdict["signals"].items() if signal == "blocked"]
    assert seen[:2] == ["requests", "ads"]
    card = dispute(page)
    expect(card.get_by_text(WORDS["saw_requests"])).to_be_visible()
    expect(card.get_by_text(WORDS["saw_elements"])).to_have_count(0)
    paper.wait_for_report(4)
    assert paper.counted("disputed", "", "signals", " ".join(seen)) == 1
    quiet_on(page, paper, "town")


def test_ads_that_fail_late(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """Ads that fail after two rules of baits have settled the state are named too."""
    paper = newspaper(net, tmp_path, **AGAIN)
    paper.cut_baits()

    def later(_: Request) -> bool:
        return bool(net.wait_for(lambda _: paper.script_seen("followup")))

    for host in LIBRARY_HOSTS:
        net.cut(host, later)
    page = open_page("none")
    page.goto(URL)
    assert verdict_of(page)["signals"]["ads"] == "blocked"
    dispute(page)
    expect(page.get_by_text(WORDS["saw_ads"])).to_be_visible()


def test_nothing_leaves_without_consent(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """At level local the panel says that nothing is counted, and nothing is sent."""
    paper = newspaper(net, tmp_path, level="local")
    page = open_page("none")
    refuse_baits(page, paper)
    page.goto(URL)
    card = dispute(page)
    expect(card.get_by_text(WORDS["saw_local"])).to_be_visible()
    expect(card.get_by_text(WORDS["saw_counted"])).to_have_count(0)
    paper.wait_until_quiet(page)
    assert paper.reports() == []
    quiet_on(page, paper, "town")
    assert paper.counted("disputed") == 0


def test_hard_wall_lets_in(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """Whoever is locked out wrongly gets in, and so does everybody for this session who says so."""
    paper = newspaper(net, tmp_path, notice="hard-wall", **AGAIN)
    page = open_page("none")
    refuse_baits(page, paper)
    page.goto(URL)
    expect(page.get_by_role("button", name="Close")).to_have_count(0)
    dispute(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    quiet_on(page, paper, "town")


def test_storage_that_throws(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """Without storage the panel opens all the same, without an error."""
    paper = newspaper(net, tmp_path, **AGAIN)
    page = open_page("none")
    page.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"])
          Object.defineProperty(window, name, { get() { throw new DOMException("no"); } });"""
    )
    refuse_baits(page, paper)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(URL)
    dispute(page)
    assert errors == []


def test_a_second_try(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """Where the panel's texts do not arrive nothing happens, and the next click works."""
    paper = newspaper(net, tmp_path, **AGAIN)
    page = open_page("none")
    refuse_baits(page, paper)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("**/*&d=1", lambda route: route.abort(), times=1)
    page.goto(URL)
    page.get_by_role("button", name=WORDS["how"]).click()
    with page.expect_event("requestfailed", lambda request: request.url.endswith("&d=1")):
        page.get_by_role("button", name=WORDS["disputed"]).click()
    expect(page.get_by_role("button", name=WORDS["disputed"])).to_be_visible()
    page.get_by_role("button", name=WORDS["disputed"]).click()
    expect(page.get_by_role("status")).to_have_text(WORDS["saw_thanks"])
    assert errors == []


POLICY = (
    "require-trusted-types-for 'script'; trusted-types ads; "
    "script-src 'nonce-abc' 'strict-dynamic'; style-src 'none'; object-src 'none'; base-uri 'none'"
)


def test_strict_policy(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """The panel is loaded and laid out under nonces, Trusted Types and no styles, in silence."""
    paper = one_page(net, tmp_path, headers={"Content-Security-Policy": POLICY})
    page = open_page("none")
    refuse_baits(page, paper)
    messages = watch_console(page)
    page.goto(URL)
    card = dispute(page)
    expect(card.get_by_role("list")).to_have_css("margin", "0px")
    assert [text for text in messages if "ERR_FAILED" not in text] == []


COMMENT = """<div class="card" role="region" aria-label="Adblock Detected">
<button class="button quiet wrong" part="button quiet wrong">I block no ads</button></div>"""


@pytest.mark.parametrize("shape", SHAPES)
def test_comments_of_visitors(
    open_page: OpenPage, net: Internet, tmp_path: Path, shape: str
) -> None:
    """Content with names that shadow the scripts', or a copy of the button, disputes nothing."""
    html = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>
    <link rel="icon" href="data:,"></head><body><h1>Page</h1>%s<div hidden>%s</div></body></html>"""
    content = html % (COMMENT, "".join(map(SHAPES[shape], NAMES)))
    paper = one_page(net, tmp_path, content, once_a_session=False)
    page = open_page("none")
    refuse_baits(page, paper)
    page.goto(URL)
    # Roles cannot be asked for here: forms like these break Playwright's own script.
    ours = page.locator(".strong:visible")
    expect(ours).to_be_visible()
    page.locator(".wrong").first.click()
    paper.wait_for_report(2)
    assert paper.counted("disputed") == 0
    ours.click()
    page.locator(".wrong").last.click()
    expect(page.locator(".status")).to_have_text(WORDS["saw_thanks"])
    paper.wait_for_report(4)
    assert paper.counted("disputed") == 1


def test_many_clicks_count_once(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """A page's own script that clicks the button a hundred times makes one dispute of a view."""
    paper = newspaper(net, tmp_path, **AGAIN)
    page = open_page("none")
    refuse_baits(page, paper)
    page.goto(URL)
    page.locator(".card .strong:visible").click()
    page.locator(".wrong").evaluate("(it) => { for (let n = 0; n < 100; n++) it.click(); }")
    expect(page.get_by_role("status")).to_have_text(WORDS["saw_thanks"])
    paper.wait_for_report(4)
    assert paper.counted("disputed") == 1
    assert paper.counted("refused", dimension="reason", value="repeat") == 0


def open_panel(stage: Stage, mode: str, **case: Any) -> Locator:
    """Show one case of the gallery, and click."""
    language = {"ltr": "en", "rtl": "ar"}[case.get("way", "ltr")]
    card = stage.show(mode, opened=True, language=language, **case)
    card.locator(".wrong").click()
    expect(card.locator(".status")).to_have_text(catalog.words(language, "newspaper")["saw_thanks"])
    return card


@pytest.mark.parametrize("mode", MODES)
def test_every_case_looks_right(stage: Stage, mode: str) -> None:
    """In each mode, theme, direction and width it is complete, readable, and axe finds nothing."""
    for theme in THEMES:
        for way in DIRECTIONS:
            for width, (wide, high) in WIDTHS.items():
                card = open_panel(stage, mode, theme=theme, way=way, width=width)
                box = card.bounding_box()
                assert box and box["x"] >= 0 and box["x"] + box["width"] <= wide
                assert mode == "slot" or (box["y"] >= 0 and box["y"] + box["height"] <= high)
                found = measure(stage.page, ".card")
                assert found["contrast"] >= 4.5, found
                assert (found["cut"], found["under"]) == ([], [])
                expect(card).to_have_css("direction", way)
                no_sideways_scroll(stage.page)
                assert violations(stage.page) == []
                if mode in ("corner", "bottom-bar"):
                    stage.page.screenshot(path=OUT / f"disputed-{mode}-{theme}-{way}-{width}.png")


@pytest.mark.parametrize("mode", MODES)
def test_by_keys_and_for_screen_readers(stage: Stage, mode: str) -> None:
    """Keys alone reach it; the focus moves to the heading, the thanks are told, and keys close."""
    stage.show(mode)
    stage.tab_to("strong")
    stage.page.keyboard.press("Enter")
    stage.tab_to("quiet wrong")
    stage.page.keyboard.press("Enter")
    status = stage.card.get_by_role("status")
    expect(status).to_have_text(WORDS["saw_thanks"])
    assert stage.focused() == "title"
    expect(stage.card).to_have_attribute("aria-label", WORDS["saw_title"])
    expect(stage.card.get_by_role("heading", level=2)).to_have_text(WORDS["saw_title"])
    expect(stage.card.get_by_role("listitem")).to_have_count(4)
    stage.tab_to("close")
    stage.page.keyboard.press("Enter")
    expect(stage.card).to_have_count(0)
    assert stage.said() == ["shown", "steps", "disputed"]


def test_forced_colors_and_large_button(set_stage: SetStage) -> None:
    """The button is 44 pixels high, underlined, and stays so in forced colours."""
    stage = set_stage(context={"forced_colors": "active"})
    card = stage.show("corner", opened=True)
    button = card.locator(".wrong")
    expect(button).to_have_css("text-decoration-line", "underline")
    box = button.bounding_box()
    assert box and box["height"] >= 44
    open_panel(stage, "corner")
    assert violations(stage.page) == []


def test_message_that_asks_for_nothing(stage: Stage) -> None:
    """Where ads do not arrive nobody is asked, and so there is nothing to dispute."""
    card = stage.show("away")
    expect(card.locator(".wrong")).to_be_hidden()


@pytest.mark.parametrize("language", ["ar", "el", "th"])
def test_in_other_languages(stage: Stage, language: str) -> None:
    """Every text of the panel is in the notice's language."""
    card = stage.show("corner", opened=True, language=language)
    texts = payload("corner", language)["text"]
    card.get_by_role("button", name=texts["disputed"]).click()
    words = catalog.words(language, "newspaper")
    for name in ("title", "requests", "elements", "ads", "slots", "why", "counted", "thanks"):
        expect(card.get_by_text(words[f"saw_{name}"])).to_be_visible()
    expect(card).to_have_attribute("dir", direction(language))


TEMPLATE = """<template id="ours" class="mine"><h2 data-part="title"></h2>
<p data-part="body"></p><button data-part="how"></button><div data-part="steps"></div>
<p data-part="status"></p></template>"""


def test_in_a_template_of_the_owner(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """An owner's own card has the button in its steps, and the panel in its place."""
    html = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>
    <link rel="icon" href="data:,"></head><body><h1>Page</h1>{TEMPLATE}</body></html>"""
    paper = one_page(net, tmp_path, html, template="#ours")
    page = open_page("none")
    refuse_baits(page, paper)
    page.goto(URL)
    page.get_by_role("button", name=WORDS["how"]).click()
    page.get_by_role("button", name=WORDS["disputed"]).click()
    card = page.get_by_role("region", name=WORDS["saw_title"])
    expect(card.get_by_role("status")).to_have_text(WORDS["saw_thanks"])
    card.get_by_role("button", name="Close").click()
    expect(card).to_have_count(0)
