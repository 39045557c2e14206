"""Screen readers and keyboards in Chromium, in Firefox, and in Firefox with uBlock Origin."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from detector.core.notice.payload import payload
from e2e.support.stage import LINKS, SetStage

BROWSERS = ("none", "none-firefox", "ublock-origin")
BODY = (
    "- paragraph: Please support us by disabling your AdBlocker extension from your browsers for "
    "our website."
)
HEAD = f"""
    - heading "Adblock Detected" [level=2]
    {BODY}
    - status
    - button "How to allow ads"
    - button "I have allowed ads\""""
WAYS = """
    - link "Subscribe":
      - /url: /subscribe
    - link "Donate":
      - /url: /donate"""
NOT_NOW = """
    - button "Not now"
    - button "Close": ×"""
TREES = {
    "corner": f'- region "Adblock Detected":{HEAD}{WAYS}{NOT_NOW}',
    "top-bar": f'- region "Adblock Detected":{HEAD}{WAYS}{NOT_NOW}',
    "modal": f'- dialog "Adblock Detected":{HEAD}{WAYS}{NOT_NOW}',
    "soft-wall": f'- dialog "Adblock Detected":{HEAD}{WAYS}'
    '\n    - button "Continue without allowing ads"\n    - button "Close": ×',
    "hard-wall": f'- dialog "Adblock Detected":{HEAD}{WAYS}',
}


@pytest.mark.parametrize("browser", BROWSERS[:2])
def test_tree(set_stage: SetStage, browser: str) -> None:
    """The tree has the card's name, its heading, its text once, its status and its controls."""
    stage = set_stage(browser, links=LINKS)
    for mode, tree in TREES.items():
        expect(stage.show(mode)).to_match_aria_snapshot(tree)


@pytest.mark.parametrize("browser", BROWSERS)
def test_tree_of_the_steps(set_stage: SetStage, browser: str) -> None:
    """Opened, it has a heading and a list for each blocker, and a control that opens more."""
    card = set_stage(browser).show(width="phone", opened=True)
    expect(card).to_match_aria_snapshot("""
      - region "Adblock Detected":
        - heading "Adblock Detected" [level=2]
        - paragraph
        - paragraph: /Something in your browser/
        - heading "AdGuard for Android" [level=3]
        - list:
          - listitem
        - heading "Any other blocker" [level=3]
        - list:
          - listitem
        - paragraph: Then choose “I have allowed ads”.
        - group: Another blocker or browser
        - button "I block no ads"
        - status
        - button "I have allowed ads"
        - button "Not now"
        - button "Close": ×
    """)


@pytest.mark.parametrize("browser", BROWSERS)
def test_keys_alone(set_stage: SetStage, browser: str) -> None:
    """Keys alone open the steps, look again and close; then the focus is back where it was."""
    stage = set_stage(browser)
    keys = stage.page.keyboard
    text = payload("corner")["text"]
    stage.show("modal")
    # A dialog begins with its main action focused.
    assert stage.focused() == "strong"
    keys.press("Enter")
    expect(stage.card.locator(".steps")).to_be_visible()
    assert stage.focused() == "lead"
    keys.press("Tab")
    keys.press("Tab")
    assert stage.focused() == "quiet wrong"
    keys.press("Tab")
    assert stage.focused() == "plain"
    keys.press("Enter")
    expect(stage.card.get_by_role("status")).to_have_text(text["still"])
    keys.press("Escape")
    expect(stage.card).to_have_count(0)
    assert stage.focused() == "body"
    stage.show("corner")
    story = stage.page.get_by_role("link", name="Story 6")
    story.focus()
    keys.press("Tab")
    assert stage.focused() == "strong"
    keys.press("Escape")
    expect(stage.card).to_have_count(0)
    expect(story).to_be_focused()


@pytest.mark.parametrize("browser", BROWSERS)
def test_escape_leaves_a_hard_wall_standing(set_stage: SetStage, browser: str) -> None:
    """A hard wall stays open after two presses of Escape, and keeps the focus inside."""
    stage = set_stage(browser)
    stage.show("hard-wall")
    for _ in range(3):
        stage.page.keyboard.press("Escape")
    # After two presses a browser closes it unasked; it opens again in a task of its own.
    expect(stage.page.locator(".card:modal")).to_be_visible()
