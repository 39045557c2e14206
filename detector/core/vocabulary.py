"""The closed sets of words for verdicts, notices and counts."""

from __future__ import annotations

from typing import Final

STATES: Final = ("blocked", "unreachable", "clear", "unknown")
"""The verdicts on a page view."""

KINDS: Final = ("extension", "browser", "network")
"""What may block on a page; a verdict's kind may also be null."""

UNSURE: Final = "unsure"
"""Stands for the kind null where a word is needed: in rules, texts and the browser's storage."""

KINDS_OR_UNSURE: Final = (*KINDS, UNSURE)

MODES: Final = (
    *("slot", "corner", "bottom-bar", "top-bar", "modal"),
    *("soft-wall", "hard-wall", "redirect", "custom", "none"),
)
"""How a notice may appear on a page. Cached pages refer to a mode by its index: append only."""

WALLS: Final = ("hard-wall", "redirect")
"""Modes that block reading: a second probe with other baits must confirm the verdict first."""

BROWSERS: Final = ("chrome", "firefox", "safari", "edge", "opera", "brave", "samsung")
DEVICES: Final = ("desktop", "phone", "tablet")
OTHER: Final = "other"
"""Any value beyond those that are distinguished."""

LEVELS: Final = ("off", "local", "stats", "full")
"""How much may be counted and kept, in ascending order."""

CONSENTS: Final = ("page", "tcf")
"""Where consent comes from: the page itself, or a tool of the IAB's framework (TCF)."""

VIEW_ACTIONS: Final = (
    *("page", "page-shared", "passed", "view", "verdict", "corrected", "revised", "recovered"),
)
"""What is counted about a page view, besides actions on its notice."""

NOTICE_ACTIONS: Final = ("shown", "steps", "recheck", "allowed", "dismissed", "support")
"""Actions on a notice: the funnel, from first to last."""

HEALTH_ACTIONS: Final = ("refused", "dropped", "error", "unshared")
"""Counts that are not about a view: no state, and no dimension except the reason."""

ACTIONS: Final = (*VIEW_ACTIONS, *NOTICE_ACTIONS, *HEALTH_ACTIONS)

REASONS: Final = (
    *("method", "origin", "size", "encoding", "syntax", "token", "expired"),
    *("repeat", "unknown-key", "value", "rate", "bot", "share", "consent"),
)
"""Why a report was refused, or a page view was not probed."""
