"""Every mode of the notice on a visitor's page; its appearance is tested elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

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
    verdict_of,
)

TITLE = "Adblock Detected"
SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""
PLACE = """<!doctype html><html lang="en"><head><title>Page</title><link rel="icon" href="data:,">
</head><body><h1>Page</h1><div id="around" style="height: {height}px; width: {width}px">
<p style="margin: 0; font-size: 12px">Advertisement</p><ins class="adsbygoogle"></ins></div>
<p id="below">Text</p></body></html>"""


@pytest.fixture
def tab(open_page: OpenPage) -> Page:
    """Return a page in Chromium."""
    return open_page("none")


def blocked(page: Page, paper: Paper, path: str = "") -> dict[str, Any]:
    """Visit a page whose baits are blocked (an emulation), and wait for its verdict."""
    refuse_baits(page, paper)
    page.goto(URL + path)
    found = verdict_of(page)
    assert found["state"] == "blocked"
    return found


def region(page: Page) -> Locator:
    """Find a notice that is not a dialog."""
    return page.get_by_role("region", name=TITLE)


@pytest.mark.parametrize(
    ("mode", "size", "most"),
    [
        ("bottom-bar", (1280, 800), 0.3),
        ("bottom-bar", (375, 667), 0.25),
        ("top-bar", (1280, 800), 0.3),
        ("top-bar", (375, 667), 0.25),
    ],
)
def test_bars(
    tab: Page, net: Internet, tmp_path: Path, mode: str, size: tuple[int, int], most: float
) -> None:
    """A bar has the window's width, is at its edge, and uses a small part of its height."""
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    blocked(tab, newspaper(net, tmp_path, notice=mode))
    expect(region(tab)).to_be_in_viewport(ratio=1)
    # It slides in.
    edge = "top === 0" if mode == "top-bar" else "bottom === innerHeight"
    region(tab).evaluate("(bar) => Promise.all(bar.getAnimations().map((one) => one.finished))")
    assert region(tab).evaluate(f"(bar) => bar.getBoundingClientRect().{edge}")
    box = region(tab).bounding_box()
    assert box and box["width"] == size[0] and box["height"] <= most * size[1]
    # Before the click: where a frame comes late, what it opens would count as a shift.
    assert tab.evaluate(SHIFTS) == 0
    region(tab).get_by_role("button", name="How to allow ads").click()
    expect(region(tab).get_by_text("To allow them here")).to_be_in_viewport()
    expect(region(tab).get_by_role("button", name="I have allowed ads")).to_be_in_viewport()


@pytest.mark.parametrize("mode", ["corner", "modal", "soft-wall", "hard-wall"])
def test_nothing_moves(tab: Page, net: Internet, tmp_path: Path, mode: str) -> None:
    """The page does not shift when a card or dialog appears; a shift would be detected."""
    blocked(tab, newspaper(net, tmp_path, notice=mode, links={"donate": "/donate"}))
    expect(tab.locator(".card")).to_be_in_viewport(ratio=1)
    assert tab.evaluate(SHIFTS) == 0
    tab.evaluate("() => { document.body.style.paddingTop = '200px'; }")
    tab.wait_for_function(f"async () => (await ({SHIFTS})()) > 0")


def test_soft_wall(tab: Page, net: Internet, tmp_path: Path) -> None:
    """A dialog over the page that can be closed; the configured elements behind it are blurred."""
    blocked(tab, newspaper(net, tmp_path, notice="soft-wall", blur="main"))
    dialog = tab.get_by_role("dialog", name=TITLE)
    expect(dialog).to_be_in_viewport(ratio=1)
    blur = "() => getComputedStyle(document.querySelector('main')).filter"
    assert tab.evaluate(blur) == "blur(7px)"
    dialog.get_by_role("button", name="Continue without allowing ads").click()
    expect(dialog).to_have_count(0)
    assert tab.evaluate(blur) == "none"
    assert tab.evaluate("() => document.adoptedStyleSheets.length") == 0


def test_hard_wall(tab: Page, net: Internet, tmp_path: Path) -> None:
    """It ignores Escape; only the owner's links and the steps lead on."""
    paper = newspaper(net, tmp_path, notice="hard-wall", links={"subscribe": "/subscribe"})
    blocked(tab, paper)
    dialog = tab.get_by_role("dialog", name=TITLE)
    expect(dialog).to_be_in_viewport(ratio=1)
    # A second look with other baits was first.
    assert len([r for r in paper.asked() if ".json?v=" in r.path]) == 2
    for _ in range(3):
        tab.keyboard.press("Escape")
        expect(dialog).to_be_in_viewport(ratio=1)
    assert dialog.get_by_role("button").all_inner_texts() == [
        "How to allow ads",
        "I have allowed ads",
    ]
    expect(dialog.get_by_role("link", name="Subscribe")).to_have_attribute("href", "/subscribe")


