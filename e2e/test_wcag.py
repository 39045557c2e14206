"""Each item of WCAG 2.2 AA that applies to the notice; docs/accessibility.md lists them.

Contrast of texts and sizes are also measured in every case of the gallery (test_gallery.py).
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from detector.notice import payload
from detector.notice.preview.cases import MODES, THEMES
from e2e.measuring import CONTRAST, measure, no_sideways_scroll
from e2e.stage import LINKS, SetStage, Stage

TEXT = payload("corner")["text"]
DIALOGS = ("modal", "soft-wall")
# What WCAG 1.4.12 allows people to set, on everything in the notice.
SPACED = """(card) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important } p { margin-block-end: 2em !important }`);
  const root = card.getRootNode();
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}"""


def test_1_3_1_info_and_relationships(stage: Stage) -> None:
    """The card is a named region or dialog; its title, its steps and their lists are marked up."""
    for mode in MODES:
        card = stage.show(mode, opened=True)
        find = stage.page.get_by_role
        is_dialog = re.search("modal|wall", mode)
        named = TEXT["title"]
        found = find("dialog", name=named) if is_dialog else find("region", name=named)
        expect(found).to_have_count(1)
        expect(card.get_by_role("heading", level=2)).to_have_text(TEXT["title"])
        expect(card.get_by_role("heading", level=3)).not_to_have_count(0)
        expect(card.get_by_role("list").first.get_by_role("listitem")).not_to_have_count(0)


def test_1_3_2_meaningful_sequence(stage: Stage) -> None:
    """What is read first stands first: title, text, steps, result, buttons."""
    for mode in MODES:
        card = stage.show(mode, opened=True)
        parts = card.locator(":scope > .title, :scope > .text, :scope > .steps, :scope > .foot")
        tops = parts.evaluate_all("(all) => all.map((it) => [it.className, it.offsetTop])")
        assert [name for name, _ in tops] == ["title", "text", "steps", "foot"]
        if "bar" not in mode:
            assert [top for _, top in tops] == sorted(top for _, top in tops), mode


def test_1_3_4_orientation(stage: Stage) -> None:
    """The notice can be read and used upright and on its side."""
    for mode in MODES:
        for size in ((375, 667), (667, 375)):
            stage.show(mode, width="phone", size=size)
            stage.card.scroll_into_view_if_needed()
            # A place in the page may begin between two pixels.
            expect(stage.card).to_be_in_viewport(ratio=0.98)
            stage.open()
            stage.button("plain").click(trial=True)


def test_1_4_1_use_of_colour(stage: Stage) -> None:
    """What came of a second look is said in words, different ones for each result."""
    stage.show(opened=True)
    stage.button("plain").click()
    expect(stage.card.get_by_role("status")).to_have_text(TEXT["still"])
    stage.button("plain").click()
    expect(stage.card.get_by_role("status")).to_have_text(TEXT["thanks"])


def test_1_4_3_contrast(stage: Stage) -> None:
    """Every text has 4.5 to 1, steps opened and looked at again."""
    for theme in THEMES:
        stage.show(theme=theme, opened=True)
        stage.button("plain").click()
        expect(stage.card.get_by_role("status")).to_have_text(TEXT["still"])
        assert measure(stage.page, ".card")["contrast"] >= 4.5


def test_1_4_4_resize_text(stage: Stage) -> None:
    """At 200 % of a window of 1280 × 1024, nothing is cut off and every button is reached."""
    reach_everything(stage, (640, 512))


def test_1_4_10_reflow(stage: Stage) -> None:
    """At 400 %, which is 320 × 256, nothing scrolls sideways and every button is reached."""
    reach_everything(stage, (320, 256))
    reach_everything(stage, (320, 568))


def reach_everything(stage: Stage, size: tuple[int, int]) -> None:
    """Expect every button of every mode within reach of a small window, without sideways scroll."""
    for mode in MODES:
        card = stage.show(mode, width="phone", size=size)
        for opened in (False, True):
            if opened:
                stage.open()
            for control in card.locator("button:visible, summary:visible").all():
                control.click(trial=True)
            assert card.evaluate("(it) => it.scrollWidth <= it.clientWidth"), mode
            assert measure(stage.page, ".card")["cut"] == []
            no_sideways_scroll(stage.page)


def test_1_4_11_non_text_contrast(set_stage: SetStage) -> None:
    """Edges of buttons and the mark of focus have 3 to 1 against the card."""
    stage = set_stage(links=LINKS)
    for theme in THEMES:
        card = stage.show(theme=theme)
        paper = colour(card, "backgroundColor")
        assert contrast(stage, colour(stage.button("strong"), "backgroundColor"), paper) >= 3
        for name in ("plain", "way"):
            assert contrast(stage, colour(stage.button(name), "borderTopColor"), paper) >= 3
        stage.button("plain").focus()
        assert contrast(stage, colour(stage.button("plain"), "outlineColor"), paper) >= 3


def colour(element: Any, name: str) -> str:
    """Give one colour of an element."""
    found: str = element.evaluate(f"(it) => getComputedStyle(it).{name}")
    return found


def contrast(stage: Stage, one: str, other: str) -> float:
    """Give the contrast of two colours."""
    found: float = stage.page.evaluate(CONTRAST, [one, other])
    return found


def test_1_4_12_text_spacing(stage: Stage) -> None:
    """With wide lines, letters and words no text is lost and every button is reached."""
    for mode in MODES:
        for width in ("phone", "desktop"):
            card = stage.show(mode, width=width)
            card.evaluate(SPACED)
            for opened in (False, True):
                if opened:
                    stage.open()
                assert measure(stage.page, ".card")["cut"] == [], (mode, width)
                for control in card.locator("button:visible, summary:visible").all():
                    control.click(trial=True)


def test_2_1_1_keyboard(stage: Stage) -> None:
    """Steps, other steps, a second look and "Not now" all work by keys alone."""
    for mode in ("corner", "modal"):
        stage.show(mode)
        tab_to(stage, "strong")
        stage.page.keyboard.press("Enter")
        expect(stage.card.locator(".steps")).to_be_visible()
        tab_to(stage, "summary")
        stage.page.keyboard.press("Enter")
        expect(stage.card.get_by_text("Brave Shields")).to_be_visible()
        tab_to(stage, "plain")
        stage.page.keyboard.press("Space")
        expect(stage.card.get_by_role("status")).to_have_text(TEXT["still"])
        tab_to(stage, "quiet")
        stage.page.keyboard.press("Enter")
        expect(stage.card).to_have_count(0)
        assert stage.said() == ["shown", "steps", "recheck", "dismissed"]


def tab_to(stage: Stage, name: str) -> None:
    """Press Tab until a control has the focus."""
    for _ in range(40):
        if name == stage.focused():
            return
        stage.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {name}")


def test_2_1_2_no_keyboard_trap(stage: Stage) -> None:
    """Tab goes on from the notice to the page; Escape closes a dialog and gives the focus back."""
    for mode in ("corner", "slot", "bottom-bar", "top-bar"):
        stage.show(mode)
        tab_to(stage, "close")
        stage.page.keyboard.press("Shift+Tab")
        tab_to(stage, "a")
        expect(stage.card).to_be_visible()
    for mode in DIALOGS:
        stage.show(mode)
        stage.page.keyboard.press("Escape")
        expect(stage.card).to_have_count(0)


def test_2_2_1_timing_adjustable(stage: Stage) -> None:
    """Thanks go away by themselves, but never while the focus is in them."""
    stage.page.clock.install()
    stage.show(opened=True)
    stage.button("plain").click()
    stage.button("plain").click()
    expect(stage.card).to_have_class(re.compile("over"))
    assert stage.focused() == "close"
    # Beside the card, so that the pointer does not hold it either.
    stage.page.mouse.move(5, 5)
    stage.page.clock.run_for(60_000)
    expect(stage.card).to_be_visible()
    stage.page.evaluate("() => document.activeElement.blur()")
    stage.page.clock.run_for(10_000)
    expect(stage.card).to_have_count(0)


def test_2_2_2_pause_stop_hide(set_stage: SetStage) -> None:
    """What moves does so once, for less than a second; not at all for who wants less motion."""
    moving = (
        "(it) => it.getAnimations({ subtree: true }).map((one) => one.effect.getTiming())"
        ".map(({ duration, iterations }) => [duration, iterations])"
    )
    for motion, wanted in (("no-preference", True), ("reduce", False)):
        stage = set_stage(context={"reduced_motion": motion})
        for mode in MODES:
            # The rise is over at rest, so it is asked of a card that begins anew.
            card = stage.show(mode)
            card.evaluate(
                "(it) => { it.style.display = 'none'; it.offsetTop; it.style.display = '' }"
            )
            found = card.evaluate(moving)
            assert bool(found) == (wanted and mode != "slot"), (mode, motion)
            assert all(duration <= 1000 and times == 1 for duration, times in found)


def test_2_4_3_focus_order(stage: Stage) -> None:
    """Opening the steps leads to their first line, Tab goes on in reading order, cross last."""
    for mode in ("corner", "modal"):
        stage.show(mode, opened=True)
        assert stage.focused() == "lead"
        seen = []
        for _ in range(4):
            stage.page.keyboard.press("Tab")
            seen.append(stage.focused())
        assert seen == ["summary", "plain", "quiet", "close"]


def test_2_4_6_headings_and_labels(set_stage: SetStage) -> None:
    """The heading says what it is about, and no two controls have the same name."""
    stage = set_stage(links=LINKS)
    for mode in MODES:
        card = stage.show(mode)
        names = card.locator("button:visible, a:visible").evaluate_all(
            "(all) => all.map((it) => it.getAttribute('aria-label') || it.textContent.trim())"
        )
        assert all(names) and len(set(names)) == len(names)
        expect(card.get_by_role("heading").first).to_have_text(TEXT["title"])


def test_2_4_7_focus_visible(stage: Stage) -> None:
    """Whatever Tab comes to has an outline that is seen, also in forced colours."""
    for forced in ("none", "active"):
        stage.page.emulate_media(forced_colors=forced)
        stage.show(opened=True)
        for name in ("summary", "plain", "quiet", "close"):
            tab_to(stage, name)
            control = stage.card.locator("summary" if name == "summary" else f".{name}").first
            style, width = control.evaluate(
                "(it) => { const { outlineStyle, outlineWidth } = getComputedStyle(it);"
                "return [outlineStyle, parseFloat(outlineWidth)]; }"
            )
            assert (style, width >= 2) == ("solid", True), (forced, name)


def test_2_4_11_focus_not_obscured(stage: Stage) -> None:
    """No link of the page has the focus while the notice lies over it."""
    under = """() => {
      let at = document.activeElement;
      if (at.localName != "a") return null;
      const us = [...document.querySelectorAll("div")].find((one) => one.shadowRoot)
        .shadowRoot.querySelector(".card").getBoundingClientRect();
      const link = at.getBoundingClientRect();
      const beside = link.left >= us.right || link.right <= us.left;
      return !beside && link.top < us.bottom && link.bottom > us.top;
    }"""
    for mode in ("corner", "bottom-bar", "top-bar"):
        for key in ("Tab", "Shift+Tab"):
            stage.show(mode, width="phone")
            seen = []
            for _ in range(15):
                stage.page.keyboard.press(key)
                seen.append(stage.page.evaluate(under))
            assert True not in seen, (mode, key)
            assert seen.count(False) >= 8, (mode, key)


def test_2_5_3_label_in_name(set_stage: SetStage) -> None:
    """The name of a control is the text that is seen on it; only the cross has another."""
    stage = set_stage(links=LINKS)
    card = stage.show(opened=True)
    labels = card.locator("button, a, summary").evaluate_all(
        "(all) => all.map((it) => [it.textContent, it.getAttribute('aria-label')])"
    )
    assert [text for text, label in labels if label is not None] == ["×"]
    expect(card.get_by_role("button", name=TEXT["close"], exact=True)).to_be_visible()


def test_2_5_8_target_size(set_stage: SetStage) -> None:
    """Every control is at least 44 pixels high and wide."""
    stage = set_stage(links=LINKS)
    for mode in MODES:
        for width in ("phone", "desktop"):
            card = stage.show(mode, width=width, language="ja")
            for opened in (False, True):
                if opened:
                    stage.open()
                for control in card.locator("button:visible, a:visible, summary:visible").all():
                    box = control.bounding_box()
                    assert box is not None
                    assert min(box["width"], box["height"]) >= 44, (mode, width, box)


def test_3_1_2_language_of_parts(set_stage: SetStage) -> None:
    """The card says its language and direction, and so does a guide that is in another one."""
    stage = set_stage()
    for language, way in (("he", "rtl"), ("zh-Hant", "ltr")):
        card = stage.show(language=language, way=way)
        expect(card).to_have_attribute("lang", language)
        expect(card).to_have_attribute("dir", way)
    stage.page.route(
        "**/texts?*",
        lambda route: route.fulfill(
            json=payload("corner", "he")
            | {"guides": [{"name": "Blocker", "steps": ["Click it.", "Wait."], "lang": "en"}]}
        ),
    )
    card = stage.show(language="he", way="rtl", opened=True)
    expect(card.get_by_role("heading", name="Blocker")).to_have_attribute("lang", "en")
    expect(card.get_by_role("list")).to_have_attribute("lang", "en")


def test_3_2_1_on_focus(stage: Stage) -> None:
    """Coming to a control changes nothing."""
    card = stage.show(opened=True)
    before = card.evaluate("(it) => it.outerHTML")
    for name in ("summary", "plain", "quiet", "close"):
        tab_to(stage, name)
    assert card.evaluate("(it) => it.outerHTML") == before
    assert stage.said() == ["shown", "steps"]


def test_3_2_2_on_input(stage: Stage) -> None:
    """Opening the other steps leaves page and focus where they are."""
    stage.show(opened=True)
    tab_to(stage, "summary")
    address = stage.page.url
    stage.page.keyboard.press("Space")
    expect(stage.card.get_by_text("Brave Shields")).to_be_visible()
    assert (stage.focused(), stage.page.url) == ("summary", address)


def test_4_1_2_name_role_value(stage: Stage) -> None:
    """Every control has a role and a name; what opens something says whether it is open."""
    card = stage.show()
    expect(card.get_by_role("button", name=TEXT["how"], expanded=False)).to_be_visible()
    stage.open()
    tab_to(stage, "summary")
    details = card.locator("details")
    expect(details).not_to_have_attribute("open", "")
    stage.page.keyboard.press("Enter")
    expect(details).to_have_attribute("open", "")


def test_4_1_3_status_messages(stage: Stage) -> None:
    """The place for results is there, empty, before it speaks, and speaking moves no focus."""
    card = stage.show()
    status = card.get_by_role("status")
    expect(status).to_have_count(1)
    expect(status).to_have_text("")
    stage.open()
    tab_to(stage, "plain")
    stage.page.keyboard.press("Enter")
    expect(status).to_have_text(TEXT["still"])
    assert stage.focused() == "plain"


@pytest.mark.parametrize("mode", ["corner", "modal"])
def test_forced_colours(stage: Stage, mode: str) -> None:
    """Where the system sets all colours, card and buttons keep an edge and texts are readable."""
    stage.page.emulate_media(forced_colors="active")
    card = stage.show(mode)
    for element in (card, stage.button("strong"), stage.button("plain")):
        assert element.evaluate("(it) => parseFloat(getComputedStyle(it).borderTopWidth)") >= 1
    assert measure(stage.page, ".card")["contrast"] >= 4.5


def test_print_hides_it(stage: Stage) -> None:
    """Nothing of the notice is on paper."""
    for mode in MODES:
        stage.page.emulate_media(media="screen")
        stage.show(mode)
        stage.page.emulate_media(media="print")
        expect(stage.card).to_be_hidden()
