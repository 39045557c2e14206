"""`detector notice check` on settings: what policies forbid and readers do not accept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from detector.cli.main import main
from detector.core.config.loading import make_config
from detector.core.notice.theme import PALETTES
from detector.core.vocabulary import MODES
from detector.demo.app import create_app
from detector.notice_check import contrast
from detector.notice_check.check import findings
from detector.notice_check.reachable_modes import uses
from detector.notice_check.sources import ADGUARD, GOOGLE
from tests.conftest import SECRET

PHONES: dict[str, Any] = {"devices": ["phone"], "notice": "bottom-bar"}


def found(**options: Any) -> list[tuple[str, str]]:
    """Return level and option of each finding for a site's options."""
    return [(one.level, one.where) for one in findings(make_config(secret=SECRET, **options))]


def test_the_demo_is_well(tmp_path: Path) -> None:
    """The demo newspaper's own settings have no findings."""
    app = create_app(secret=SECRET, db=str(tmp_path / "demo.sqlite"))
    site = app.extensions["detector"]
    try:
        assert findings(site.config) == []
    finally:
        site.close()


@pytest.mark.parametrize("mode", sorted(set(MODES) - {"redirect", "custom"}))
def test_modes(mode: str) -> None:
    """Modes alone pass, except those that cover the content on phones, and walls."""
    wanted = [("error", "notice")] if mode == "hard-wall" else []
    if mode in ("modal", "soft-wall", "hard-wall"):
        wanted.append(("warning", "notice"))
    assert found(notice=mode) == wanted


def test_wall_without_a_way_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A hard wall without a link is an error that says why, by which policy, and the fix."""
    file = tmp_path / "site.toml"
    file.write_text('notice = "hard-wall"\n', "utf-8")
    assert main(["notice", "check", "--file", str(file)]) == 1
    out = capsys.readouterr().out
    assert "error: notice: hard-wall has no way to continue except allowing ads" in out
    assert "set links to another option (subscribe, donate, support), or use soft-wall" in out
    assert f"  by {ADGUARD}" in out
    assert "hard-wall: 27 % of a phone (375 × 667)" in out
    assert "and a veil over the rest" in out
    assert out.endswith("1 to fix, 1 to consider\n")
    assert main(["notice", "check", "--file", str(file), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    assert [one["level"] for one in document["findings"]] == ["error", "warning"]
    assert document["covers"]["percent"]["hard-wall"]["phone"] == 27


def test_wall_with_a_way_on() -> None:
    """With links a wall is a warning, not an error."""
    options: dict[str, Any] = {"links": {"subscribe": "/subscribe"}, "notice_rules": (PHONES,)}
    assert found(notice="hard-wall", **options) == [("warning", "notice")]
    assert found(notice="redirect", redirect_url="/why", **options) == [("warning", "notice")]
    assert found(notice="redirect", redirect_url="/why", notice_rules=(PHONES,)) == [
        ("error", "notice")
    ]


def test_wall_of_a_rule_and_of_a_variant() -> None:
    """A wall is found wherever options can lead to it, and only there."""
    rule = {"paths": ["/shop/*"], "devices": ["desktop"], "notice": "hard-wall"}
    assert found(notice_rules=(rule,)) == [("error", "notice_rules[0]")]
    variants = ({"name": "a"}, {"name": "b", "notice": "hard-wall"})
    assert found(variants=variants, notice_rules=(PHONES,)) == [("error", "variants[1]")]
    # An earlier rule that matches everything makes it unreachable.
    assert found(notice="hard-wall", notice_rules=({"notice": "corner"},)) == []


def test_reach() -> None:
    """Rules with paths leave other paths to later rules; rules without use up their devices."""
    rules = ({"paths": ["/a"], "notice": "none"}, PHONES)
    config = make_config(secret=SECRET, notice="modal", notice_rules=rules)
    assert {(use.where, use.mode, use.devices) for use in uses(config)} == {
        ("notice_rules[0]", "none", ("desktop", "phone", "tablet")),
        ("notice_rules[1]", "bottom-bar", ("phone",)),
        ("notice", "modal", ("desktop", "tablet")),
    }


def test_first_view() -> None:
    """Modes that cover the page are not for the first view, whichever option shows them there."""
    options: dict[str, Any] = {"notice": "modal", "notice_rules": (PHONES,)}
    assert found(**options) == []
    assert found(**options, from_view=1) == [("warning", "from_view")]
    assert found(**options, level="local") == [("warning", "level")]
    assert found(**options, consent="page") == [("warning", "consent")]
    assert found(**options, gpc="local") == [("warning", "gpc")]
    assert found(from_view=1, level="local") == []
    (one,) = findings(make_config(secret=SECRET, **options, from_view=1))
    assert one.source == str(GOOGLE)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"once_a_session": False}, [("warning", "once_a_session")]),
        ({"once_a_session": False, "every": 5}, []),
        ({"quiet_days": (2, 30)}, [("warning", "quiet_days")]),
        ({"quiet_days": (7, 13)}, [("warning", "quiet_days")]),
        ({"quiet_days": (30, 20)}, [("warning", "quiet_days")]),
        ({"quiet_days": (3, 14)}, []),
        ({"blur": ".text"}, [("warning", "blur")]),
        ({"redirect_url": "/why"}, [("warning", "redirect_url")]),
        ({"links": {"donate": "http://give.example/"}}, [("warning", "links.donate")]),
        ({"look": {"logo": "http://news.example/logo.svg"}}, [("warning", "look.logo")]),
        ({"links": {"donate": "https://give.example/"}}, []),
        ({"treat_bots_as_people": True}, [("warning", "treat_bots_as_people")]),
        ({"treat_bots_as_people": True, "notice": "none"}, []),
        ({"unreachable_notice": True}, [("note", "unreachable_notice")]),
        ({"template": "#ours"}, [("note", "template")]),
        ({"notice": "custom"}, [("note", "notice")]),
    ],
)
def test_settings(options: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """Exactly the settings that ask too much, have no effect or cannot be judged are named."""
    assert found(**options) == wanted


def test_blur_of_a_wall() -> None:
    """Under a wall the blur has an effect."""
    assert found(notice="soft-wall", blur=".text", notice_rules=(PHONES,)) == []


def test_redirect_to_another_host() -> None:
    """A redirect to another site or without encryption is named."""
    wanted = [("warning", "notice"), ("warning", "redirect_url"), ("warning", "redirect_url")]
    options: dict[str, Any] = {"links": {"donate": "/donate"}, "notice_rules": (PHONES,)}
    assert found(notice="redirect", redirect_url="http://other.example/", **options) == wanted


def test_a_warning_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Warnings and notes are status 0."""
    file = tmp_path / "site.toml"
    file.write_text('notice = "modal"\n', "utf-8")
    assert main(["notice", "check", "--file", str(file)]) == 0
    assert capsys.readouterr().out.endswith("0 to fix, 1 to consider\n")


