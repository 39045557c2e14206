"""Every mode × theme × direction × width: in the window, complete, readable, no axe findings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from detector.core.notice.payload import payload
from detector.core.texts.negotiation import direction
from detector.notice_preview.cases import AWAY, DIRECTIONS, MODES, THEMES, WIDTHS, Case, cases
from detector.testing.browsers import CHROMIUM, BrowserMissing
from detector.testing.machine import missing
from e2e.support.axe import violations
from e2e.support.measuring import measure, no_sideways_scroll
from e2e.support.stage import SetStage, Stage

SHARE = {"phone": 0.25, "tablet": 0.3, "desktop": 0.3}
LONGEST = ("el", "de", "fi", "ru", "hu", "uk", "fr", "th", "fa")


def check_box(card: Locator, width: int, height: int) -> float:
    """Check that a card is inside the window, with nothing scrolled away; return its height."""
    box = card.bounding_box()
    assert box is not None
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert box["y"] >= 0 and box["y"] + box["height"] <= height
    assert card.evaluate("(it) => it.scrollWidth <= it.clientWidth")
    assert card.evaluate("(it) => it.scrollHeight <= it.clientHeight + 1")
    return box["height"]


@pytest.mark.parametrize("mode", [*MODES, AWAY])
def test_every_case_looks_right(stage: Stage, mode: str) -> None:
    """A notice is in the window, complete and readable, and leaves most of the page free."""
    for case in cases([mode]):
        check_case(stage, case)


def check_case(stage: Stage, case: Case) -> None:
    """Check one case."""
    width, height = WIDTHS[case.width]
    if (case.mode, case.place) == (AWAY, "320x100"):
        return
    card = stage.show(
        case.mode, theme=case.theme, way=case.direction, width=case.width, place=case.place
    )
    high = check_box(card, width, height)
    found = measure(stage.page, ".card")
    assert found["contrast"] >= 4.5, (case, found)
    assert (found["cut"], found["under"]) == ([], []), case
    no_sideways_scroll(stage.page)
    if "bar" in case.mode or case.mode == "corner":
        assert high <= SHARE[case.width] * height, case
    expect(card).to_have_css("direction", case.direction)


@pytest.mark.parametrize("mode", MODES)
def test_longest_languages_fit_the_narrowest_window(stage: Stage, mode: str) -> None:
    """At 320 pixels no language is cut off or scrolls sideways, also with the steps open."""
    for language in LONGEST:
        card = stage.show(
            mode, way=direction(language), width="phone", language=language, size=(320, 568)
        )
        expect(card).to_have_attribute("lang", language)
        for opened in (False, True):
            if opened:
                stage.open()
            found = measure(stage.page, ".card")
            assert (found["cut"], found["under"]) == ([], []), (language, opened)
            assert card.evaluate("(it) => it.scrollWidth <= it.clientWidth"), language
            no_sideways_scroll(stage.page)


@pytest.mark.parametrize("mode", MODES)
def test_axe_finds_nothing(stage: Stage, mode: str) -> None:
    """axe-core finds nothing with steps closed and open, after a second look, and in the thanks."""
    for theme in THEMES:
        for way in DIRECTIONS:
            stage.show(mode, theme=theme, way=way)
            assert violations(stage.page) == [], (theme, way)
            stage.open()
            assert violations(stage.page) == [], (theme, way, "opened")
    done = payload(mode, "he")["text"]
    stage.button("plain").click()
    expect(stage.card).to_contain_text(done["still"])
    assert violations(stage.page) == []
    stage.button("plain").click()
    expect(stage.card.get_by_text(done["thanks"])).to_be_visible()
    assert violations(stage.page) == []


@pytest.mark.parametrize("browser", ["none-firefox", "ublock-origin"])
def test_axe_finds_nothing_in_firefox(set_stage: SetStage, browser: str) -> None:
    """In Firefox, with and without uBlock Origin, axe-core finds nothing either, in any mode."""
    stage = set_stage(browser)
    for mode in MODES:
        stage.show(mode, opened=True)
        assert violations(stage.page) == [], mode


def test_axe_finds_nothing_where_ads_do_not_arrive(stage: Stage) -> None:
    """axe-core finds nothing in the message in place of an ad."""
    for theme in THEMES:
        for way in DIRECTIONS:
            stage.show(AWAY, theme=theme, way=way)
            assert violations(stage.page) == [], (theme, way)


def test_pictures_are_saved(tmp_path: Path) -> None:
    """`--save` writes a picture for each case of a mode, and a page with all of them."""
    try:
        CHROMIUM.find()
    except BrowserMissing as error:
        missing(error)
    # A separate process: one thread drives one Playwright at a time.
    arguments = ["notice", "preview", "--save", str(tmp_path), "--mode", "modal"]
    subprocess.run([sys.executable, "-m", "detector.cli", *arguments], check=True)
    names = {f"{case.name}.png" for case in cases(["modal"])}
    assert {file.name for file in tmp_path.iterdir()} == {*names, "index.html"}
    index = (tmp_path / "index.html").read_text("utf-8")
    assert all(f'src="{name}"' in index for name in names)
    assert (tmp_path / "modal-light-ltr-phone.png").read_bytes().startswith(b"\x89PNG")