@pytest.mark.parametrize("mode", ["hard-wall", "redirect"])
def test_hidden_elements_alone_raise_no_wall(
    open_page: OpenPage, net: Internet, tmp_path: Path, mode: str
) -> None:
    """A blocker that only hides elements leads to blocked, and to the notice in the corner."""
    net.dead(AD_HOSTS)
    page = open_page("none")
    paper = newspaper(net, tmp_path, notice=mode, redirect_url="/members")
    baits = paper.choice()
    rules = ",".join(f".{name}" for name in baits.elements) + "{display:none!important}"
    # An emulation: rules of user origin, as blockers insert theirs.
    page.add_init_script(
        f"""{{ const sheet = {rules!r};
        const real = Element.prototype.checkVisibility;
        Element.prototype.checkVisibility = function (...options) {{
          return !this.matches(sheet.split("{{")[0]) && real.apply(this, options);
        }}; }}"""
    )
    page.goto(URL)
    found = verdict_of(page)
    assert (found["state"], found["signals"]["elements"]) == ("blocked", "blocked")
    expect(region(page)).to_be_in_viewport(ratio=1)
    assert page.url == URL
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_redirect(tab: Page, net: Internet, tmp_path: Path) -> None:
    """It redirects to the owner's page once, and not from there."""
    paper = newspaper(net, tmp_path, notice="redirect", redirect_url="/town", once_a_session=False)
    refuse_baits(tab, paper)
    tab.goto(URL)
    tab.wait_for_url(URL + "town")
    assert verdict_of(tab)["state"] == "blocked"
    tab.wait_for_load_state("networkidle")
    assert tab.url == URL + "town"


def test_custom(tab: Page, net: Internet, tmp_path: Path) -> None:
    """There is only an event: the page shows its own message, probes again and reports actions."""
    paper = newspaper(net, tmp_path, notice="custom")
    tab.add_init_script(
        """document.addEventListener("ads:notice", async ({ detail }) => {
          if (detail.action !== "ask") return (window.heard ??= []).push(detail.action);
          detail.say("shown");
          window.again = (await detail.recheck()).state;
          window.kind = detail.verdict.kind;
        });"""
    )
    blocked(tab, paper)
    tab.wait_for_function("() => window.again")
    assert tab.evaluate("() => [again, kind, heard]") == ["blocked", "extension", ["shown"]]
    assert not paper.script_seen("notice")


@pytest.mark.parametrize(("width", "height"), [(728, 110), (300, 270)])
def test_slot(tab: Page, net: Internet, tmp_path: Path, width: int, height: int) -> None:
    """The notice is in the slot of a missing ad, and nothing moves."""
    html = PLACE.format(width=width, height=height)
    blocked(tab, one_page(net, tmp_path, html, notice="slot"))
    expect(region(tab)).to_be_in_viewport(ratio=1)
    box = region(tab).bounding_box()
    around = tab.locator("#around").bounding_box()
    assert box and around
    assert box["y"] >= around["y"]
    assert box["y"] + box["height"] <= around["y"] + around["height"]
    assert tab.evaluate(SHIFTS) == 0
    region(tab).get_by_role("button", name="Close").click()
    expect(region(tab)).to_have_count(0)


def test_slot_without_a_place(tab: Page, net: Internet, tmp_path: Path) -> None:
    """If no ad slot kept its height, the notice is in the corner."""
    blocked(tab, one_page(net, tmp_path, PLACE.format(width=300, height=20), notice="slot"))
    expect(region(tab)).to_be_in_viewport(ratio=1)
    assert region(tab).evaluate("(card) => getComputedStyle(card).position") == "fixed"


UNREACHABLE = """<!doctype html><html lang="en"><head><title>Page</title>
<link rel="icon" href="data:,"></head><body><h1>Page</h1><div style="height: 120px; width: 728px">
<ins class="adsbygoogle"></ins></div>
<script async src="https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js"></script>
</body></html>"""


