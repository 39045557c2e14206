"""`detector notice check --lists`: which filter lists act on the notice, and the level of that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector.cli.main import main
from detector.core.config.loading import make_config
from detector.core.served_names import ServedNames
from detector.notice_check.elements import hidden_by
from detector.notice_check.filter_lists import Held, findings, hold
from tests.conftest import SECRET
from tests.support.lists import debian, shared

CONFIG = make_config(secret=SECRET)
CHOSEN = {"ubo-annoyances", "warning-removal"}


def held(folder: Path, *lines: str, name: str = "own.txt") -> Held:
    """Check the notice against a list of these lines."""
    path = folder / name
    path.write_text("\n".join(lines), "utf-8")
    (one,) = hold(CONFIG, [str(path)])
    return one


def test_default_lists() -> None:
    """No default list of a blocker acts on the notice."""
    found = hold(CONFIG, map(str, debian()))
    assert [one.title for one in found if one.acts or one.chosen] == []
    assert len(found) == 7


def test_further_lists() -> None:
    """Default lists of other blockers do not act on it either; opt-in lists are recognised."""
    found = hold(CONFIG, [str(path) for path in shared().values()])
    assert {one.label for one in found if one.chosen} == CHOSEN
    assert [one.label for one in found if one.acts and not one.chosen] == []


def test_script_of_the_notice(tmp_path: Path) -> None:
    """A rule for the detector's folder is an error that names address, rule and line."""
    prefix = ServedNames(SECRET).prefix
    one = held(tmp_path, "! Title: Some list", "/elsewhere.js", f"||news.example/{prefix}/$script")
    assert (one.title, one.rules) == ("Some list", 2)
    (act,) = one.acts
    assert (act.rule, act.line) == (f"||news.example/{prefix}/$script", 3)
    assert act.on.startswith(f"https://news.example/{prefix}/")
    assert act.on.endswith(".js as script")
    (finding,) = findings([one])
    assert finding.level == "error"
    assert "set another secret" in finding.fix


@pytest.mark.parametrize("selector", [".card", ".corner", "div[popover]", "body > div:not([id])"])
def test_hidden(tmp_path: Path, selector: str) -> None:
    """A rule that hides the card or its host element is found with its line."""
    one = held(tmp_path, "##.quite-another-thing", f"##{selector}")
    assert [(act.rule, act.line) for act in one.acts] == [(f"##{selector}", 2)]


@pytest.mark.parametrize("rule", ["##.card.other", "##.card:not(div, dialog)", "news.other##.card"])
def test_not_hidden(tmp_path: Path, rule: str) -> None:
    """A rule that requires more than the notice has, or another site, is not a finding."""
    assert held(tmp_path, rule, "##.x").acts == ()


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("warning-removal.txt", ""),
        ("a.txt", "Fanboy's Annoyance List"),
        ("a.txt", "uBlock filters – Other Annoyances"),
        ("a.txt", "AdGuard Popups filter"),
    ],
)
def test_lists_that_people_choose(tmp_path: Path, name: str, title: str) -> None:
    """The effect of an opt-in list is respected, and is not a failure."""
    one = held(tmp_path, f"! Title: {title}", "##.card", name=name)
    (finding,) = findings([one])
    assert finding.level == "note"
    assert finding.fix == "respected: people who chose it are not asked"


@pytest.mark.parametrize(
    ("selector", "wanted"),
    [
        ("div", True),
        ("*", True),
        ("body > div", True),
        ("html body div[style]", True),
        ("dialog[open]", True),
        ('[class^="card "]', True),
        ('[class$="quiet"]', True),
        ('[class*="WALL" i]', True),
        ("[class*='WALL']", False),
        ("[part~=hard]", True),
        ("[lang|=en]", True),
        ('[class*=""]', False),
        (".button.way:not(.x)", True),
        (".button.way:not(a, p)", False),
        (".other, .foot", True),
        ("#card", False),
        ("div > .card", False),
        (".card:has(p)", False),
        ("::before", False),
        ("", False),
    ],
)
def test_selectors(selector: str, wanted: bool) -> None:
    """Compound selectors are read as browsers read them; complex ones are ignored."""
    assert (hidden_by(selector) is not None) == wanted


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command names each list and its effect; a default list with an effect is a failure."""
    own = tmp_path / "own.txt"
    own.write_text("##.card\n", "utf-8")
    chosen = tmp_path / "annoyances.txt"
    chosen.write_text("##.card\n", "utf-8")
    calm = tmp_path / "calm.txt"
    calm.write_text("##.another\n", "utf-8")
    assert main(["notice", "check", "--lists", str(chosen), str(calm)]) == 0
    out = capsys.readouterr().out
    assert "note: annoyances: acts on div.card.slot (##.card, line 1); respected: people" in out
    assert (
        "list annoyances, which people choose themselves: 1 of its 1 rules act on the notice" in out
    )
    assert "list calm: does not affect the notice" in out
    assert "lists were not read" not in out
    assert "all is well" in out
    assert main(["notice", "check", "--lists", str(own), str(calm), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert [one["list"] for one in document["lists"] if one["acts"]] == ["own"]


def test_list_that_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """An unreadable list is status 2 with its name."""
    assert main(["notice", "check", "--lists", "gone.txt"]) == 2
    assert "detector notice check: gone.txt: cannot be read" in capsys.readouterr().err
