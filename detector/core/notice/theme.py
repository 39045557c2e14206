"""What is sent of the option `look`: custom properties, colour scheme and logo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from detector.core.config.theme import COLOURS

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
"""The colours of static/src/notice/notice.css (tested), sent for a fixed theme."""


def sent(look: Mapping[str, str] | None) -> dict[str, Any]:
    """Return the part of the payload for `look`: custom properties, scheme and logo, if any."""
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
