"""Classifies a User-Agent header: browser family, device class, bot or not.

The header itself is never kept: only these words reach the counters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

# Real headers are below 400 characters; the slow parser needs seconds for a hostile 192 KB one.
_LONGEST = 512
# A thousand capped headers take at most about 0.6 MB, and cover a site's usual visitors.
_REMEMBERED = 1024

# Parsers return families such as "Mobile Safari UI/WKWebView": the first match decides, so the
# more specific names ("Edge", "Opera", "Samsung") come before "Chrome" and "Safari".
_FAMILY_WORDS = (
    ("edge", "edge"),
    ("opera", "opera"),
    ("brave", "brave"),
    ("samsung internet", "samsung"),
    ("firefox", "firefox"),
    ("chrome", "chrome"),
    ("chromium", "chrome"),
    ("safari", "safari"),
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """What is known about a visitor, each from a closed set of words."""

    browser: str
    device: str
    bot: bool


_NOBODY = Visitor("other", "other", True)


def classify(user_agent: str | None) -> Visitor:
    """Classify the sender of this header (None: no header); never raises, whatever it contains.

    A missing or blank header counts as a bot's. The first call imports the parsers (about 0.4 s);
    after that a new header takes 0.3 to 1 ms and a cached one less than 2 µs.
    """
    if not user_agent:
        return _NOBODY
    # The fast parser refuses lone surrogates, and ASCII bounds the memory used by the cache.
    text = user_agent[:_LONGEST].encode("ascii", "replace").decode("ascii").strip()
    return _classify(text) if text else _NOBODY


@lru_cache(maxsize=_REMEMBERED)
def _classify(text: str) -> Visitor:
    from crawleruseragents import is_crawler

    listed = bool(is_crawler(text))
    agent = _parse(text)
    if agent is None:
        return Visitor("other", "other", listed)
    return Visitor(_browser(agent), _device(agent), listed or bool(agent.is_bot))


def _parse(text: str) -> Any:
    """Return the parsed header, or None if no parser succeeds."""
    for parser in (_parse_fast, _parse_slow):
        try:
            return parser(text)
        except Exception:  # a change in either library must not break a page
            continue
    return None


def _parse_fast(text: str) -> Any:
    """Fill user-agents' class from ua-parser's compiled matcher: 14-69 µs instead of 1.5 ms."""
    import ua_parser
    from user_agents import parsers

    found = ua_parser.parse(text).with_defaults()
    system, browser, device = found.os, found.user_agent, found.device
    agent = parsers.UserAgent.__new__(parsers.UserAgent)
    agent.ua_string = text
    agent.os = parsers.parse_operating_system(
        system.family, system.major, system.minor, system.patch
    )
    agent.browser = parsers.parse_browser(
        browser.family, browser.major, browser.minor, browser.patch
    )
    agent.device = parsers.parse_device(device.family, device.brand, device.model)
    return agent


def _parse_slow(text: str) -> Any:
    """Parse with user-agents alone, for a ua-parser without the fast interface."""
    import user_agents

    return user_agents.parse(text)


def _browser(agent: Any) -> str:
    family = str(agent.browser.family).lower()
    return next((name for word, name in _FAMILY_WORDS if word in family), "other")


def _device(agent: Any) -> str:
    if agent.is_tablet:
        return "tablet"
    if agent.is_mobile:
        return "phone"
    return "desktop" if agent.is_pc else "other"
