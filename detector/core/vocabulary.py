"""The closed sets of words for verdicts, notices and counts."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Final, NamedTuple

STATES: Final = ("blocked", "unreachable", "clear", "unknown", "partial")
"""The verdicts on a page view."""

AD_FREE: Final = "ad-free"
"""What a page of a member asks for in place of a mode: nobody is looked at, asked or judged."""

KINDS: Final = ("extension", "browser", "network")
"""What may block on a page; a verdict's kind may also be null."""

UNSURE: Final = "unsure"
"""Stands for the kind null where a word is needed: in rules, texts and the browser's storage."""

KINDS_OR_UNSURE: Final = (*KINDS, UNSURE)

PREVIEW_PARAMETER: Final = "simulate"
"""Carries the token of a signed link that shows the notice, in a page's query."""


class Mode(NamedTuple):
    """How a notice may appear on a page."""

    name: str
    card: str = ""
    """Classes of its card, as in static/src/notice/view.js; empty where it shows none of ours."""
    style: str = ""
    """Its style sheet in static/src/notice/modes, sent with the texts; a corner needs none."""
    covers: bool = False
    """Whether it covers the content."""
    wall: bool = False
    """Whether it blocks reading."""


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
"""The modes. Cached pages refer to a mode by its index: append only."""

MODES: Final = tuple(mode.name for mode in TABLE_OF_MODES)
"""The modes by name."""

SHOWN_MODES: Final = tuple(mode.name for mode in TABLE_OF_MODES if mode.card)
"""Modes that show a card of ours."""

COVERING_MODES: Final = tuple(mode.name for mode in TABLE_OF_MODES if mode.covers)
"""Modes that cover the content."""

WALLS: Final = tuple(mode.name for mode in TABLE_OF_MODES if mode.wall)
"""Modes that block reading: a second probe with other baits must confirm the verdict first."""

PRESET_NAMES: Final = ("newspaper", "warm", "short", "formal", "nonprofit")
"""The notice's titles and bodies to choose from."""

LINKS: Final = ("subscribe", "donate", "support")
"""The purposes of the owner's links, in the order in which they are offered."""

BROWSERS: Final = ("chrome", "firefox", "safari", "edge", "opera", "brave", "samsung")
DEVICES: Final = ("desktop", "phone", "tablet")
OTHER: Final = "other"
"""Any value beyond those that are distinguished."""

LEVELS: Final = ("off", "local", "stats", "full")
"""How much may be counted and kept, in ascending order."""

CONSENTS: Final = ("page", "tcf")
"""Where consent comes from: the page itself, or a tool of the IAB's framework (TCF)."""

PAGE_ACTIONS: Final = ("page-robot", "pageless")
"""Counted by path group alone: pages sent to browsers that are automated, and views, robots
included, whose document was not counted as a page when it was sent."""

VIEW_ACTIONS: Final = (
    *("page", "page-shared", *PAGE_ACTIONS, "passed", "ad-free"),
    *("view", "verdict", "corrected", "recovered"),
)
"""What is counted about a page view, besides actions on its notice."""

FUNNEL: Final = ("shown", "steps", "recheck", "allowed", "dismissed", "support")
"""Actions on a notice that count towards what it achieves, from first to last."""

NOTICE_ACTIONS: Final = (*FUNNEL, "disputed")
"""Actions on a notice; `disputed` is "I block no ads"."""

SIGNALS: Final = ("requests", "elements", "ads", "slots")
"""The signals of a verdict that a visitor is told about; static/src/panel/rows.js has the same."""

PATTERNS: Final = ("none", *(" ".join(c) for n in range(1, 5) for c in combinations(SIGNALS, n)))
"""Which of the signals said blocked, in their order."""

TEST_ACTIONS: Final = ("drawn", "stayed", "won")
"""Counted once for each browser session that has a variant of the notice: when it is drawn, at the
session's next view, and at its first later view that is clear."""

REPORTED_ACTIONS: Final = (*NOTICE_ACTIONS, *TEST_ACTIONS[:2])
"""What a report may say that happened; the first view that is clear says so with its verdict."""

HEALTH_ACTIONS: Final = ("refused", "dropped", "error", "unshared")
"""Counts that are not about a view: no state, and no dimension except the reason."""

ACTIONS: Final = (*VIEW_ACTIONS, *NOTICE_ACTIONS, *TEST_ACTIONS, *HEALTH_ACTIONS)

REASONS: Final[Mapping[str, str]] = {
    "origin": "from a page of another site",
    "size": "too long",
    "encoding": "compressed, which reports never are",
    "syntax": "not valid JSON",
    "token": "unsigned, or signed with another secret",
    "expired": "from a page left open for over a day",
    "repeat": "sent before",
    "unknown-key": "with an unknown field",
    "value": "with a value that is not allowed",
    "rate": "too many from one client",
    "bot": "from a robot",
    "share": "outside the measured share of views",
    "consent": "from a page or visitor that may not be counted",
}
"""Why a report was refused or a page view was not probed, each reason with its words."""

DIMENSIONS: Final[Mapping[str, frozenset[str]]] = {
    "kind": frozenset({*KINDS, "none"}),
    "browser": frozenset({*BROWSERS, OTHER}),
    "device": frozenset({*DEVICES, OTHER}),
    "mode": frozenset(MODES),
    "reason": frozenset(REASONS),
    "signals": frozenset(PATTERNS),
}
"""The values of each closed dimension of the counts."""
