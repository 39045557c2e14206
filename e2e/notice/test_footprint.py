"""The size and elements in `detector notice check` are those in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from detector.notice_check.coverage import measured
from detector.notice_check.elements import ELEMENTS
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import URL, one_page, refuse_baits

POINTS = 3
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>body { margin: 0 } p { margin: 16px } .place { height: 250px }</style></head>
<body><h1>Page</h1><div class="place" data-place></div><p>Words to read.</p></body></html>"""
COVERED = """(card) => {
  const { left, right, top, bottom } = card.getBoundingClientRect();
  const wide = Math.min(right, innerWidth) - Math.max(left, 0);
  const high = Math.min(bottom, innerHeight) - Math.max(top, 0);
  return (100 * Math.max(wide, 0) * Math.max(high, 0)) / (innerWidth * innerHeight);
}"""
# Every element of the shadow tree and its host: tag, classes, parts, names of attributes.
TREE = """(card) => {
  const host = card.getRootNode().host;
  return [host, ...card.getRootNode().querySelectorAll("*")].map((one) => [
    one.localName, one.className, one.getAttribute("part"), one.getAttributeNames(),
  ]);
}"""


@pytest.mark.parametrize("mode", measured()["percent"])
def test_footprint(open_page: OpenPage, net: Internet, tmp_path: Path, mode: str) -> None:
    """The real notice covers the stated share, within a few percentage points."""
    paper = one_page(net, tmp_path, PAGE, notice=mode)
    page = open_page("none")
    refuse_baits(page, paper)
    page.goto(URL)
    card = page.locator(".card")
    found: dict[str, float] = {}
    for device, (width, height) in measured()["viewports"].items():
        page.set_viewport_size({"width": width, "height": height})
        expect(card).to_be_in_viewport(ratio=1)
        found[device] = card.evaluate(COVERED)
    print(mode, {device: round(part) for device, part in found.items()})
    assert found == pytest.approx(measured()["percent"][mode], abs=POINTS)


def test_slot_covers_nothing(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """In an ad slot the notice stays within it, and moves nothing."""
    paper = one_page(net, tmp_path, PAGE, notice="slot", slots="[data-place]")
    page = open_page("none")
    refuse_baits(page, paper)
    page.goto(URL)
    expect(page.locator(".card")).to_be_in_viewport(ratio=1)
    places = page.evaluate("""() => ["[data-place] > *", "[data-place]", "p"].map(
      (one) => document.querySelector(one).getBoundingClientRect().toJSON())""")
    card, place, words = places
    assert card["top"] >= place["top"]
    assert card["bottom"] <= place["bottom"]
    assert (place["height"], words["top"]) == (250, place["bottom"] + 16)


def known() -> set[tuple[str, str]]:
    """Return tag and classes of each element that is checked against the lists."""
    return {(one.tag, one.names) for one in ELEMENTS}


@pytest.mark.parametrize("mode", ["slot", "corner", "top-bar", "hard-wall"])
def test_anatomy(open_page: OpenPage, net: Internet, tmp_path: Path, mode: str) -> None:
    """Every element of the real notice is among those checked against filter lists."""
    links = {"donate": "/donate"}
    paper = one_page(net, tmp_path, PAGE, notice=mode, slots="[data-place]", links=links)
    page = open_page("none")
    refuse_baits(page, paper)
    page.goto(URL)
    card = page.locator(".card")
    expect(card).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="How to allow ads").click()
    tree: list[Any] = card.evaluate(TREE)
    page.get_by_role("button", name="I block no ads").click()
    expect(card.get_by_role("heading", name="What this page noticed")).to_be_visible()
    tree += card.evaluate(TREE)
    by_tag: dict[str, set[str]] = {}
    for one in ELEMENTS:
        by_tag.setdefault(one.tag, set()).update(one.has())
    for tag, names, parts, attributes in tree:
        plain = " ".join(name for name in names.split() if name != "open")
        assert (tag, plain) in known(), (tag, names)
        assert parts is None or set(parts.split()) <= set(names.split())
        # Rules may match attributes: every attribute is in the list of elements too.
        assert set(attributes) <= by_tag[tag], (tag, attributes)
