"""The payload of the notice: words, order of the guides, size."""

import gzip
import json
import re
from typing import Any

import pytest

from detector.notice import MODES, payload
from detector.notice.steps import GUIDES, OWN_PANEL, PANEL
from detector.notice.texts import TEXTS
from detector.static_files import script

BROWSERS = ("chrome", "firefox", "safari", "edge", "opera", "brave", "samsung", "other")
DEVICES = ("desktop", "phone", "tablet", "other")


def first(browser: str, device: str = "desktop") -> list[str]:
    """Name the guides that are shown at once."""
    made = payload("corner", browser=browser, device=device)
    return [guide["name"] for guide in made["guides"][: made["near"]]]


def own(browser: str, device: str = "desktop") -> str:
    """Name the switch that is shown when the browser itself stops ads."""
    guides = payload("corner", browser=browser, device=device)["guides"]
    return str(next(guide["name"] for guide in guides if guide.get("own")))


def test_newspaper_preset_is_word_for_word() -> None:
    """Title and body are exactly the text from the news site."""
    text = payload("corner")["text"]
    assert text["title"] == "Adblock Detected"
    assert text["body"] == (
        "Please support us by disabling your AdBlocker extension from your browsers "
        "for our website."
    )


@pytest.mark.parametrize("mode", MODES)
def test_payload_is_plain_json(mode: str) -> None:
    """The payload survives JSON unchanged and names its mode."""
    made = payload(mode)
    assert json.loads(json.dumps(made)) == made
    assert made["mode"] == mode


def test_unknown_mode_is_named_with_what_is_allowed() -> None:
    """A wrong mode is an error that names it and the modes there are."""
    with pytest.raises(ValueError, match=r"'wall' is not known: use one of corner, modal, none"):
        payload("wall")


@pytest.mark.parametrize(("asked", "got"), [("en", "en"), ("en-GB", "en"), ("tlh", "en")])
def test_locale_falls_back_to_base_language_then_english(asked: str, got: str) -> None:
    """An unknown language is no error: the visitor gets English."""
    made = payload("corner", asked)
    assert (made["lang"], made["dir"]) == (got, "ltr")


def test_every_language_has_the_same_texts() -> None:
    """No language lacks a text, and none is empty."""
    for locale, texts in TEXTS.items():
        assert texts.keys() == TEXTS["en"].keys(), locale
        assert all(text.strip() for text in texts.values()), locale


def test_payload_is_a_fresh_copy() -> None:
    """Changing one payload changes no other."""
    made: dict[str, Any] = payload("corner")
    made["text"]["title"] = "x"
    made["guides"].clear()
    assert payload("corner")["text"]["title"] == "Adblock Detected"
    assert payload("corner")["guides"]


@pytest.mark.parametrize("browser", BROWSERS)
@pytest.mark.parametrize("device", DEVICES)
def test_every_visitor_gets_every_guide_once(browser: str, device: str) -> None:
    """Only the order differs: nobody is cut off from a guide."""
    names = [guide["name"] for guide in payload("corner", "en", browser, device)["guides"]]
    assert sorted(names) == sorted(guide.name for guide in GUIDES)
    assert len(set(names)) == len(names)


def test_first_guides_fit_the_browser() -> None:
    """The one or two blockers that are likely in this browser come first."""
    assert first("firefox") == ["uBlock Origin", "Adblock Plus"]
    assert first("chrome") == ["Adblock Plus", "uBlock Origin Lite"]
    assert first("brave")[0] == "Brave Shields"
    assert first("safari", "phone")[0] == "AdGuard for iPhone and iPad"
    assert first("chrome", "phone")[0] == "AdGuard for Android"
    assert first("Firefox", "tablet")[0] == "uBlock Origin"


def test_own_switch_is_the_one_of_that_browser() -> None:
    """When the browser stops ads, the switch that is named is its own."""
    assert own("firefox") == own("firefox", "phone") == "Firefox tracking protection"
    assert own("edge") == "Edge tracking prevention"
    assert own("opera") == "Opera"
    assert own("safari") == "Safari on a Mac"
    # Brave says that it is Chrome, and Chrome has no such switch.
    assert own("brave") == own("chrome") == own("chrome", "phone") == "Brave Shields"


def test_only_steps_read_at_their_source_are_printed_in_detail() -> None:
    """What is known from the press or in general is printed in general words."""
    for guide in GUIDES:
        if guide.source != "primary" and guide.key != "network":
            assert guide.steps in (PANEL, OWN_PANEL), guide.key
        if guide.source == "primary":
            assert guide.steps not in (PANEL, OWN_PANEL), guide.key


def test_guides_have_one_to_three_short_steps() -> None:
    """A step is one sentence that fits a phone."""
    for guide in GUIDES:
        assert 1 <= len(guide.steps) <= 3, guide.key
        assert all(len(step) <= 90 and step.endswith(".") for step in guide.steps), guide.key


def test_our_own_words_accuse_and_threaten_nobody() -> None:
    """Apart from the preset's title and body, no text blames or hurries the visitor."""
    made = payload("corner")
    ours = [text for key, text in made["text"].items() if key not in ("title", "body")]
    ours += [step for guide in made["guides"] for step in guide["steps"]]
    unfair = re.compile(r"\byou (use|have|are using|must)\b|illegal|steal|broken|immediately", re.I)
    assert [text for text in ours if unfair.search(text)] == []


def test_notice_and_texts_fit_the_budget() -> None:
    """Script, style sheet and one language are at most 6,144 bytes together as served with gzip."""
    made = payload("corner", browser="firefox")
    data = json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
    assert len(script("notice").packed) + len(gzip.compress(data, 9)) <= 6144


def test_notice_script_has_no_word_that_lists_look_for() -> None:
    """The script itself names no ads, no blocker and no detection; the texts come as data."""
    words = rb"(?i)ad-?block|\badb|bait|detect|banner|beacon|track|analytics|\bads?\b"
    assert re.findall(words, script("notice").body) == []
