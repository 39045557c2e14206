"""WCAG's second principle: whatever the notice offers can be used, by keys too."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from detector.notice_preview.cases import MODES
from e2e.notice.wcag import TEXT
from e2e.support.stage import LINKS, SetStage, Stage

DIALOGS = ("modal", "soft-wall")


def test_2_1_1_keyboard(stage: Stage) -> None:
    """Steps, other steps, a second look and "Not now" all work by keys alone."""
    for mode in ("corner", "modal"):
        stage.show(mode)
        stage.tab_to("strong")
        stage.page.keyboard.press("Enter")
        expect(stage.card.locator(".steps")).to_be_visible()
        stage.tab_to("summary")
        stage.page.keyboard.press("Enter")
        expect(stage.card.get_by_text("Brave Shields")).to_be_visible()
        stage.tab_to("plain")
        stage.page.keyboard.press("Space")
        expect(stage.card.get_by_role("status")).to_have_text(TEXT["still"])
        stage.tab_to("quiet")
        stage.page.keyboard.press("Enter")
        expect(stage.card).to_have_count(0)
        assert stage.said() == ["shown", "steps", "recheck", "dismissed"]


def test_2_1_2_no_keyboard_trap(stage: Stage) -> None:
    """Tab goes on from the notice to the page; Escape closes a dialog and gives the focus back."""
    for mode in ("corner", "slot", "bottom-bar", "top-bar"):
        stage.show(mode)
        stage.tab_to("close")
        stage.page.keyboard.press("Shift+Tab")
        stage.tab_to("a")
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
    # The rise is over at rest, so it is asked of a card that begins anew, before it can end again.
    moving = """(it) => {
      it.style.display = "none"; it.offsetTop; it.style.display = "";
      return it.getAnimations({ subtree: true }).map((one) => one.effect.getTiming())
        .map(({ duration, iterations }) => [duration, iterations]);
    }"""
    for motion, wanted in (("no-preference", True), ("reduce", False)):
        stage = set_stage(context={"reduced_motion": motion})
        for mode in MODES:
            found = stage.show(mode).evaluate(moving)
            assert bool(found) == (wanted and mode != "slot"), (mode, motion)
            assert all(duration <= 1000 and times == 1 for duration, times in found)


def test_2_4_3_focus_order(stage: Stage) -> None:
    """Opening the steps leads to their first line, Tab goes on in reading order, cross last."""
    for mode in ("corner", "modal"):
        stage.show(mode, opened=True)
        assert stage.focused() == "lead"
        seen = []
        for _ in range(5):
            stage.page.keyboard.press("Tab")
            seen.append(stage.focused())
        assert seen == ["summary", "quiet wrong", "plain", "quiet", "close"]


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
        for name in ("summary", "quiet wrong", "plain", "quiet", "close"):
            stage.tab_to(name)
            path = name if name == "summary" else "." + name.replace(" ", ".")
            control = stage.card.locator(path).last
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
