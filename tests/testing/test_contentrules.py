"""Content-blocker rules converted from lines of a filter list."""

from __future__ import annotations

import re

import pytest

from detector.testing.contentrules import content_rules, url_filter


@pytest.mark.parametrize(
    ("pattern", "hit", "miss"),
    [
        ("-house-ad.", "https://a.example/x-house-ad.png", "https://a.example/xhouse-ad.png"),
        ("/promo/*/box.", "https://a.example/promo/1/box.js", "https://a.example/promo/box.js"),
        ("/promo?id=", "https://a.example/promo?id=1", "https://a.example/promooid=1"),
        ("||ads.example^", "https://b.ads.example/", "https://bads.example/"),
        ("|https://a.", "https://a.example/", "http://x/?https://a."),
        ("/last.js|", "https://a.example/last.js", "https://a.example/last.js?1"),
    ],
)
def test_patterns(pattern: str, hit: str, miss: str) -> None:
    """A pattern matches the same addresses as a blocker's engine."""
    assert re.search(url_filter(pattern), hit)
    assert not re.search(url_filter(pattern), miss)


def test_types_and_parties_are_kept() -> None:
    """Request types and the third-party option become parts of the trigger."""
    (rule,) = content_rules(["/promo-box.$script,image,third-party"])
    assert rule["trigger"]["resource-type"] == ["image", "script"]
    assert rule["trigger"]["load-type"] == ["third-party"]
    assert rule["action"] == {"type": "block"}


def test_refused_types_are_left_out() -> None:
    """A type with a tilde stays unblocked; frames have a separate rule."""
    plain, frame = content_rules(["/promo-box.$~stylesheet"])
    assert "style-sheet" not in plain["trigger"]["resource-type"]
    assert "script" in plain["trigger"]["resource-type"]
    assert frame["trigger"]["load-context"] == ["child-frame"]


def test_domains_are_kept() -> None:
    """A rule for some sites, or for all except some, keeps its sites."""
    only, _ = content_rules(["/promo-box.$domain=a.example|b.example"])
    assert only["trigger"]["if-domain"] == ["*a.example", "*b.example"]
    most, _ = content_rules(["/promo-box.$domain=~a.example"])
    assert most["trigger"]["unless-domain"] == ["*a.example"]


def test_only_wanted_hosts_are_taken() -> None:
    """Rules that name a host are used for the requested hosts and their parents."""
    lines = ["||ads.example^", "||other.example^", "||ads.example/path/x.js"]
    assert content_rules(lines) == []
    rules = content_rules(lines, hosts=["*.cdn.ads.example"])
    assert {rule["trigger"]["url-filter"] for rule in rules} == {url_filter("||ads.example^")}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "! a comment",
        "[Adblock Plus 2.0]",
        "@@/promo-box.",
        "a.example##.promo",
        "##.promo > div",
        "#@#.promo",
        "#?#.promo:has(b)",
        "/promo[0-9]+/",
        "/promo-box.$popup",
        "/promo-box.$csp=default-src 'none'",
        "/x.",
    ],
)
def test_what_is_not_understood_is_left_out(line: str) -> None:
    """Exceptions, other syntax and patterns that are too short make no rule."""
    assert content_rules([line]) == []


def test_selectors_share_rules() -> None:
    """Hiding selectors are combined, a few hundred in each rule."""
    rules = content_rules([f"##.promo-{number}" for number in range(600)] + ["###promo"])
    assert [rule["action"]["selector"].count(",") + 1 for rule in rules] == [500, 101]
    assert {rule["action"]["type"] for rule in rules} == {"css-display-none"}
