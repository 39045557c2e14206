"""The steps for each blocker: detailed only if its maker documents them, checked recently."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from detector.core.texts.steps import GENERAL, GUIDES, NEAR, Guide, ordered
from tests.support.root import ROOT

BROWSERS = ("chrome", "firefox", "safari", "edge", "opera", "brave", "samsung", "other")
DAYS = 180
DOCUMENT = (ROOT / "docs/reference/steps.md").read_text("utf-8")
MEND = (
    "read its source again and set checked_on in core/texts/steps.py to that day, or print "
    "PANEL, APP or OWN_PANEL in place of its steps"
)


def fault(guide: Guide, today: date) -> str | None:
    """Return what is wrong with a guide's source or date, and how to fix it."""
    if guide.steps in GENERAL:
        known = guide.source_url or guide.checked_on
        return f"{guide.key}: general words need no source and no date" if known else None
    if not (guide.source_url or "").startswith("https://"):
        return f"{guide.key}: detailed words without source_url; {MEND}"
    if guide.checked_on is None:
        return f"{guide.key}: detailed words without checked_on; {MEND}"
    age = (today - guide.checked_on).days
    if age < 0:
        return f"{guide.key}: checked_on {guide.checked_on} is still to come"
    if age > DAYS:
        return f"{guide.key}: last read {age} days ago, at most {DAYS} are allowed; {MEND}"
    return None


def test_no_step_was_read_too_long_ago() -> None:
    """Each detailed guide has its source and was checked against it in the last 180 days."""
    # Depends on the clock on purpose: the test fails when a guide must be checked again.
    today = date.today()
    assert [found for guide in GUIDES if (found := fault(guide, today))] == []


DETAILED = replace(GUIDES[0], checked_on=date(2026, 8, 1))


@pytest.mark.parametrize(
    ("guide", "today", "says"),
    [
        (DETAILED, date(2026, 8, 1), None),
        (DETAILED, date(2026, 8, 1) + timedelta(DAYS), None),
        (DETAILED, date(2026, 8, 1) + timedelta(DAYS + 1), "ubo: last read 181 days ago"),
        (DETAILED, date(2026, 7, 31), "still to come"),
        (replace(DETAILED, checked_on=None), date(2026, 8, 1), "without checked_on"),
        (replace(DETAILED, source_url=None), date(2026, 8, 1), "without source_url"),
        (replace(DETAILED, source_url="the wiki"), date(2026, 8, 1), "without source_url"),
        (replace(DETAILED, steps=next(iter(GENERAL))), date(2026, 8, 1), "need no source"),
    ],
)
def test_what_is_a_fault(guide: Guide, today: date, says: str | None) -> None:
    """A missing source or date, an old and a future date are reported; the 180th day is not."""
    found = fault(guide, today)
    assert (found is None) if says is None else (found is not None and says in found)


def test_some_guides_are_detailed() -> None:
    """Only some guides are general ones."""
    detailed = {guide.key for guide in GUIDES if guide.steps not in GENERAL}
    assert {"ubo", "ubol", "brave"} <= detailed


def test_guides_have_one_to_three_short_steps() -> None:
    """A step is one sentence that fits on a phone."""
    for guide in GUIDES:
        assert 1 <= len(guide.steps) <= 3, guide.key
        assert all(len(step) <= 90 and step.endswith(".") for step in guide.steps), guide.key


@pytest.mark.parametrize("browser", BROWSERS)
@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_what_is_shown_at_once_differs(browser: str, device: str) -> None:
    """The guides that a visitor sees first all differ."""
    first = [guide.steps for guide in ordered(browser, device)[:NEAR]]
    assert len(set(first)) == NEAR


@pytest.mark.parametrize(
    ("browser", "device", "first"),
    [
        ("firefox", "desktop", ["ubo", "abp", "firefox"]),
        ("FIREFOX", "Phone", ["ubo", "firefox"]),
        ("chrome", "mobile", ["adguard-android", "other", "brave"]),
        ("safari", "tablet", ["adguard-ios", "safari-ios"]),
        ("safari", "tv", ["ubol", "adguard", "safari"]),
        ("netscape", "desktop", ["abp", "ubo"]),
        ("netscape", "phone", ["other", "adguard-android"]),
        ("samsung", "desktop", ["abp", "ubo"]),
    ],
)
def test_order(browser: str, device: str, first: list[str]) -> None:
    """The likeliest guides of a browser come first, all others as they are listed."""
    others = [guide.key for guide in GUIDES if guide.key not in first]
    assert [guide.key for guide in ordered(browser, device)] == first + others


def test_document_lists_every_guide_with_source_and_date() -> None:
    """docs/reference/steps.md has a row for each guide, in order, with its source and date."""
    rows = [
        f"| {guide.name} | [page]({guide.source_url}) | {guide.checked_on} |"
        if guide.steps not in GENERAL
        else f"| {guide.name} | general words | |"
        for guide in GUIDES
    ]
    assert re.findall(r"^\| .+ \|$", DOCUMENT, re.MULTILINE)[1:] == rows
