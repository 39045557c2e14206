"""Builds the line that visitors without JavaScript see above the page, with option `noscript`."""

from __future__ import annotations

from html import escape

# A head may not contain a paragraph for visitors without scripts, but it may contain a style.
_STYLE = (
    "body::before{{display:block;padding:10px 16px;background:#1f1e1c;color:#f3f1ec;"
    "font:15px/1.5 system-ui,sans-serif;text-align:center;content:{text}}}"
)


def build(text: str, nonce: str) -> str:
    """Return an element that shows a text where scripts are off, and does nothing elsewhere."""
    attribute = f' nonce="{escape(nonce)}"' if nonce else ""
    style = _STYLE.format(text=_css_string(text))
    return f"<noscript><style{attribute}>{style}</style></noscript>"


def _css_string(text: str) -> str:
    """Return a text as a CSS string, with every character that could end it escaped."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text) + '"'