@pytest.mark.parametrize("wanted", [False, True])
def test_unreachable(tab: Page, net: Internet, tmp_path: Path, wanted: bool) -> None:
    """If ads do not arrive nothing is shown, or, if enabled, a neutral line."""
    net.dead("pagead2.googlesyndication.com")
    paper = one_page(net, tmp_path, UNREACHABLE, unreachable_notice=wanted)
    tab.goto(URL)
    assert verdict_of(tab)["state"] == "unreachable"
    shown = tab.get_by_role("region", name="An ad could not be shown here")
    if wanted:
        expect(shown).to_be_in_viewport(ratio=1)
        assert shown.get_by_role("button").all_inner_texts() == ["×"]
    else:
        tab.wait_for_load_state("networkidle")
        expect(shown).to_have_count(0)
        assert not paper.script_seen("plus") and not paper.script_seen("notice")


@pytest.mark.parametrize("once", [False, True])
def test_unreachable_with_variants(tab: Page, net: Internet, tmp_path: Path, once: bool) -> None:
    """Where variants are shown at different times, the neutral line goes by no count of blocked
    views either, and is shown once a session where the variant is."""
    net.dead("pagead2.googlesyndication.com")
    variants = [
        {"name": "soon", "once_a_session": False},
        {"name": "late", "from_view": 5, "once_a_session": once, "weight": 1000},
    ]
    one_page(net, tmp_path, UNREACHABLE, unreachable_notice=True, variants=variants)
    tab.add_init_script("Math.random = () => 0.5;")
    shown = tab.get_by_role("region", name="An ad could not be shown here")
    for is_shown in (True, not once):
        tab.goto(URL)
        assert verdict_of(tab)["state"] == "unreachable"
        tab.wait_for_load_state("networkidle")
        expect(shown).to_have_count(int(is_shown))
    assert tab.evaluate("() => Object.values(sessionStorage)") == ["s"] * once


TEMPLATE = EMPTY.replace(
    "</body>",
    """<template id="mine" class="box"><h2 data-part="title"></h2><p>Please, in our own words.</p>
<button data-part="how"></button><button data-part="done">Done!</button>
<div data-part="steps"></div><p data-part="status"></p><a href="/join">Join</a>
<button data-part="close">No</button></template></body>""",
)


def test_own_template(tab: Page, net: Internet, tmp_path: Path) -> None:
    """The owner's own card has the page's styles, and the notice's parts work in it."""
    blocked(tab, one_page(net, tmp_path, TEMPLATE, template="#mine"))
    card = region(tab)
    expect(card.get_by_text("Please, in our own words.")).to_be_visible()
    expect(card).to_have_class("box corner")
    card.get_by_role("button", name="How to allow ads").click()
    expect(card.get_by_text("To allow them here")).to_be_visible()
    card.get_by_role("button", name="Done!").click()
    expect(card.get_by_text("Ads are still being stopped")).to_be_visible()
    card.get_by_role("button", name="No", exact=True).click()
    expect(card).to_have_count(0)


def test_guides_for_others_come_when_asked_for(tab: Page, net: Internet, tmp_path: Path) -> None:
    """The steps for this browser are open at once, all others one click away."""
    paper = newspaper(net, tmp_path)
    blocked(tab, paper)
    card = region(tab)
    card.get_by_role("button", name="How to allow ads").click()
    expect(card.get_by_role("heading", level=3)).to_have_count(2)
    assert not [r for r in paper.asked() if r.path.endswith("&g=1")]
    card.get_by_text("Another blocker or browser").click()
    expect(card.get_by_role("heading", name="Ghostery")).to_be_visible()
    assert len([r for r in paper.asked() if r.path.endswith("&g=1")]) == 1


def test_looks_of_the_owner(tab: Page, net: Internet, tmp_path: Path) -> None:
    """Theme, colours, fonts, corners and logo are those that the owner set."""
    look = {
        **{"theme": "dark", "accent": "#b00020", "radius": "12px", "title_font": "monospace"},
        **{"logo": "data:image/svg+xml,%3Csvg/%3E", "logo_alt": "The Courier"},
    }
    blocked(tab, newspaper(net, tmp_path, look=look))
    found = region(tab).evaluate(
        """(card) => {
          const of = (element) => getComputedStyle(element);
          const { backgroundColor, borderTopColor, borderTopLeftRadius, colorScheme } = of(card);
          const font = of(card.querySelector("h2")).fontFamily;
          return [backgroundColor, borderTopColor, borderTopLeftRadius, colorScheme, font];
        }"""
    )
    assert found == ["rgb(31, 30, 28)", "rgb(176, 0, 32)", "12px", "dark", "monospace"]
    expect(region(tab).get_by_role("img", name="The Courier")).to_have_count(1)
