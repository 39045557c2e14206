"""Tests of detector.core.user_agent: what is read from a User-Agent header."""

from __future__ import annotations

import sys
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.core import user_agent
from detector.core.user_agent import Visitor, classify
from detector.core.vocabulary import BROWSERS, DEVICES, OTHER

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
LINUX = "Mozilla/5.0 (X11; Linux x86_64) "
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) "
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
IPAD = "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "

PEOPLE = [
    (WINDOWS + BLINK + "Safari/537.36", "chrome", "desktop"),
    (LINUX + BLINK + "Safari/537.36", "chrome", "desktop"),
    ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) " + BLINK + "Safari/537.36", "chrome", "desktop"),
    (ANDROID + BLINK + "Mobile Safari/537.36", "chrome", "phone"),
    (ANDROID + BLINK + "Safari/537.36", "chrome", "tablet"),
    (IPHONE + "(KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1", "chrome", "phone"),
    (WINDOWS + BLINK + "Safari/537.36 Edg/140.0.0.0", "edge", "desktop"),
    (ANDROID + BLINK + "Mobile Safari/537.36 EdgA/140.0.0.0", "edge", "phone"),
    (WINDOWS + BLINK + "Safari/537.36 OPR/122.0.0.0", "opera", "desktop"),
    (ANDROID + BLINK + "Mobile Safari/537.36 OPR/90.0.0.0", "opera", "phone"),
    (
        "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) "
        "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
        "samsung",
        "phone",
    ),
    (LINUX.replace(")", "; rv:153.0)") + "Gecko/20100101 Firefox/153.0", "firefox", "desktop"),
    ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "firefox", "phone"),
    (IPHONE + "(KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/605.1.15", "firefox", "phone"),
    (
        MAC + "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
        "safari",
        "desktop",
    ),
    (IPHONE + "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", "safari", "phone"),
    (IPAD + "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", "safari", "tablet"),
    (MAC + BLINK + "Safari/537.36 Brave/1.70.0", "brave", "desktop"),
    ("SomethingNew/1.0", "other", "other"),
]

COMPATIBLE = "Mozilla/5.0 (compatible; "
BOTS = [
    COMPATIBLE + "Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mediapartners-Google",
    "AdsBot-Google (+http://www.google.com/adsbot.html)",
    "Googlebot-Image/1.0",
    COMPATIBLE + "bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    COMPATIBLE + "YandexBot/3.0; +http://yandex.com/bots)",
    COMPATIBLE + "Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)",
    MAC + "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15 "
    "(Applebot/0.1; +http://www.apple.com/go/applebot)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Twitterbot/1.0",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; +http://www.linkedin.com)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; "
    "+https://openai.com/gptbot)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Perplexity-User/1.0; "
    "+https://perplexity.ai/perplexity-user)",
    COMPATIBLE + "AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    COMPATIBLE + "SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
    LINUX + "AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36",
    ANDROID + BLINK + "Mobile Safari/537.36 Chrome-Lighthouse",
    "curl/8.5.0",
    "python-requests/2.32.3",
    "Wget/1.21.3",
    COMPATIBLE + "somebody-elses-spider/0.1)",
]


@pytest.mark.parametrize(("header", "family", "device"), PEOPLE)
def test_people(header: str, family: str, device: str) -> None:
    """A person's browser gives its family and device class, and is no bot."""
    assert classify(header) == Visitor(family, device, bot=False)


@pytest.mark.parametrize("header", BOTS)
def test_bots(header: str) -> None:
    """Every crawler, tool and automated browser of the list is a bot."""
    assert classify(header).bot


@pytest.mark.parametrize("header", [None, "", " ", "\t \r\n"])
def test_missing_header_is_a_bot(header: str | None) -> None:
    """A client that sends no User-Agent, or a blank one, is a bot."""
    assert classify(header) == Visitor("other", "other", bot=True)


@given(st.text(st.characters(codec=None), max_size=600))
def test_any_text(header: str) -> None:
    """No header, lone surrogates and control characters included, raises or returns a new word."""
    seen = classify(header)
    assert seen.browser in (*BROWSERS, OTHER)
    assert seen.device in (*DEVICES, OTHER)


@pytest.mark.parametrize(
    "piece", ["\ud800", "\0", "\x1b[31m", "Mozilla/5.0 (", ";/. ", "Android 1.1.1", "İ", "😀"]
)
def test_hostile_length(piece: str) -> None:
    """A header of 192 KB is cut, so that it is read in well under a second (uncut: 3.3 s)."""
    classify("warm")
    began = time.perf_counter()
    classify(piece * (192 * 1024 // len(piece)))
    assert time.perf_counter() - began < 0.5


def test_only_the_first_512_characters_count() -> None:
    """Text after the 512th character changes nothing."""
    header = PEOPLE[0][0].ljust(512)
    assert classify(header + "Googlebot/2.1") == classify(PEOPLE[0][0])


def test_memory_is_bounded() -> None:
    """Thousands of different headers fill the cache only to its bound."""
    for number in range(1500):
        classify(f"Thing/{number}")
    kept = user_agent._classify.cache_info()
    assert kept.currsize == kept.maxsize == 1024


@pytest.mark.parametrize(("header", "family", "device"), PEOPLE)
def test_fallback_agrees(
    header: str, family: str, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without ua-parser's fast interface the slow one returns the same result."""

    def absent(text: str) -> Any:
        raise AttributeError(text)

    user_agent._classify.cache_clear()
    monkeypatch.setattr("ua_parser.parse", absent)
    assert classify(header) == Visitor(family, device, bot=False)


@pytest.mark.parametrize("header", [header for header, _, _ in PEOPLE])
def test_the_fast_parser_reads_the_same(header: str) -> None:
    """Of a person's header it makes what the slow one makes: system, browser and device."""
    fast, slow = user_agent._parse_fast(header), user_agent._parse_slow(header)
    assert (fast.os, fast.browser, fast.device) == (slow.os, slow.browser, slow.device)
    assert str(fast) == str(slow) and fast.ua_string == slow.ua_string


def test_no_parser_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """If both parsers fail the family is "other", and bots are still told apart."""

    def broken(text: str) -> Any:
        raise RuntimeError(text)

    user_agent._classify.cache_clear()
    monkeypatch.setattr(user_agent, "_parse_fast", broken)
    monkeypatch.setattr(user_agent, "_parse_slow", broken)
    assert classify(PEOPLE[0][0]) == Visitor("other", "other", bot=False)
    assert classify("curl/8.5.0") == Visitor("other", "other", bot=True)
    user_agent._classify.cache_clear()


def test_parsers_are_imported_when_first_needed() -> None:
    """Importing the module does not import a parser, so that unused code costs nothing."""
    import subprocess

    code = (
        "import sys, detector.core.user_agent as v; v.classify(''); "
        "print([m for m in ('ua_parser', 'user_agents', 'crawleruseragents') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
