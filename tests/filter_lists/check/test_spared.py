"""Lines that match a bait and lines that exempt it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.filter_lists.check.conftest import FULL, of


def test_explanation_crosses_lists(run: Any) -> None:
    """A bait has the line of every list that matches it."""
    status, found, err = run(FULL, ["! another", "/two.$1p", "##.lane-3"])
    assert (status, err) == (0, "")
    both = [*of(found, "{w}/two.js")["hits"], *of(found, "lane-3")["hits"]]
    assert [(mark["list"], mark["line"], mark["rule"]) for mark in both] == [
        ("list0", 3, "/two."),
        ("list1", 2, "/two.$1p"),
        ("list0", 13, "##.lane-3"),
        ("list1", 3, "##.lane-3"),
    ]


@pytest.mark.parametrize(
    ("line", "bait", "why"),
    [
        ("@@/two.", "{w}/two.js", "exception"),
        ("@@/two.$script,1p", "{w}/two.js", "exception"),
        ("/two.$script,redirect=noop.js", "{w}/two.js", "stub"),
        ("*$script,redirect-rule=noopjs", "{w}/two.js", "stub"),
        ("/two.$badfilter", "{w}/two.js", "cancelled"),
        ("#@#.lane-7", "lane-7", "unhidden"),
        ("@@*$ghide", "lane-7", "page"),
    ],
)
def test_what_spares_a_bait(run: Any, line: str, bait: str, why: str) -> None:
    """A bait that another list exempts is dead, and that list's line is named."""
    _, found, _ = run(FULL, ["! another", line])
    assert not of(found, bait)["live"]
    assert of(found, bait)["spared"] == [{"list": "list1", "line": 2, "rule": line, "why": why}]


@pytest.mark.parametrize("line", ["@@/two.$image", "@@/two.$3p", "@@||x.example/two.", "! two"])
def test_what_does_not_spare_a_bait(run: Any, line: str) -> None:
    """An exception for another type, party or host does not affect the bait."""
    status, found, _ = run(FULL, [line, "##.other"])
    assert status == 0
    assert of(found, "{w}/two.js")["live"]
    assert of(found, "{w}/two.js")["spared"] == []


def test_important_rule_wins(run: Any) -> None:
    """An important rule overrides an exception, which is still named."""
    _, found, _ = run([*FULL, "@@/two."], ["/two.$important", "##.other"])
    two = of(found, "{w}/two.js")
    assert two["live"]
    assert [mark["why"] for mark in two["spared"]] == ["exception"]


def test_bait_aware_rule(run: Any) -> None:
    """A class that is hidden only in other contexts than a bait's is dead, with the reason."""
    lines = [line for line in FULL if line != "##.lane-7"]
    _, found, _ = run([*lines, "##.lane-7:not(.adsbox)"])
    seven = of(found, "lane-7")
    assert (seven["live"], seven["hits"]) == (False, [])
    assert [mark["why"] for mark in seven["spared"]] == ["excluded"]
