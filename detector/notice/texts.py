"""The notice's words per language, and the payload in which they reach the browser.

They say what is seen, never who somebody is, and they threaten nobody.
"""

from typing import Any, Final

from detector.notice.steps import NEAR, ordered

MODES: Final = ("corner", "modal", "none")
RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he"})

# One flat dict per language; every language has exactly the keys of English.
TEXTS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "title": "Adblock Detected",
        "body": (
            "Please support us by disabling your AdBlocker extension "
            "from your browsers for our website."
        ),
        "how": "How to allow ads",
        "done": "I have allowed ads",
        "later": "Not now",
        "close": "Close",
        "seen": "Something in your browser is stopping ads on this page. To allow them here:",
        "seen_browser": (
            "Your browser's own protection is stopping ads on this page. To allow them here:"
        ),
        "then": "Then choose “I have allowed ads”.",
        "more": "Another blocker or browser",
        "looking": "Looking again…",
        "still": "Ads are still being stopped. Most blockers need the page to load again.",
        "unsure": "We could not tell yet. Most blockers need the page to load again.",
        "again": (
            "Ads are still being stopped. "
            "Where there is more than one blocker, each needs to allow this site."
        ),
        "reload": "Reload the page",
        "thanks": "Thank you for supporting this website.",
    },
}


def payload(
    mode: str, locale: str = "en", browser: str = "other", device: str = "desktop"
) -> dict[str, Any]:
    """Return what the notice fetches: mode, words of one language, and guides in the best order.

    An unknown locale gets its base language, then English; an unknown browser the common order.
    """
    if mode not in MODES:
        raise ValueError(f"notice mode {mode!r} is not known: use one of {', '.join(MODES)}")
    lang = next((tag for tag in (locale, locale.split("-")[0]) if tag in TEXTS), "en")
    guides: list[dict[str, Any]] = []
    for guide in ordered(browser, device):
        item: dict[str, Any] = {"name": guide.name, "steps": list(guide.steps)}
        if guide.own:
            item["own"] = True
        guides.append(item)
    return {
        "mode": mode,
        "lang": lang,
        "dir": "rtl" if lang.split("-")[0] in RIGHT_TO_LEFT else "ltr",
        "text": dict(TEXTS[lang]),
        "guides": guides,
        "near": NEAR,
    }
