"""Text from outside that is printed: it controls no terminal and hides nothing."""

from __future__ import annotations

import pytest

from detector.core.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – “text” 👋 مرحبًا", "plain – “text” 👋 مرحبًا"),
        ("\x1b[31m", r"\u001b[31m"),
        ("a\nb\tc\x7f\x85", r"a\u000ab\u0009c\u007f\u0085"),
        ("\u2028\u202e\u2066\ufeff\ud800\uffff", r"\u2028\u202e\u2066\ufeff\ud800\uffff"),
        ("X\x00X", r"X\u0000X"),
    ],
)
def test_what_steers_is_escaped(text: str, shown: str) -> None:
    """Controls, turned directions and half characters are written by their numbers."""
    assert printable(text) == shown


def test_what_is_kept() -> None:
    """Line breaks may be kept, and nothing else with them."""
    assert printable("a\n\tb\x1b", keep="\n\t") == "a\n\tb\\u001b"
