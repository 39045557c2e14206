"""How to allow one site in each blocker or browser, with where each step comes from.

A step read in its maker's own documentation (source "primary") is printed in detail; what is known
only from the press or in general is printed in general words, so that a notice never sends anybody
to a button that is not there.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Source = Literal["primary", "press", "general"]

PANEL = ("Open the panel of your blocker from the toolbar.", "Allow this site there.")
OWN_PANEL = ("Open your browser's privacy settings for this site, and allow ads here.",)
_AUGUST = date(2026, 8, 1)


@dataclass(frozen=True)
class Guide:
    """The steps for one blocker or browser; `own` marks a browser's own switch.

    `checked_on`: the first day of the month in which the source was last read; None: not recorded.
    """

    key: str
    name: str
    steps: tuple[str, ...]
    source: Source
    checked_on: date | None = None
    own: bool = False


GUIDES: tuple[Guide, ...] = (
    Guide(
        "ubo",
        "uBlock Origin",
        ("Click its icon in the toolbar.", "Click the large power button."),
        "primary",
        _AUGUST,
    ),
    Guide(
        "ubol",
        "uBlock Origin Lite",
        ("Click its icon in the toolbar.", "Move the slider to “no filtering”."),
        "primary",
        _AUGUST,
    ),
    Guide(
        "abp",
        "Adblock Plus",
        ("Click its icon in the toolbar.", "Under “Block ads on”, turn off “This website”."),
        "primary",
        date(2024, 8, 1),
    ),
    Guide("adblock", "AdBlock", PANEL, "press"),
    Guide(
        "adguard",
        "AdGuard extension",
        ("Click its icon in the toolbar.", "Turn off “Protection on this website”."),
        "primary",
    ),
    Guide(
        "adguard-desktop",
        "AdGuard for Windows or Mac",
        ("Turn it off for this site in its Browser Assistant, or under Settings › Allowlist.",),
        "primary",
    ),
    Guide(
        "adguard-ios",
        "AdGuard for iPhone and iPad",
        ("Open the share sheet and choose AdGuard.", "Turn off “Enable on this page”."),
        "primary",
    ),
    Guide(
        "adguard-android",
        "AdGuard for Android",
        ("In AdGuard, open Assistant › Websites and choose this site.", "Tap “Add to allowlist”."),
        "primary",
    ),
    Guide(
        "ghostery",
        "Ghostery",
        ("Click its icon in the toolbar.", "Choose “Pause on this site”, then for how long."),
        "primary",
        _AUGUST,
    ),
    Guide(
        "privacy-badger",
        "Privacy Badger",
        ("Click its icon in the toolbar.", "Choose “Disable for this site”."),
        "primary",
        _AUGUST,
    ),
    Guide(
        "brave",
        "Brave Shields",
        ("Click the lion icon in the address bar.", "Turn Shields down for this site."),
        "primary",
        own=True,
    ),
    Guide(
        "firefox",
        "Firefox tracking protection",
        (
            "Click the shield in the address bar.",
            "Turn off “Enhanced Tracking Protection” for this site.",
        ),
        "primary",
        own=True,
    ),
    Guide(
        "safari-ios",
        "Content blockers on iPhone and iPad",
        ("You find them under Settings › Apps › Safari › Content Blockers.",),
        "primary",
    ),
    Guide("safari", "Safari on a Mac", OWN_PANEL, "general", own=True),
    Guide("edge", "Edge tracking prevention", OWN_PANEL, "press", own=True),
    Guide("opera", "Opera", OWN_PANEL, "general", own=True),
    Guide("other", "Any other blocker", PANEL, "general"),
    Guide(
        "network",
        "VPN, DNS service or company network",
        ("A single site cannot be allowed there. You are welcome to read on as you are.",),
        "general",
    ),
)

NEAR = 2

BRANDS = frozenset(
    {
        *("uBlock Origin", "uBlock Origin Lite", "Adblock Plus", "AdBlock", "Ghostery"),
        *("Privacy Badger", "Brave Shields", "Opera"),
    }
)
"""Names that are the same in every language."""

# Those that fit (browser, handheld?), most likely first. When the browser itself is the cause, the
# script takes the first guide that is the browser's own, so each browser's own switch is listed.
_FIT: dict[tuple[str, bool], tuple[str, ...]] = {
    ("chrome", False): ("abp", "ubol", "brave"),
    ("edge", False): ("abp", "ubo", "edge"),
    ("firefox", False): ("ubo", "abp", "firefox"),
    ("opera", False): ("abp", "ubo", "opera"),
    ("brave", False): ("brave", "ubo"),
    ("safari", False): ("adguard", "other", "safari"),
    ("chrome", True): ("adguard-android", "other", "brave"),
    ("edge", True): ("other", "adguard-android", "edge"),
    ("firefox", True): ("ubo", "firefox"),
    ("opera", True): ("other", "adguard-android", "opera"),
    ("brave", True): ("brave", "other"),
    ("safari", True): ("adguard-ios", "safari-ios"),
    ("samsung", True): ("other", "adguard-android"),
    ("other", False): ("abp", "ubo"),
    ("other", True): ("other", "adguard-android"),
}


def ordered(browser: str, device: str) -> list[Guide]:
    """Return every guide, those that fit this browser and device first."""
    handheld = device.lower() in {"phone", "mobile", "tablet"}
    fit = _FIT.get((browser.lower(), handheld)) or _FIT["other", handheld]
    rank = {key: place for place, key in enumerate(fit)}
    return sorted(GUIDES, key=lambda guide: rank.get(guide.key, len(fit)))
