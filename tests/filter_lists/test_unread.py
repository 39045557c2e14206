"""The rules that the engine cannot read are counted, by kind, as a user of another engine sees."""

from __future__ import annotations

import adblock
import pytest

from detector.filter_lists import unread as module
from detector.filter_lists.unread import unread
from tests.support.lists import debian

READ = [
    "||ads.example^",
    "||ads.example^$third-party,script",
    "@@||ads.example^$image",
    "/ads/lead-",
    "/banner/[0-9]+/$script",
    "##.ad",
    "###ad",
    'news.example,~a.news.example##.ad > a[href^="x"]',
    "news.example#@#.ad",
    "||a.example^$badfilter",
    "||a.example^$script,badfilter",
    "||a.example^$redirect=noopjs",
    "ads.example",
    "news.example##+js(nowebrtc)",
]
SKIPPED = {
    "||a.example^$removeparam=x": "option of a request",
    "||a.example^$popup": "option of a request",
    "||a.example^$popup,badfilter": "option of a request",
    "*$script,denyallow=a.example,domain=b.example": "option of a request",
    "##.card:has(.ad)": "selector with :has()",
    "#@#.ad": "selector",
    "news.example##.ad:has-text(Ad)": "procedural selector",
    "news.example#?#.ad:-abp-contains(Ad)": "procedural selector",
    "news.example##^script:has-text(ad)": "style or script rule",
    "news.example#$#body { x: y }": "style or script rule",
    "news.example#%#window.a = 1": "style or script rule",
    "0.0.0.0 ads.example": "line of a hosts file",
    "127.0.0.1\tads.example": "line of a hosts file",
}


@pytest.mark.parametrize("rule", READ)
def test_what_is_read(rule: str) -> None:
    """A rule that the engine applies is counted and not skipped, one that cancels another too."""
    found = unread([["! a comment", "", rule]])
    assert (found.rules, found.count) == (1, 0)
    assert "reads all 1 rules" in str(found)


@pytest.mark.parametrize("rule", SKIPPED)
def test_what_is_skipped(rule: str) -> None:
    """A rule that the engine drops is counted with its kind."""
    found = unread([[rule, "||ads.example^"]])
    assert (found.rules, dict(found.kinds)) == (2, {SKIPPED[rule]: 1})
    assert "cannot read 1 of 2 rules of the lists (50.0 %)" in str(found)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["a", "a,", "##.a:has(", "#", "|", "$a,", "/", "(", "a.", " x##"])
def test_a_rule_of_two_million_characters(text: str) -> None:
    """A rule of any length is counted without delay."""
    assert unread([[(text * 2_000_000)[:2_000_000] + "!"]]).rules <= 1


def test_what_is_sure_is_read() -> None:
    """What is taken for read without asking the engine is read: a sample of real lists."""
    lines = [line for path in debian() for line in path.read_text("utf-8").splitlines()]
    sure = [line for line in lines if module._READ.fullmatch(line)]
    assert len(sure) > len(lines) / 2
    empty = module.compiled(adblock, "")
    assert [line for line in sure[::20] if not module.reads(adblock, line, empty)] == []
