"""The words of a verdict, a notice and a count, each in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

STATES: Final = ("blocked", "unreachable", "clear", "unknown")
"""What a page view may be."""

KINDS: Final = ("extension", "browser", "network")
"""What may act on a page; a verdict's kind may also be null."""

UNSURE: Final = "unsure"
"""Stands for the kind null where a word is needed: in rules, texts and the browser's storage."""

KINDS_OR_UNSURE: Final = (*KINDS, UNSURE)

PREVIEW_PARAMETER: Final = "simulate"
"""Carries the token of a signed link that shows the notice, in a page's query."""


class Mode(NamedTuple):
    """How a notice may stand on a page."""

    name: str
    card: str = ""
    """Classes of its card, as in static/src/notice/view.js; empty where it shows none of ours."""
    style: str = ""
    """Its style sheet in static/src/notice/modes, sent with the texts; a corner needs none."""
    covers: bool = False
    """Whether it stands before the content."""
    wall: bool = False
    """Whether it lets nobody read on."""


TABLE_OF_MODES: Final = (
    Mode("slot", "slot", "slot"),
    Mode("corner", "corner"),
    Mode("bottom-bar", "bar", "bar"),
    Mode("top-bar", "bar top", "bar"),
    Mode("modal", "middle", "middle", covers=True),
    Mode("soft-wall", "middle wall", "middle", covers=True),
    Mode("hard-wall", "middle wall hard", "middle", covers=True, wall=True),
    Mode("redirect", covers=True, wall=True),
    Mode("custom"),
    Mode("none"),
)
"""The modes. Pages in caches name a mode by its place: add at the end."""

MODES: Final = tuple(mode.name for mode in TABLE_OF_MODES)
"""The modes by name."""

SHOWN_MODES: Final = tuple(mode.name for mode in TABLE_OF_MODES if mode.card)
"""Modes that show a card of ours."""

COVERING_MODES: Final = tuple(mode.name for mode in TABLE_OF_MODES if mode.covers)
"""Modes that stand before the content."""

WALLS: Final = tuple(mode.name for mode in TABLE_OF_MODES if mode.wall)
"""Modes that let nobody read on: a second look with other baits must agree first."""

PRESET_NAMES: Final = ("newspaper", "warm", "short", "formal", "nonprofit")
"""The notice's titles and bodies to choose from."""

BROWSERS: Final = ("chrome", "firefox", "safari", "edge", "opera", "brave", "samsung")
DEVICES: Final = ("desktop", "phone", "tablet")
OTHER: Final = "other"
"""Any value beyond those that are told apart."""

LEVELS: Final = ("off", "local", "stats", "full")
"""How much may be counted and kept, from nothing to most."""

CONSENTS: Final = ("page", "tcf")
"""Who may be asked for consent: the page itself, or a tool of the IAB's framework."""

VIEW_ACTIONS: Final = (
    *("page", "page-shared", "passed", "view", "verdict", "corrected", "revised", "recovered"),
)
"""What is counted of a page view beside what is done with its notice."""

NOTICE_ACTIONS: Final = ("shown", "steps", "recheck", "allowed", "dismissed", "support")
"""What may be done with a notice: the funnel, from the first to the last."""

HEALTH_ACTIONS: Final = ("refused", "dropped", "error", "unshared")
"""What says nothing of a view: no state, and no dimension but the reason."""

ACTIONS: Final = (*VIEW_ACTIONS, *NOTICE_ACTIONS, *HEALTH_ACTIONS)

REASONS: Final[Mapping[str, str]] = {
    "origin": "from a page that is not of this site",
    "size": "too long",
    "encoding": "compressed, which no report is",
    "syntax": "not JSON",
    "token": "signed by nobody, or with another secret",
    "expired": "of a page left open for over a day",
    "repeat": "reported before",
    "unknown-key": "with a field that is not known",
    "value": "with a value that is not allowed",
    "rate": "too many of one client",
    "bot": "of a robot",
    "share": "outside the share of views that is measured",
    "consent": "of a page or visitor of whom nothing may be counted",
}
"""Why a report was refused, or a page view passed without a look: each reason with its words."""
