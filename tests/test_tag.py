"""The tag: small, constant, escaped."""

from __future__ import annotations

from detector.page.csp import Leave
from detector.page.tag import INLINE, build
from detector.report.tokens import GROUP_LENGTH, Tokens


def test_size() -> None:
    """With a nonce and the longest group the tag stays within 400 bytes, its line within 150."""
    token = Tokens(["a" * 32]).page("/" + "g" * (GROUP_LENGTH - 1))
    leave = Leave("0123456789abcdef012345==")
    tag = build("/bcfghjkm/bcfghjbcfghjkm.js?bcfghjbcfghjkm.60.1", "data-bcf", token, leave)
    assert len(tag) <= 400, len(tag)
    assert len(INLINE) <= 150


def test_nonce_on_both_parts() -> None:
    """With a nonce both scripts carry it."""
    assert build("/s.js", "data-b", "t", Leave("abc")).count(b'nonce="abc"') == 2


def test_inline_line_is_left_out_where_refused() -> None:
    """Where inline scripts are refused only the script is left."""
    tag = build("/s.js", "data-b", "t", Leave("", False, True))
    assert tag == b'<script async src="/s.js" data-b="t"></script>'


def test_nothing_where_the_script_is_refused() -> None:
    """Where the script would be refused there is no tag, and so no message in the console."""
    assert build("/s.js", "data-b", "t", Leave("", False, False)) == b""


def test_everything_is_escaped() -> None:
    """No value can leave its attribute."""
    tag = build('/"><s.js', "data-b", '"><t', Leave('"><n'))
    assert b'"><s' not in tag
    assert b'"><t' not in tag
    assert b'"><n' not in tag
