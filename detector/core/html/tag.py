"""Builds the one tag that a page carries: a constant inline line and an async script.

Beside it, for the option `noscript`, the line that visitors without JavaScript read above the page.
"""

from __future__ import annotations

from html import escape

from detector.core.html.csp import CspPermissions

# Sees from the start which of the page's own requests fail. It leaves its queue on every such
# event, where our script finds it by an event of its own, so that no global exists; it keeps the
# target apart, because Chromium clears it from the event. It is classic: a module before an import
# map disables the map in Firefox ESR. It reads nothing from `document`, whose properties an
# <img name="addEventListener"> shadows; those of EventTarget no element's name or id can.
INLINE = (
    '{let q=[];["error","load"].map(t=>'
    "addEventListener.call(document,t,e=>(e.q=e.q||q).push([t,e.target]),!0))}"
)


# Cloudflare's Rocket Loader holds back every script but those that say this: in quotes, and
# before `src`. Our script takes its token from its first data attribute, so this one comes second.
# https://developers.cloudflare.com/speed/optimization/content/rocket-loader/ignore-javascripts/
_NOT_HELD = ' data-cfasync="false"'


def build(src: str, attribute: str, token: str, permissions: CspPermissions) -> bytes:
    """Return the tag for a script at `src`; empty when the policy would refuse the script.

    Without leave for the inline line only the script is left, which then sees less.
    """
    if not permissions.script:
        return b""
    nonce = f' nonce="{escape(permissions.nonce)}"' if permissions.nonce else ""
    inline = f"<script{nonce}{_NOT_HELD}>{INLINE}</script>" if permissions.inline else ""
    data = f'{attribute}="{escape(token)}"{_NOT_HELD}'
    return f'{inline}<script{nonce} async {data} src="{escape(src)}"></script>'.encode()


# A head may hold no paragraph for those without scripts, but it may hold a style.
_NOSCRIPT_STYLE = (
    "body::before{{display:block;padding:10px 16px;background:#1f1e1c;color:#f3f1ec;"
    "font:15px/1.5 system-ui,sans-serif;text-align:center;content:{text}}}"
)


def build_noscript(text: str, nonce: str) -> str:
    """Return the element that shows a text where scripts are off, and does nothing elsewhere."""
    given = f' nonce="{escape(nonce)}"' if nonce else ""
    style = _NOSCRIPT_STYLE.format(text=_css_string(text))
    return f"<noscript><style{given}>{style}</style></noscript>"


def _css_string(text: str) -> str:
    """Write a text as CSS does, every letter that could end it by its number."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text) + '"'
