"""WCAG's first principle: what there is can be perceived; on paper there is nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from detector.notice_preview.cases import MODES, THEMES
from e2e.notice.wcag import TEXT
from e2e.support.measuring import CONTRAST, measure, no_sideways_scroll
from e2e.support.stage import LINKS, SetStage, Stage

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
    """Return one colour of an element."""
    found: str = element.evaluate(f"(it) => getComputedStyle(it).{name}")
    return found


def contrast(stage: Stage, one: str, other: str) -> float:
    """Return the contrast of two colours."""
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
