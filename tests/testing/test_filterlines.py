"""Tests of detector.testing.filterlines: parsing of blocking lines of a filter list."""

from __future__ import annotations

import pytest

from bench.matrix.dnr import dnr_rules
from detector.testing.filterlines import TYPES, Line, read_line


def test_a_pattern_alone_acts_on_every_type() -> None:
    """Without options a line applies to all types, parties and sites."""
    assert read_line("/promo-box.") == Line("/promo-box.", frozenset(TYPES))


def test_options_are_read() -> None:
    """Types, party, sites and exclusions by a tilde are parsed."""
    line = "||ads.example^$script,image,~third-party,domain=a.example|~b.a.example"
    assert read_line(line) == Line(
        "||ads.example^", frozenset({"script", "image"}), False, ("a.example",), ("b.a.example",)
    )
    refused = read_line("/promo-box.$~image,third-party")
    assert refused == Line("/promo-box.", frozenset(TYPES) - {"image"}, True)


@pytest.mark.parametrize(
    "line", ["/promo[0-9]+/", "/x.", "||x^", "/promo-box.$popup", "/a-b.$csp=x"]
)
def test_what_is_not_understood_is_nothing(line: str) -> None:
    """Lines with regular expressions, short patterns or other options are skipped as a whole."""
    assert read_line(line) is None


def test_only_known_types_are_understood() -> None:
    """A type that the target format does not have makes the line unsupported."""
    assert read_line("/promo-box.$object", ("script",)) is None


def test_rules_of_the_manifest_v3_form() -> None:
    """Blocking lines and exceptions become rules in order; other lines do not."""
    lines = [
        "! note",
        "/promo-box.$subdocument,domain=a.example",
        "##.promo",
        "@@/promo-box.a$script",
    ]
    assert dnr_rules(lines) == [
        {
            "id": 1,
            "priority": 1,
            "action": {"type": "block"},
            "condition": {
                "urlFilter": "/promo-box.",
                "initiatorDomains": ["a.example"],
                "resourceTypes": ["sub_frame"],
            },
        },
        {
            "id": 2,
            "priority": 2,
            "action": {"type": "allow"},
            "condition": {"urlFilter": "/promo-box.a", "resourceTypes": ["script"]},
        },
    ]
