"""The payload of the notice: words, order of the guides, size."""

import gzip
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from detector.core.assets import script, style
from detector.core.config.options import Config
from detector.core.notice.modes import STYLES
from detector.core.notice.payload import payload, rest, site_text
from detector.core.notice.theme import PALETTES
from detector.core.texts import catalog
from detector.core.texts.locales import LOCALES
from detector.core.texts.steps import GUIDES
from detector.core.texts.words import EXTRA, KEYS, PRESETS, QUIET_DAYS, UI
from detector.core.vocabulary import MODES
from tests.support.root import ROOT

BROWSERS = ("chrome", "firefox", "safari", "edge", "opera", "brave", "samsung", "other")
DEVICES = ("desktop", "phone", "tablet", "other")


def first(browser: str, device: str = "desktop") -> list[str]:
    """Return the names of the guides that are shown at once."""
    return [guide["name"] for guide in payload("corner", browser=browser, device=device)["guides"]]


def own(browser: str, device: str = "desktop") -> str:
    """Return the name of the switch that is shown when the browser itself blocks ads."""
    (guide,) = payload("corner", browser=browser, device=device, kind="browser")["guides"]
    return str(guide["name"])


def size(mode: str, file: str, **options: Any) -> int:
    """Return the bytes of script, style sheet, texts and steps together, as served with gzip."""
    data = json.dumps(payload(mode, **options), ensure_ascii=False, separators=(",", ":"))
    return len(script(file).packed) + len(gzip.compress(data.encode()))


def test_newspaper_preset_is_word_for_word() -> None:
    """With default options, title and body are exactly the text from the news site."""
    text = payload("corner")["text"]
    assert text["title"] == "Adblock Detected"
    assert text["body"] == (
        "Adblock Detected. Please support us by disabling your AdBlocker extension "
        "from your browsers for our website."
    )


@pytest.mark.parametrize("mode", MODES)
def test_payload_is_plain_json(mode: str) -> None:
    """The payload survives JSON unchanged and names its mode."""
    made = payload(mode)
    assert json.loads(json.dumps(made)) == made
    assert made["mode"] == mode
    assert made.get("css") == (style(STYLES[mode]) if mode in STYLES else None)


def test_unknown_mode_is_named_with_what_is_allowed() -> None:
    """The error for a wrong mode names it and the allowed modes."""
    with pytest.raises(
        ValueError, match=r"'wall' is not known: use one of slot, corner, bottom-bar"
    ):
        payload("wall")


def test_unknown_preset_is_named_with_what_is_allowed() -> None:
    """The error for a wrong preset names it and the allowed presets."""
    with pytest.raises(ValueError, match=r"'loud' is not known: use one of newspaper, warm"):
        payload("corner", preset="loud")


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        ("en", ("en", "ltr")),
        ("en-GB", ("en", "ltr")),
        ("tlh", ("en", "ltr")),
        ("de-AT", ("de", "ltr")),
        ("pt-PT", ("pt-PT", "ltr")),
        ("zh-TW", ("zh-Hant", "ltr")),
        ("ar-EG", ("ar", "rtl")),
        ("he", ("he", "rtl")),
        ("fa", ("fa", "rtl")),
    ],
)
def test_language_and_direction(asked: str, got: tuple[str, str]) -> None:
    """A payload names its language and direction; an unknown language gets English."""
    made = payload("corner", asked)
    assert (made["lang"], made["dir"]) == got


@pytest.mark.parametrize("locale", LOCALES)
def test_one_language_is_sent_whole(locale: str) -> None:
    """A payload has every text, filled in, in one language."""
    for preset in PRESETS:
        text = payload("corner", locale, preset=preset)["text"]
        assert set(text) == set(KEYS) - EXTRA - {"seen_browser"}
        assert text["done"] in text["then"]
        assert all(str(n) in said for n, said in zip(QUIET_DAYS, text["quiet"], strict=True))
        assert not re.search(r"[{}]", json.dumps(list(text.values())))


def test_presets_differ_in_title_and_body_only() -> None:
    """Buttons and steps are the same in every preset."""
    made = {preset: payload("corner", "fr", preset=preset) for preset in PRESETS}
    assert len({one["text"]["title"] for one in made.values()}) == len(PRESETS)
    assert len({one["text"]["body"] for one in made.values()}) == len(PRESETS)
    for key in set(UI) - EXTRA - {"seen_browser"}:
        assert len({one["text"][key] for one in made.values()}) == 1


