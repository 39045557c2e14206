"""How the audit follows robots.txt."""

from __future__ import annotations

import pytest

from detector.audit.robots import read

ROBOTS = b"""\xef\xbb\xbf# words
User-agent: other
User-agent: Adblock-Detector-Audit/1.0
Disallow: /*?print
Disallow: /shop
Allow: /shop/open  # a comment
Disallow: /*.php$
Disallow: /a*/b*/c$
Disallow: /\xc3\xbc
Crawl-delay: 1.5

User-agent: *
Disallow: /
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/shopping", False),
        ("/shop/open/late", True),
        ("/x?print=1", False),
        ("/x.php", False),
        ("/x.php5", True),
        ("/aa/bb/x/c", False),
        ("/aa/bb/c/d", True),
        ("/%C3%BCber", False),
    ],
)
def test_robots_rules(path: str, allowed: bool) -> None:
    """The longest matching rule decides, with * and $, from the group with the audit's name."""
    robots = read(ROBOTS)
    assert robots.allows(f"https://news.example{path}") is allowed
    assert robots.delay == 1.5


def test_robots_for_all() -> None:
    """Without such a group the one for * applies; an empty rule forbids nothing."""
    assert not read(ROBOTS, "somebody").allows("https://news.example/a")
    assert read(b"User-agent: *\nDisallow:\n").allows("https://news.example/a")
    assert read(b"<!doctype html><p>: x").allows("https://news.example/a")
    hostile = read(b"User-agent: *\nDisallow: /" + b"*a" * 5000 + b"$\nCrawl-delay: -1")
    assert hostile.allows("https://news.example/" + "a" * 4000)
