"""The line that visitors without JavaScript read above a page: the option `noscript`."""

from __future__ import annotations

from html import escape

# A head may hold no paragraph for those without scripts, but it may hold a style.
_RULES = (
    "body::before{{display:block;padding:10px 16px;background:#1f1e1c;color:#f3f1ec;"
    "font:15px/1.5 system-ui,sans-serif;text-align:center;content:{text}}}"
)


def build(text: str, nonce: str) -> str:
    """Give the element that shows a text where scripts are off, and does nothing elsewhere."""
    given = f' nonce="{escape(nonce)}"' if nonce else ""
    return f"<noscript><style{given}>{_RULES.format(text=_quoted(text))}</style></noscript>"


def _quoted(text: str) -> str:
    """Write a text as CSS does, every letter that could end it by its number."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text) + '"'