@pytest.mark.parametrize("theme", PALETTES)
def test_our_own_colours(theme: str) -> None:
    """The shipped colours pass the same check if an owner sets them."""
    assert list(contrast.findings({"theme": theme, **PALETTES[theme]})) == []


@pytest.mark.parametrize(
    ("look", "wanted"),
    [
        ({"theme": "light", "ink": "#777"}, [("error", "look.ink")]),
        ({"theme": "light", "ink": "#767676"}, []),
        ({"theme": "light", "soft": "rgb(200, 200, 200)"}, [("error", "look.soft")]),
        ({"theme": "light", "ink": "rgba(0 0 0 / 40%)"}, [("error", "look.ink")]),
        ({"theme": "light", "accent": "hsl(60, 100%, 50%)"}, [("warning", "look.accent")]),
        ({"theme": "light", "accent": "hsl(0deg 100% 40%)"}, []),
        ({"theme": "dark", "accent": "#b00020"}, [("warning", "look.accent")]),
        ({"theme": "light", "ring": "#ff0f"}, [("warning", "look.ring")]),
        ({"theme": "light", "line": "#fff"}, []),
        # Without a theme a colour has to suit both.
        ({"ink": "#000"}, [("error", "look.ink")]),
        ({"ink": "#000", "paper": "#fff"}, [("error", "look.paper"), ("warning", "look.paper")]),
        ({"theme": "light", "paper": "#000"}, [("error", "look.paper")] * 2),
        ({"accent": "oklch(50% 0.1 20)"}, [("note", "look.accent")]),
        ({"theme": "light", "paper": "#ffffff80"}, [("note", "look.paper")]),
        ({"ink": "hsl(1turn 1% 1%)"}, [("note", "look.ink")]),
        ({"theme": "dark", "radius": "3px", "font": "Georgia"}, []),
        (None, []),
    ],
)
def test_colours(look: dict[str, str] | None, wanted: list[tuple[str, str]]) -> None:
    """Colours without contrast are found for each possible theme; unknown notations are named."""
    assert [(one.level, one.where) for one in contrast.findings(look)] == wanted


@pytest.mark.parametrize(
    ("over", "under", "wanted"),
    [
        ("#000", "#fff", 21.0),
        ("#fff", "#ffffff", 1.0),
        ("#777777", "rgb(255 255 255)", 4.48),
        ("hsl(240, 100%, 50%)", "white()", None),
        ("#0000ff", "#fff", 8.59),
        ("hsl(240 100% 50%)", "hsl(0, 0%, 100%)", 8.59),
        ("rgb(0% 0% 100%)", "#fff", 8.59),
        ("rgba(0, 0, 0, 0)", "#fff", 1.0),
    ],
)
def test_ratio(over: str, under: str, wanted: float | None) -> None:
    """The contrast is that of WCAG's formula, in every supported notation."""
    if wanted is None:
        with pytest.raises(ValueError, match="cannot be parsed"):
            contrast.ratio(over, under)
    else:
        assert contrast.ratio(over, under) == pytest.approx(wanted, abs=0.01)
