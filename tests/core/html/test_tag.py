"""The tag: small, constant, escaped."""

from __future__ import annotations

import re

from detector.core.html.csp import CspPermissions
from detector.core.html.tag import INLINE, build
from detector.core.tokens import GROUP_LENGTH, Tokens
from tests.support.tags import rocket_loader


def test_size() -> None:
    """With a nonce and the longest group the tag is at most 400 bytes, its inline line 150."""
    token = Tokens(["a" * 32]).page("/" + "g" * (GROUP_LENGTH - 1))
    permissions = CspPermissions("0123456789abcdef012345==")
    tag = build("/bcfghjkm/bcfghjbcfghjkm.js?bcfghjbcfghjkm.60.1", "data-bcf", token, permissions)
    assert len(tag) <= 400, len(tag)
    assert len(INLINE) <= 150


def test_nonce_on_both_parts() -> None:
    """With a nonce both scripts carry it."""
    assert build("/s.js", "data-b", "t", CspPermissions("abc")).count(b'nonce="abc"') == 2


def test_inline_line_is_left_out_where_refused() -> None:
    """Where inline scripts are blocked only the external script is written."""
    tag = build("/s.js", "data-b", "t", CspPermissions("", False, True))
    assert tag == b'<script async data-b="t" data-cfasync="false" src="/s.js"></script>'


def test_nothing_where_the_script_is_refused() -> None:
    """Where the script would be blocked there is no tag, and so no message in the console."""
    assert build("/s.js", "data-b", "t", CspPermissions("", False, False)) == b""


def test_everything_is_escaped() -> None:
    """No value can break out of its attribute."""
    tag = build('/"><s.js', "data-b", '"><t', CspPermissions('"><n'))
    assert b'"><s' not in tag
    assert b'"><t' not in tag
    assert b'"><n' not in tag


def test_rocket_loader_leaves_both_scripts() -> None:
    """Cloudflare's Rocket Loader delays the scripts of a page, but neither of the tag's."""
    tag = build("/s.js", "data-b", "t", CspPermissions("abc")).decode()
    out = rocket_loader(f"<head>{tag}<script src=/own.js></script>")
    assert out == f'<head>{tag}<script type="8ac0e1d2-text/javascript" src=/own.js></script>'


def test_token_is_the_first_data_attribute() -> None:
    """The script reads its token from its first data attribute, whose name is the site's."""
    tag = build("/s.js", "data-b", "t", CspPermissions(inline=False)).decode()
    assert re.findall(r"(data-\w+)=", tag) == ["data-b", "data-cfasync"]