def test_own_texts_take_the_presets_place() -> None:
    """An own text replaces one text of its language; the others, and other languages, stay."""
    own = {"de": {"title": "<b>Grüezi</b>", "done": "Fertig", "quiet": "Ruhe für {days} T."}}
    german = payload("corner", "de", own=own)["text"]
    assert german["title"] == "<b>Grüezi</b>"
    assert german["body"] == payload("corner", "de")["text"]["body"]
    assert german["then"] == "Wählen Sie dann „Fertig“."
    assert german["quiet"] == ["Ruhe für 7 T.", "Ruhe für 30 T."]
    assert payload("corner", "fr", own=own) == payload("corner", "fr")


def test_braces_in_own_texts_are_text() -> None:
    """Text that looks like a placeholder but is none is shown unchanged."""
    own = {"en": {"title": "{title} {0} {done}", "done": "{days}"}}
    text = payload("corner", own=own)["text"]
    assert text["title"] == "{title} {0} {done}"
    assert text["then"] == "Then choose “{days}”."


def test_guides_in_the_visitors_language() -> None:
    """Names and steps are translated; untranslated ones name their language."""
    guides = payload("corner", "de", "firefox")["guides"]
    assert guides[0]["steps"][0] == "Klicken Sie auf das Symbol in der Symbolleiste."
    assert not any("lang" in guide for guide in guides)
    assert not any("lang" in guide for guide in payload("corner", "en")["guides"])


def test_untranslated_guides_name_their_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guide that the visitor's language lacks is sent in English, and says so."""
    monkeypatch.setattr(catalog, "guide", lambda lang, one: (one.name, list(one.steps), False))
    near, others = payload("corner", "de")["guides"], rest("de", "other", "desktop")
    assert {guide["lang"] for guide in [*near, *others]} == {"en"}


def test_a_guide_in_an_ads_place() -> None:
    """An ad's place has room for one guide; all others come on request, in the same language."""
    (near,) = payload("slot", "fr", "firefox")["guides"]
    others = rest("fr", "firefox", "desktop", mode="slot")
    assert len(others) == len(GUIDES) - 1 and near not in others
    assert rest("fr", "firefox", "desktop") == others[1:]
    assert others != rest("en", "firefox", "desktop", mode="slot")
    assert rest("tlh", "firefox", "desktop") == rest("en", "firefox", "desktop")


def test_one_text_in_the_sites_own_language() -> None:
    """A text outside the notice is the owner's, else the preset's, in the option's language."""
    texts = {"de": {"title": "Grüezi"}, "en": {"body": "Hello"}}
    config = Config(secret="x" * 20, locale="de-AT", preset="warm", texts=texts)
    assert site_text(config, "title") == "Grüezi"
    assert site_text(config, "body") == payload("corner", "de", preset="warm")["text"]["body"]
    assert site_text(replace(config, texts={}), "title").startswith("Dürfen")
    assert site_text(replace(config, locale="fr"), "close") == "Fermer"


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
    """Only the order differs: every visitor can reach every guide."""
    shown = payload("corner", "en", browser, device)
    assert shown["more"] == 1
    names = [guide["name"] for guide in shown["guides"] + rest("en", browser, device)]
    assert sorted(names) == sorted(guide.name for guide in GUIDES)
    assert len(set(names)) == len(names)


def test_first_guides_fit_the_browser() -> None:
    """The one or two most likely blockers of the browser come first."""
    assert first("firefox") == ["uBlock Origin", "Adblock Plus"]
    assert first("chrome") == ["Adblock Plus", "uBlock Origin Lite"]
    assert first("safari") == ["uBlock Origin Lite", "AdGuard extension"]
    assert first("brave")[0] == "Brave Shields"
    assert first("safari", "phone")[0] == "AdGuard for iPhone and iPad"
    assert first("chrome", "phone")[0] == "AdGuard for Android"
    assert first("Firefox", "tablet")[0] == "uBlock Origin"


def test_own_switch_is_the_one_of_that_browser() -> None:
    """When the browser itself blocks ads, its own switch is named."""
    assert own("firefox") == own("firefox", "phone") == "Firefox tracking protection"
    assert own("edge") == "Edge tracking prevention"
    assert own("opera") == "Opera"
    assert own("safari") == "Safari on a Mac"
    # Brave identifies as Chrome, and Chrome has no such switch.
    assert own("brave") == own("chrome") == own("chrome", "phone") == "Brave Shields"


