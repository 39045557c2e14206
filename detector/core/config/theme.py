"""The option `look`: colours, fonts, corners and logo of the notice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from detector.core.errors import ConfigError

THEMES: Final = ("auto", "light", "dark")
COLOURS: Final = ("ink", "paper", "soft", "line", "edge", "ring", "accent")
_COLOUR = re.compile(
    r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})|"
    r"(?:rgb|rgba|hsl|hsla|oklch|oklab|lab|lch)\([0-9a-z%.,/ -]{1,60}\)"
)
_FONT = re.compile(r"[^{}<>;\\\n]{1,200}")
_RADIUS = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})?)(?:px|rem|em)|0")
_LOGO = re.compile(
    r"https?://[^\s\"'<>\\]{1,500}|/(?![/\\])[^\s\"'<>\\]{1,500}|"
    r"data:image/(?:svg\+xml|png|webp|jpeg)[;,][^\s\"<>\\]{1,4000}"
)
_ALLOWED: Final[dict[str, tuple[re.Pattern[str], str]]] = {
    "theme": (re.compile("|".join(THEMES)), f"allowed are {', '.join(THEMES)}"),
    **dict.fromkeys(COLOURS, (_COLOUR, "allowed are colours such as #1b1a18 and rgb(27, 26, 24)")),
    **dict.fromkeys(
        ("font", "title_font"),
        (_FONT, "allowed are names of fonts with commas between them, such as 'Georgia, serif'"),
    ),
    "radius": (_RADIUS, "allowed are lengths such as 3px, 0.5rem and 0"),
    "logo": (_LOGO, "allowed are paths such as '/logo.svg', https://… and data:image/…"),
    "logo_alt": (re.compile(r"[^\x00-\x1f]{0,100}"), "allowed is a text of at most 100 letters"),
}


def check_look(key: str, value: Any) -> None:
    """Check the option `look`: {"theme": "dark", "accent": "#b00020"}; raises ConfigError."""
    names = ", ".join(_ALLOWED)
    if not isinstance(value, Mapping):
        raise ConfigError(f'{key} is {value!r}; allowed is {{"theme": "dark"}}, out of {names}')
    for name, given in value.items():
        if name not in _ALLOWED:
            raise ConfigError(f"{key} has {name!r}; it may have {names}")
        form, allowed = _ALLOWED[name]
        if not isinstance(given, str) or not form.fullmatch(given):
            raise ConfigError(f"{key}[{name}] is {given!r}; {allowed}")
