"""How to allow one site in each blocker or browser, with the source and date of each step.

Steps confirmed by the maker (a manual, the labels, release notes) are given in detail, and are
checked again at least every 180 days (tests/core/texts/test_steps.py); all others are given in
general words, so that a notice never refers to a button that does not exist.
docs/reference/steps.md shows the table.
"""

from dataclasses import dataclass
from datetime import date

PANEL = ("Open the panel of your blocker from the toolbar.", "Allow this site there.")
APP = ("Open the app of your blocker.", "Allow this site there.")
OWN_PANEL = ("Open your browser's privacy settings for this site, and allow ads here.",)
NETWORK = ("A single site cannot be allowed there. You are welcome to read on as you are.",)
GENERAL = frozenset({PANEL, APP, OWN_PANEL, NETWORK})
"""Steps that apply to any product, and so need no source."""

_ICON = "Click its icon in the toolbar."
_OFF = "Turn off protection for this site."
_AUGUST = date(2026, 8, 1)
_NOVEMBER = date(2026, 11, 23)


@dataclass(frozen=True)
class Guide:
    """The steps for one blocker or browser; `own` marks a browser's own switch.

    `source_url` and `checked_on` are the maker's page and the day on which it was last read; None
    for general steps.
    """

    key: str
    name: str
    steps: tuple[str, ...]
    source_url: str | None = None
    checked_on: date | None = None
    own: bool = False


GUIDES: tuple[Guide, ...] = (
    Guide(
        "ubo",
        "uBlock Origin",
        (_ICON, "Click the large power button."),
        "https://github.com/uBlockOrigin/uBlock-issues/wiki/Quick-guide:-popup-user-interface",
        _AUGUST,
    ),
    Guide(
        "ubol",
        "uBlock Origin Lite",
        (_ICON, "Move the slider to “no filtering”."),
        "https://raw.githubusercontent.com/uBlockOrigin/uBOL-home/main/chromium/_locales/en/messages.json",
        _AUGUST,
    ),
    Guide("abp", "Adblock Plus", PANEL),
    Guide("adblock", "AdBlock", PANEL),
    Guide(
        "adguard",
        "AdGuard extension",
        (_ICON, _OFF),
        "https://github.com/AdguardTeam/AdguardBrowserExtension/blob"
        "/222d415c0a850d227252f7b66cbe5a18dc24fbc8/Extension/_locales/en/messages.json",
        _NOVEMBER,
    ),
    Guide(
        "adguard-desktop",
        "AdGuard for Windows or Mac",
        ("Open AdGuard Browser Assistant from the toolbar.", _OFF),
        "https://github.com/AdguardTeam/KnowledgeBase/blob/104d95fe0cf39f488f9501cca38cf574daa21357"
        "/docs/adguard-for-mac/features/browser-assistant.md",
        _NOVEMBER,
    ),
    Guide("adguard-ios", "AdGuard for iPhone and iPad", APP),
    Guide(
        "adguard-android",
        "AdGuard for Android",
        (
            "Open Assistant › Websites from AdGuard's notification, and choose this site.",
            "Tap “Add to allowlist”.",
        ),
        "https://github.com/AdguardTeam/KnowledgeBase/blob/3fe91f8669b3dbefe2c786ef18f1bc24e4afad77"
        "/docs/adguard-for-android/features/assistant.md",
        _NOVEMBER,
    ),
    Guide(
        "ghostery",
        "Ghostery",
        (_ICON, "Choose “Pause on this site”, then for how long."),
        "https://github.com/ghostery/ghostery-extension/pull/1857",
        _AUGUST,
    ),
    Guide(
        "privacy-badger",
        "Privacy Badger",
        (_ICON, "Choose “Disable for this site”."),
        "https://github.com/EFForg/privacybadger/releases/tag/release-2026.6.16",
        _AUGUST,
    ),
    Guide(
        "brave",
        "Brave Shields",
        ("Click the Shields icon in the address bar.", "Turn Shields down for this site."),
        "https://support.brave.com/hc/en-us/articles/360022806212-How-do-I-use-Shields-while-browsing",
        _NOVEMBER,
        own=True,
    ),
    Guide(
        "firefox",
        "Firefox tracking protection",
        ("Click the shield in the address bar.", _OFF),
        "https://searchfox.org/mozilla-central/source/browser/locales/en-US/browser/protectionsPanel.ftl",
        _NOVEMBER,
        own=True,
    ),
    Guide(
        "safari-ios",
        "Content blockers on iPhone and iPad",
        ("You find them under Settings › Apps › Safari › Content Blockers.",),
        "https://github.com/uBlockOrigin/uBOL-home/wiki/Troubleshooting",
        _NOVEMBER,
    ),
    Guide("safari", "Safari on a Mac", OWN_PANEL, own=True),
    Guide("edge", "Edge tracking prevention", OWN_PANEL, own=True),
    Guide("opera", "Opera", OWN_PANEL, own=True),
    Guide("other", "Any other blocker", PANEL),
    Guide("network", "VPN, DNS service or company network", NETWORK),
)

NEAR = 2

BRANDS = frozenset(
    {
        *("uBlock Origin", "uBlock Origin Lite", "Adblock Plus", "AdBlock", "Ghostery"),
        *("Privacy Badger", "Brave Shields", "Opera"),
    }
)
"""Names that are the same in every language."""

# Guides for (browser, handheld?), most likely first. When the browser itself is the cause, the
# payload has only the first that is the browser's own, so each browser's own switch is listed.
_FIT: dict[tuple[str, bool], tuple[str, ...]] = {
    ("chrome", False): ("abp", "ubol", "brave"),
    ("edge", False): ("abp", "ubo", "edge"),
    ("firefox", False): ("ubo", "abp", "firefox"),
    ("opera", False): ("abp", "ubo", "opera"),
    ("brave", False): ("brave", "ubo"),
    ("safari", False): ("ubol", "adguard", "safari"),
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
    """Return every guide, those for this browser and device first."""
    handheld = device.lower() in {"phone", "mobile", "tablet"}
    fit = _FIT.get((browser.lower(), handheld)) or _FIT["other", handheld]
    rank = {key: place for place, key in enumerate(fit)}
    return sorted(GUIDES, key=lambda guide: rank.get(guide.key, len(fit)))
