"""Builds the one tag that a page carries: a constant inline line and an async script."""

from __future__ import annotations

from html import escape

from detector.core.html.csp import CspPermissions

# Records from the start which of the page's own requests fail. It attaches its queue to every such
# event, where our script finds it by firing one itself, so that no global is needed; it keeps the
# target separately, because Chromium clears it from the event. It is a classic script: a module
# before an import map disables the map in Firefox ESR. It reads nothing from `document`, whose
# properties an <img name="addEventListener"> shadows; no name or id shadows those of EventTarget.
INLINE = (
    '{let q=[];["error","load"].map(t=>'
    "addEventListener.call(document,t,e=>(e.q=e.q||q).push([t,e.target]),!0))}"
)


# Cloudflare's Rocket Loader delays every script without this attribute, in quotes and before
# `src`. Our script reads its token from its first data attribute, so this one comes second.
# https://developers.cloudflare.com/speed/optimization/content/rocket-loader/ignore-javascripts/
_NOT_HELD = ' data-cfasync="false"'


def build(src: str, attribute: str, token: str, permissions: CspPermissions) -> bytes:
    """Return the tag for a script at `src`; empty if the policy would refuse the script.

    Where the inline line is not permitted only the script is left, which then detects less.
    """
    if not permissions.script:
        return b""
    nonce = f' nonce="{escape(permissions.nonce)}"' if permissions.nonce else ""
    inline = f"<script{nonce}{_NOT_HELD}>{INLINE}</script>" if permissions.inline else ""
    data = f'{attribute}="{escape(token)}"{_NOT_HELD}'
    return f'{inline}<script{nonce} async {data} src="{escape(src)}"></script>'.encode()
