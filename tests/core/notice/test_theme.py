"""What is sent of the option `look`."""

from __future__ import annotations

from typing import Any

import pytest

from detector.core.notice.theme import PALETTES, sent

DARK = {f"--notice-{name}": colour for name, colour in PALETTES["dark"].items()}
LOGO = {"logo": "/l.svg"}


@pytest.mark.parametrize(
    ("look", "wanted"),
    [
        (None, {}),
        ({}, {}),
        ({"theme": "auto"}, {}),
        ({"theme": "dark"}, {"look": {**DARK, "color-scheme": "dark"}}),
        (
            {"theme": "dark", "ink": "#fff"},
            {"look": {**DARK, "--notice-ink": "#fff", "color-scheme": "dark"}},
        ),
        ({"accent": "#b00020"}, {"look": {"--notice-accent": "#b00020"}}),
        (
            {"font": "a", "title_font": "b", "radius": "3px"},
            {
                "look": {
                    **{"--notice-font": "a", "--notice-title-font": "b"},
                    "--notice-radius": "3px",
                }
            },
        ),
        (LOGO, {"logo": ["/l.svg", ""]}),
        ({**LOGO, "logo_alt": "The News"}, {"logo": ["/l.svg", "The News"]}),
        ({"logo_alt": "The News"}, {}),
    ],
)
def test_sent(look: dict[str, str] | None, wanted: dict[str, Any]) -> None:
    """Custom properties, the scheme of a fixed theme, and the logo are sent where they are set."""
    assert sent(look) == wanted