def test_our_own_words_accuse_and_threaten_nobody() -> None:
    """Apart from the preset's title and body, no text blames or hurries the visitor."""
    made = payload("corner")
    ours = [*UI.values(), *made["text"]["quiet"]]
    ours += [step for guide in GUIDES for step in guide.steps]
    unfair = re.compile(r"\byou (use|have|are using|must)\b|illegal|steal|broken|immediately", re.I)
    assert [text for text in ours if unfair.search(text)] == []


BUNDLES = [(mode, "plus" if mode == "slot" else "notice") for mode in MODES if mode != "redirect"]


@pytest.mark.parametrize("locale", LOCALES)
def test_notice_and_texts_fit_the_budget(locale: str) -> None:
    """Script, style sheet, one language and its steps are at most 6,144 bytes with gzip."""
    for mode, file in [*BUNDLES, ("corner", "own")]:
        for browser, device in (("firefox", "desktop"), ("chrome", "phone"), ("safari", "tablet")):
            got = size(mode, file, locale=locale, browser=browser, device=device)
            assert got <= 6144, (mode, browser, device)


def test_quiet_days_are_those_of_the_script() -> None:
    """The days that the texts name are the days for which the script keeps quiet."""
    source = (ROOT / "static/src/notice/flow.js").read_text("utf-8")
    found = re.search(r"DAYS = \[(\d+), (\d+)\]", source)
    assert found is not None
    assert tuple(map(int, found.groups())) == QUIET_DAYS
    config = Config(secret="x" * 20, quiet_days=(1, 90))
    made = payload("corner", config=config)
    assert made["days"] == (1, 90)
    assert made["text"]["quiet"] == [
        "We will not ask again for 1 day.",
        "We will not ask again for 90 days.",
    ]


def test_walls_have_other_ways_on() -> None:
    """A soft wall says that it can be closed; a hard wall offers only the owner's links."""
    soft, hard = payload("soft-wall")["text"], payload("hard-wall")["text"]
    assert soft["later"] == UI["go_on"]
    assert not {"later", "quiet"} & set(hard)


def test_message_where_ads_do_not_arrive_asks_for_nothing() -> None:
    """It names no software, and has no steps and no button except for closing it."""
    made = payload("slot", away=True)
    assert set(made["text"]) == {"title", "body", "close"}
    assert "guides" not in made
    said = " ".join(made["text"].values())
    assert not re.search(r"(?i)block|extension|browser|disable|allow", said)


def test_what_the_owner_set_is_sent_and_nothing_else() -> None:
    """Links, theme, template, blur and reload are sent only if they are set."""
    plain = set(payload("corner"))
    assert plain == {"mode", "lang", "dir", "text", "guides", "more"}
    assert set(payload("corner", config=Config(secret="x" * 20))) == plain
    config = Config(
        secret="x" * 20,
        links={"donate": "/donate", "subscribe": "https://news.example/join"},
        look={"theme": "dark", "accent": "#b00020", "title_font": "Georgia", "logo": "/l.svg"},
        template="#mine",
        blur=".body",
        auto_reload=True,
    )
    made = payload("corner", "de", config=config)
    assert [url for _, url in made["links"]] == ["https://news.example/join", "/donate"]
    assert made["look"]["--notice-accent"] == "#b00020"
    assert made["look"]["--notice-title-font"] == "Georgia"
    assert made["look"]["color-scheme"] == "dark"
    assert made["logo"] == ["/l.svg", ""]
    assert (made["template"], made["blur"], made["auto"]) == ("#mine", ".body", 1)


def test_fixed_themes_have_the_colours_of_the_style_sheet() -> None:
    """The colours sent for a theme are those in the style sheet."""
    sheet = (ROOT / "static/src/notice/notice.css").read_text("utf-8")
    found = re.findall(r"--(\w+): var\(--notice-\w+, (#\w+)\)", sheet)
    assert len(found) == 12
    long = {name: "#ffffff" if colour == "#fff" else colour for name, colour in found[:6]}
    assert long == PALETTES["light"]
    assert dict(found[6:]) == PALETTES["dark"]


def test_notice_script_has_no_word_that_lists_look_for() -> None:
    """The script contains no word for ads, blockers or detection; the texts are data."""
    words = rb"(?i)ad-?block|\badb|bait|detect|banner|beacon|track|analytics|\bads?\b"
    for name in ("notice", "plus", "own"):
        assert re.findall(words, script(name).body) == [], name
