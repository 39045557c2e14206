"""The lines behind a list's decision: every one that matches, of any list, and what spares it."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.filter_lists.explain import Explainer
from detector.filter_lists.fetch import read_all
from detector.filter_lists.rule_index import Found
from tests.support.lists import debian

PAGE = "https://shop.example/cart"
CASES: dict[str, tuple[str, str, str, list[str], list[str], bool]] = {
    # rules; address; type; rules that stop it; rules that spare it; whether it is stopped
    "a substring": (
        "-728x90.",
        "https://shop.example/a-728x90.png",
        "image",
        ["-728x90."],
        [],
        True,
    ),
    "a host": ("||ads.example^", "https://a.ads.example/x", "script", ["||ads.example^"], [], True),
    "a third party's": (
        "/pixel.$third-party\n/pixel.$~third-party",
        "https://other.example/pixel.gif",
        "image",
        ["/pixel.$third-party"],
        [],
        True,
    ),
    "another type": ("/pixel.$script", "https://shop.example/pixel.gif", "image", [], [], False),
    "one site's": (
        "/cart.$domain=shop.example\n/cart.$domain=other.example",
        "https://shop.example/cart.js",
        "script",
        ["/cart.$domain=shop.example"],
        [],
        True,
    ),
    "an exception": (
        "/pixel.\n@@/pixel.gif",
        "https://shop.example/pixel.gif",
        "image",
        ["/pixel."],
        ["@@/pixel.gif"],
        False,
    ),
    "several": (
        "/ads/banner\n||shop.example/ads/\n-x90.",
        "https://shop.example/ads/banner-x90.png",
        "image",
        ["-x90.", "/ads/banner", "||shop.example/ads/"],
        [],
        True,
    ),
    "an anchor at the end": ("/x.js|", "https://shop.example/x.js", "script", ["/x.js|"], [], True),
    "a regular expression": (
        r"/shop\.example\/[0-9]{4}\.js/",
        "https://shop.example/1234.js",
        "script",
        [r"/shop\.example\/[0-9]{4}\.js/"],
        [],
        True,
    ),
    "nothing": ("/ads/", "https://shop.example/x.js", "script", [], [], False),
}


def explain(rules: str, folder: Path, url: str, kind: str) -> Found:
    """Return what one list does with a request of the page."""
    file = folder / "list.txt"
    file.write_text(f"! a list\n{rules}\n")
    return Explainer(read_all([str(file)])).request(url, kind, PAGE)


@pytest.mark.parametrize("case", CASES)
def test_requests(case: str, tmp_path: Path) -> None:
    """Each line that matches is named with its number, and so is each exception."""
    rules, url, kind, hits, spared, live = CASES[case]
    found = explain(rules, tmp_path, url, kind)
    assert (sorted(mark.rule for mark in found.hits), found.live) == (sorted(hits), live)
    assert [mark.rule for mark in found.spared] == spared
    lines = rules.split("\n")
    for mark in (*found.hits, *found.spared):
        assert lines[mark.line - 2] == mark.rule


def test_real_lists() -> None:
    """In a blocker's own lists the named lines are there, word for word, and all lists count."""
    sources = read_all(map(str, debian()))
    explainer = Explainer(sources)
    lines = {source.label: source.lines for source in sources}
    url = "https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js"
    found = explainer.request(url, "script", PAGE)
    assert found.live
    assert len(found.hits) > 1
    assert len({mark.list for mark in found.hits}) > 1
    for mark in found.hits:
        assert lines[mark.list][mark.line - 1].strip() == mark.rule
    element = explainer.element(".adSlot")
    assert element.live
    assert [mark.rule for mark in element.hits] == ["##.adSlot"]
    assert not explainer.element(".article").hits
