"""Builds HTML in which every text is escaped, unless it was built here itself."""

from __future__ import annotations

from html import escape

from detector.audit.wording import LONGEST, cut

_VOID = ("img", "link", "meta")


class Html(str):
    """A piece of a page that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *inside: str | None, **attributes: str | int | bool | None) -> Html:
    """Return an element; texts are escaped, cut, and stripped of control characters.

    None and False are left out. An attribute's name may end in `_` if it is a Python keyword, and
    has `_` for `-`.
    """
    told = "".join(
        f" {key.rstrip('_').replace('_', '-')}"
        + ("" if value is True else f'="{safe(value if isinstance(value, str) else str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    end = "" if name in _VOID else f"{join(*inside)}</{name}>"
    return Html(f"<{name}{told}>{end}")


def join(*inside: str | None) -> Html:
    """Return pieces and texts concatenated."""
    return Html("".join(safe(one) for one in inside if one is not None))


def safe(text: str, most: int = LONGEST) -> Html:
    """Escape a text, unless it is HTML."""
    return text if isinstance(text, Html) else Html(escape(cut(text, most)))


def foreign(text: str, most: int = LONGEST) -> Html:
    """Return a text with its own direction, which does not affect that of the text beside it."""
    return tag("bdi", safe(text, most))


def address(url: str, most: int = LONGEST) -> Html:
    """Return an address as a link if it is one that can be followed; it reads left to right."""
    shown = tag("bdi", safe(url, most), dir="ltr")
    if not url.startswith(("http://", "https://")) or len(url) > LONGEST:
        return shown
    return tag("a", shown, href=url, rel="noreferrer")
