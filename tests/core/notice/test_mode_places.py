"""A mode stands in one table; the places that must still know it by name are found here."""

from __future__ import annotations

import re

import pytest

from detector.core.assets import style
from detector.core.config.options import Config
from detector.core.notice.modes import STYLES
from detector.core.vocabulary import COVERING_MODES, MODES, SHOWN_MODES, TABLE_OF_MODES, WALLS, Mode
from detector.notice_check.coverage import covers, measured
from detector.notice_check.reachable_modes import Use
from detector.notice_check.settings import NO_WAY_ON, SOME_WAY_ON
from detector.notice_preview.cases import cases
from detector.notice_preview.cases import modes as previewed
from tests.support.root import ROOT

SOURCES = ROOT / "static/src"


def test_names_are_given_once() -> None:
    """No two modes have the same name, and a name is one word for an address and for CSS."""
    assert len(set(MODES)) == len(MODES) == len(TABLE_OF_MODES)
    assert [name for name in MODES if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []


@pytest.mark.parametrize(
    "mode", [mode for mode in TABLE_OF_MODES if mode.card], ids=lambda m: m.name
)
def test_a_shown_mode_has_its_card_in_the_script(mode: Mode) -> None:
    """The notice's script gives a mode's card the classes that the table names."""
    source = (SOURCES / "notice/view.js").read_text("utf-8")
    shapes = re.search(r"SHAPES = \{(.*?)\}", source, re.DOTALL)
    assert shapes
    in_script = dict(re.findall(r'"?([\w-]+)"?: "([\w ]+)"', shapes[1]))
    assert in_script.get(mode.name, "corner") == mode.card, "add it to static/src/notice/view.js"
    dialog = re.search(r"isDialog = .*?/(.+?)/\.test", source)
    assert dialog
    assert bool(re.search(dialog[1], mode.name)) == ("middle" in mode.card)


@pytest.mark.parametrize("mode", MODES)
def test_a_wall_is_one_in_the_script(mode: str) -> None:
    """The script looks a second time before the modes that the table calls walls, and no others."""
    every = "".join(file.read_text("utf-8") for file in sorted(SOURCES.glob("*.js")))
    found = re.search(r"/(\^.+?)/\.test\(mode\)", every)
    assert found
    assert bool(re.search(found[1], mode)) == (mode in WALLS)


@pytest.mark.parametrize("mode", SHOWN_MODES)
def test_a_shown_mode_has_its_coverage(mode: str) -> None:
    """How much of a window a mode covers is measured; in an ad's place it covers nothing."""
    found = covers([Use("notice", mode, tuple(measured()["viewports"]))])
    wanted = set() if mode == "slot" else {mode}
    assert set(found) == wanted, "measure it into detector/notice_check/coverage.json"
    assert all(set(by) == set(measured()["viewports"]) for by in found.values())


@pytest.mark.parametrize("mode", SHOWN_MODES)
def test_a_shown_mode_is_in_the_preview(mode: str) -> None:
    """The gallery has every mode that shows a card."""
    assert mode in {case.mode for case in cases(previewed(Config(secret="x" * 20)))}


@pytest.mark.parametrize("mode", WALLS)
def test_a_wall_has_its_advice(mode: str) -> None:
    """`detector notice check` says of each wall what is wrong with it, and what helps."""
    assert mode in NO_WAY_ON and mode in SOME_WAY_ON, "add it to detector/notice_check/settings.py"
    assert mode in COVERING_MODES


@pytest.mark.parametrize("name", sorted(set(STYLES.values())))
def test_a_style_sheet_is_built(name: str) -> None:
    """Each style sheet that the table names has its source, and is built."""
    assert len(list(SOURCES.rglob(f"modes/{name}.css"))) == 1, (
        f"add modes/{name}.css to static/src/notice"
    )
    assert style(name)


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_is_documented(mode: str) -> None:
    """The page on the notice has a row for every mode."""
    (page,) = (ROOT / "docs").rglob("notice.md")
    rows = re.findall(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|", page.read_text("utf-8"), re.MULTILINE)
    assert any(f"`{mode}`" in row for row in rows), f"add `{mode}` to docs, the table of modes"
