"""The option `look`: colours, fonts, corners and logo of the notice, and what of it is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from detector.core.errors import ConfigError

THEMES: Final = ("auto", "light", "dark")
PALETTES: Final[dict[str, dict[str, str]]] = {
    "light": {
        **{"ink": "#1b1a18", "paper": "#ffffff", "soft": "#55524c"},
        **{"line": "#dedbd4", "edge": "#85817a", "ring": "#0b57d0"},
    },
    "dark": {
        **{"ink": "#f3f1ec", "paper": "#1f1e1c", "soft": "#bfbbb2"},
        **{"line": "#403d39", "edge": "#8f8b83", "ring": "#9cc2ff"},
    },
}
"""The colours of static/src/notice/notice.css (a test compares them), sent for a fixed theme."""

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
    if value is None:
        return
    names = ", ".join(_ALLOWED)
    if not isinstance(value, Mapping):
        raise ConfigError(f'{key} is {value!r}; allowed is {{"theme": "dark"}}, out of {names}')
    for name, given in value.items():
        if name not in _ALLOWED:
            raise ConfigError(f"{key} has {name!r}; it may have {names}")
        form, allowed = _ALLOWED[name]
        if not isinstance(given, str) or not form.fullmatch(given):
            raise ConfigError(f"{key}[{name}] is {given!r}; {allowed}")


def sent(look: Mapping[str, str] | None) -> dict[str, Any]:
    """Return what of the look the notice is sent: custom properties, scheme and logo, if any."""
    look = look or {}
    theme = look.get("theme", "auto")
    colours = PALETTES.get(theme, {}) | {n: look[n] for n in COLOURS if n in look}
    values = {f"--notice-{name}": colour for name, colour in colours.items()}
    for name in ("font", "title_font", "radius"):
        if name in look:
            values["--notice-" + name.replace("_", "-")] = look[name]
    if theme != "auto":
        values["color-scheme"] = theme
    out: dict[str, Any] = {"look": values} if values else {}
    if "logo" in look:
        out["logo"] = [look["logo"], look.get("logo_alt", "")]
    return out
