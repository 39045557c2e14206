"""WCAG's third and fourth principles: understandable to people, and to what reads for them."""

from __future__ import annotations

from playwright.sync_api import expect

from detector.core.notice.payload import payload
from e2e.notice.wcag import TEXT
from e2e.support.stage import SetStage, Stage


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
        stage.tab_to(name)
    assert card.evaluate("(it) => it.outerHTML") == before
    assert stage.said() == ["shown", "steps"]


def test_3_2_2_on_input(stage: Stage) -> None:
    """Opening the other steps leaves page and focus where they are."""
    stage.show(opened=True)
    stage.tab_to("summary")
    address = stage.page.url
    stage.page.keyboard.press("Space")
    expect(stage.card.get_by_text("Brave Shields")).to_be_visible()
    assert (stage.focused(), stage.page.url) == ("summary", address)


def test_4_1_2_name_role_value(stage: Stage) -> None:
    """Every control has a role and a name; what opens something says whether it is open."""
    card = stage.show()
    expect(card.get_by_role("button", name=TEXT["how"], expanded=False)).to_be_visible()
    stage.open()
    stage.tab_to("summary")
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
    stage.tab_to("plain")
    stage.page.keyboard.press("Enter")
    expect(status).to_have_text(TEXT["still"])
    assert stage.focused() == "plain"
