"""The contrast of the colours that a site sets for its notice, by WCAG's formula."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterator, Mapping
from typing import Final

from detector.core.config.theme import COLOURS
from detector.core.notice.theme import PALETTES
from detector.notice_check.finding import Finding
from detector.notice_check.sources import WCAG

TEXT: Final = 4.5
EDGE: Final = 3.0
_PAIRS: Final = {"ink": TEXT, "soft": TEXT, "edge": EDGE, "ring": EDGE, "accent": EDGE}
"""The colours on the paper, and the contrast that they need."""

_FUNCTION: Final = re.compile(r"(rgb|hsl)a?\(\s*([^()]*?)\s*\)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")

Colour = tuple[float, float, float, float]
"""Red, green, blue and opacity, each from 0 to 1."""


def findings(look: Mapping[str, str] | None) -> Iterator[Finding]:
    """Yield each colour of a site that is hard to see in a scheme which the notice may have.

    A colour set by the site applies in both schemes, the others change with the scheme.
    """
    own = {name: value for name, value in (look or {}).items() if name in COLOURS}
    theme = (look or {}).get("theme", "auto")
    schemes = [theme] if theme in PALETTES else list(PALETTES)
    unread = [name for name, value in own.items() if name != "line" and not _judged(name, value)]
    for name in unread:
        yield Finding(
            f"look.{name}",
            f"the contrast of {own[name]} cannot be checked here",
            "check it in a contrast checker, or write it as #rrggbb",
            "note",
            str(WCAG),
        )
    for name, least in _PAIRS.items():
        for scheme in schemes:
            palette = PALETTES[scheme] | own
            if not {name, "paper"} & own.keys() or {name, "paper"} & {*unread}:
                continue
            if name in palette and (found := ratio(palette[name], palette["paper"])) < least:
                where = f"look.{name if name in own else 'paper'}"
                yield _poor(where, name, scheme, palette, found, least, theme in PALETTES)
                break


def _poor(
    where: str,
    name: str,
    scheme: str,
    palette: Mapping[str, str],
    found: float,
    least: float,
    fixed: bool,
) -> Finding:
    return Finding(
        where,
        f"{name} {palette[name]} on paper {palette['paper']} has a contrast of {found:.1f} to 1 "
        f"in the {scheme} theme, and {'text' if least == TEXT else 'an edge'} needs {least:g}",
        "choose one with more contrast"
        + ("" if fixed else "; a theme of light or dark keeps to one palette"),
        "error" if least == TEXT else "warning",
        str(WCAG),
    )


def ratio(over: str, under: str) -> float:
    """Return the contrast of two colours that can be parsed, from 1 to 21 (WCAG 2.2)."""
    back = _read(under)
    front = _read(over)
    if not front or not back:
        raise ValueError(f"{over!r} or {under!r} cannot be parsed")
    alpha = front[3]
    mixed = [f * alpha + b * (1 - alpha) for f, b in zip(front[:3], back[:3], strict=True)]
    light, dark = sorted((_luminance(mixed), _luminance(list(back[:3]))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _judged(name: str, value: str) -> bool:
    """Whether a colour can be parsed, and, if it is the paper, is opaque."""
    colour = _read(value)
    return colour is not None and (name != "paper" or colour[3] == 1)


def _luminance(colour: list[float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _read(text: str) -> Colour | None:
    """Parse hex, rgb() and hsl(), with commas or without; return None for any other form."""
    if text.startswith("#"):
        digits = text[1:] if len(text) > 5 else "".join(digit * 2 for digit in text[1:])
        parts = [int(digits[at : at + 2], 16) / 255 for at in range(0, len(digits), 2)]
        return parts[0], parts[1], parts[2], parts[3] if len(parts) > 3 else 1.0
    match = _FUNCTION.fullmatch(text)
    given = re.split(r"\s*[,/]\s*|\s+", match[2]) if match else []
    if not match or len(given) not in (3, 4):
        return None
    hue = match[1].lower() == "hsl"
    first = _value(given[0].removesuffix("deg"), 360) if hue else _value(given[0], 255)
    second, third = (_value(one, 100 if hue else 255) for one in given[1:3])
    alpha = _value(given[3], 1) if len(given) > 3 else 1.0
    if first is None or second is None or third is None or alpha is None:
        return None
    if hue:
        return (*colorsys.hls_to_rgb(first % 1, _unit(third), _unit(second)), _unit(alpha))
    return _unit(first), _unit(second), _unit(third), _unit(alpha)


def _value(text: str, whole: float) -> float | None:
    """Parse a number as part of `whole`, or a percentage."""
    number = text.removesuffix("%")
    if not _NUMBER.fullmatch(number):
        return None
    return float(number) / (100 if number != text else whole)


def _unit(value: float) -> float:
    return min(max(value, 0.0), 1.0)
