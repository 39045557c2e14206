"""The cases in the gallery: every mode × theme × direction × width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from detector.core.texts.locales import ENGLISH
from detector.core.texts.negotiation import direction, known
from detector.core.vocabulary import SHOWN_MODES

if TYPE_CHECKING:
    from detector.core.config.options import Config

MODES: Final = ("corner", *(mode for mode in SHOWN_MODES if mode != "corner"))
"""Modes that show something of ours, the default first."""

AWAY: Final = "away"
"""The message when ads do not arrive, shown in an ad's place (`unreachable_notice`)."""

THEMES: Final = ("light", "dark")
DIRECTIONS: Final = ("ltr", "rtl")
WIDTHS: Final = {"phone": (375, 667), "tablet": (768, 1024), "desktop": (1280, 800)}
"""Names of widths with the window's size in CSS pixels."""

PLACES: Final = {
    "phone": ("320x100", "300x250"),
    "tablet": ("728x90", "300x250"),
    "desktop": ("728x90", "300x250"),
}
"""The sizes of the ads whose place a notice takes, by width."""


@dataclass(frozen=True, slots=True)
class Case:
    """One picture of the gallery; `place` is the size of the ad, of the mode slot alone."""

    mode: str
    theme: str
    direction: str
    width: str
    place: str = ""

    @property
    def name(self) -> str:
        """The name of its file, without extension."""
        return "-".join(part for part in astuple(self) if part)

    def url(self, language: str) -> str:
        """Return the address of its page, with the notice in one language."""
        asked = {"mode": self.mode, "theme": self.theme, "dir": self.direction}
        asked |= {"width": self.width, "place": self.place, "lang": language}
        return "/page?" + urlencode({key: value for key, value in asked.items() if value})


def modes(config: Config) -> tuple[str, ...]:
    """Return the modes that a gallery of these options has."""
    return (*MODES, AWAY) if config.unreachable_notice else MODES


def cases(chosen: Sequence[str]) -> Iterator[Case]:
    """Yield every case of some modes."""
    for mode in chosen:
        for width in WIDTHS:
            for place in PLACES[width] if mode in ("slot", AWAY) else ("",):
                for theme in THEMES:
                    for way in DIRECTIONS:
                        yield Case(mode, theme, way, width, place)


def languages(config: Config, asked: str = "") -> dict[str, str]:
    """Return a language for each direction: the requested one, or the site's, and a default."""
    home = known(asked) or known(config.locale) or ENGLISH
    return {"ltr": ENGLISH, "rtl": "he"} | {direction(home): home}
