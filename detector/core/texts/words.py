"""The notice's texts in English: the source of all translations.

They describe what is observed, never who the visitor is, and they never threaten. The translations
are in `locale/*.po`; after a change here run scripts/texts.
"""

from __future__ import annotations

from typing import Final

DEFAULT_PRESET: Final = "newspaper"

PRESETS: Final[dict[str, dict[str, str]]] = {
    "newspaper": {
        "title": "Adblock Detected",
        "body": (
            "Adblock Detected. Please support us by disabling your AdBlocker extension "
            "from your browsers for our website."
        ),
    },
    "warm": {
        "title": "May we ask you a favour?",
        "body": "Ads pay for the work that goes into this website. Would you allow them here?",
    },
    "short": {
        "title": "Ads pay for this website",
        "body": "Would you allow them here?",
    },
    "formal": {
        "title": "No ads can be shown on this page",
        "body": (
            "This website pays for its work with advertising. "
            "We would be grateful if you allowed it here."
        ),
    },
    "nonprofit": {
        "title": "We are a non-profit",
        "body": (
            "Ads help to pay for this website, which makes no profit. "
            "Would you support us by allowing them here?"
        ),
    },
}
"""The title and the body; the other texts are the same in every preset."""

UI: Final[dict[str, str]] = {
    "how": "How to allow ads",
    "done": "I have allowed ads",
    "later": "Not now",
    "close": "Close",
    "seen": "Something in your browser is stopping ads on this page. To allow them here:",
    "seen_browser": (
        "Your browser's own protection is stopping ads on this page. To allow them here:"
    ),
    "then": "Then choose “{done}”.",
    "more": "Another blocker or browser",
    "disputed": "I block no ads",
    "looking": "Looking again…",
    "still": "Ads are still being stopped. Most blockers need the page to load again.",
    "unsure": "We could not tell yet. Most blockers need the page to load again.",
    "again": (
        "Ads are still being stopped. "
        "Where there is more than one blocker, each needs to allow this site."
    ),
    "reload": "Reload the page",
    "thanks": "Thank you for supporting this website.",
    "subscribe": "Subscribe",
    "donate": "Donate",
    "support": "Support us another way",
    "go_on": "Continue without allowing ads",
    "away_title": "An ad could not be shown here",
    "away_body": "Ads pay for this website. You are welcome to read on.",
    "noscript": (
        "Ads pay for this website, and without JavaScript none can be shown. "
        "You are welcome to read on."
    ),
    "saw_title": "What this page noticed",
    "saw_requests": "Files with names that ads often have did not arrive, while others did.",
    "saw_elements": "Elements with names that ads often have were hidden.",
    "saw_ads": "The page's own ads did not load.",
    "saw_slots": "The places for ads stayed empty.",
    "saw_why": (
        "This is not always an ad blocker: "
        "a network, a security program or a browser setting can do it too."
    ),
    "saw_counted": (
        "Your answer is counted together with these lines, but nothing that says who you are."
    ),
    "saw_local": "Your answer and these lines stay in your browser.",
    "saw_thanks": (
        "Thank you for telling us. You will not see this notice again during this visit."
    ),
}

EXTRA: Final = frozenset(
    {"subscribe", "donate", "support", "go_on", "away_title", "away_body", "noscript"}
    | {key for key in UI if key.startswith("saw_")}
)
"""Texts that most notices do not need: they are not sent with the others."""

QUIET: Final = (
    "We will not ask again for {days} day.",
    "We will not ask again for {days} days.",
)
"""Singular and plural of the sentence for "Not now"."""

QUIET_DAYS: Final = (7, 30)
"""Days of quiet after "Not now", at first and from the third time on (static/src storage.js)."""

KEYS: Final = ("title", "body", *UI, "quiet")
"""Every text that a site may replace."""

PLACEHOLDERS: Final[dict[str, tuple[str, ...]]] = {"then": ("{done}",), "quiet": ("{days}",)}
"""Placeholders that are filled in; their names are the same in every language."""

_BUTTONS = dict.fromkeys(("how", "done", "later", "close", "reload", "disputed"), 36)
_BUTTONS |= dict.fromkeys(("subscribe", "donate", "support", "go_on"), 36)
_LONGER = dict.fromkeys(("seen", "seen_browser", "still", "unsure", "again", "noscript"), 160)
_LONGER |= dict.fromkeys(("saw_requests", "saw_why", "saw_counted", "saw_thanks"), 160)
_HEADS = {"title": 48, "away_title": 48, "saw_title": 48, "body": 180, "away_body": 180}
FITS: Final[dict[str, int]] = dict.fromkeys(KEYS, 90) | _HEADS | _BUTTONS | _LONGER
"""Characters up to which a text reads well in the notice on a phone."""

MOST: Final[dict[str, int]] = (
    dict.fromkeys(KEYS, 300)
    | dict.fromkeys(("title", "away_title", "saw_title"), 100)
    | dict.fromkeys(("body", "away_body"), 500)
    | dict.fromkeys(_BUTTONS, 60)
)
"""Characters above which a text is refused."""
