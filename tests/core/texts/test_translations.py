"""Every translation: complete, in its own script, with its plural forms, and short enough."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from babel.localedata import locale_identifiers
from babel.messages.catalog import Message

from detector.core.texts import catalog, words
from detector.core.texts.locales import FOLDER, LOCALES
from detector.core.texts.negotiation import direction, known
from detector.core.texts.steps import BRANDS, GUIDES
from detector.core.texts.words import FITS, KEYS, MOST, PLACEHOLDERS, PRESETS, QUIET, UI
from detector.core.vocabulary import PRESET_NAMES
from detector.notice_check.policy import refused
from scripts import translations
from tests.support.root import ROOT

TRANSLATED = translations.translated()
DOCUMENT = (ROOT / "docs/how-to/texts.md").read_text("utf-8")

# Words that are written in Latin letters in every language.
NAMES: tuple[str, ...] = (
    "AdGuard",
    "Windows",
    "Mac",
    "iPhone",
    "iPad",
    "Android",
    "Firefox",
    "Safari",
    "Edge",
)
NAMES += ("VPN", "DNS", "Shields", "Browser Assistant", "JavaScript", "App")
# "App" occurs in Apple's Chinese menus only; the others occur in English too.
KEPT = NAMES[:-1]
SAME_AS_ENGLISH: frozenset[tuple[str, str]] = frozenset()
"""(locale, English) of texts that are rightly the same; there are none."""

SAME_FORMS = ("fi", "id")
"""Finnish says "for one day" and "for two days" with the same case; Indonesian has one form."""

SCRIPTS: dict[str, tuple[str, ...]] = dict.fromkeys(TRANSLATED, ("LATIN",))
SCRIPTS |= {"el": ("GREEK",), "uk": ("CYRILLIC",), "ru": ("CYRILLIC",), "he": ("HEBREW",)}
SCRIPTS |= {"ar": ("ARABIC",), "fa": ("ARABIC",), "hi": ("DEVANAGARI",), "th": ("THAI",)}
SCRIPTS |= {"ja": ("HIRAGANA", "KATAKANA", "CJK"), "ko": ("HANGUL",)}
SCRIPTS |= {"zh-Hans": ("CJK",), "zh-Hant": ("CJK",)}

# Letters of the nearest related language, which reveal a text in the wrong catalogue.
FOREIGN = {"ru": "іїєґІЇЄҐ", "uk": "ыэъёЫЭЪЁ", "ar": "یکگپچ", "fa": "يك", "da": "äöß", "nb": "äöß"}
FOREIGN |= {"sv": "æøß", "de": "æøåé", "pt-BR": "ñß", "pt-PT": "ñß", "sk": "ěřů", "cs": "ľĺŕô"}
FOREIGN |= {
    "zh-Hans": "廣網們無瀏覽關閉載攔請為選擇設開啟",
    "zh-Hant": "广网们无浏览关闭载拦请为选择设开启",
}
FOREIGN |= {"ro": "şţ"}

MOST_STEP = 130
MOST_BUTTONS = 34  # fits in one row at 320 px
MOST_NAME = 48


def entries(locale: str) -> list[tuple[str, Message]]:
    """Return each entry of a language with its context."""
    return [(str(m.context), m) for m in translations.read(locale) if m.id]


def texts(locale: str) -> list[tuple[str, str, str]]:
    """Return (context, English, text) of a language, with each plural form."""
    out: list[tuple[str, str, str]] = []
    for context, message in entries(locale):
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        english = message.id if isinstance(message.id, str) else message.id[-1]
        out += [(context, english, str(form)) for form in forms]
    return out


def width(text: str) -> int:
    """Return a text's width in letters; ideographs count as two, combining marks as none."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return wide + sum(unicodedata.category(char) != "Mn" for char in text)


def test_files_are_fresh() -> None:
    """The catalogues read at run time are compiled from the English texts and the `.po` files."""
    assert [path.name for path in translations.stale()] == []


def test_languages_are_those_of_the_files() -> None:
    """There is a language for each `.po` file, and English; each was made into a `.mo` file."""
    assert list(LOCALES) == ["en", *TRANSLATED]
    assert len(LOCALES) == len(set(LOCALES)) >= 32
    assert sorted(path.stem for path in FOLDER.glob("*.mo")) == list(TRANSLATED)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_language_is_found_by_its_tag(locale: str) -> None:
    """Each language answers its own tag, also in lower case and with an underscore."""
    assert {known(tag) for tag in (locale, locale.lower(), locale.replace("-", "_"))} == {locale}


def test_every_direction_is_known() -> None:
    """The direction of each language that Unicode knows is right, also before it is translated."""
    locales = map(Locale.parse, locale_identifiers())
    languages = {locale.language for locale in locales if locale.script is None}
    assert len(languages) > 200
    wanted = {language: Locale(language).text_direction for language in languages}
    assert {language: direction(language) for language in languages} == wanted


def test_a_new_language_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty `.po` file begins a language: scripts/texts fills it with what is to translate."""
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    monkeypatch.setattr("scripts.dashboard_texts.files", lambda: ())
    (tmp_path / "sr-Latn.po").touch()
    assert translations.main([]) == 0
    made = translations.read("sr-Latn")
    assert [(m.context, m.id) for m in made if m.id] == translations.sources()
    assert "Serbian (Latin) texts of the notice" in (tmp_path / "sr-Latn.po").read_text("utf-8")
    assert (tmp_path / "sr-Latn.mo").is_file()
    assert translations.main(["--check"]) == 0


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_text_is_translated(locale: str) -> None:
    """No text is missing, empty, or identical to the English one."""
    found = entries(locale)
    assert [(context, message.id) for context, message in found] == translations.sources()
    for _, english, text in texts(locale):
        assert text.strip() == text != "", english
        assert text != english or (locale, english) in SAME_AS_ENGLISH


@pytest.mark.parametrize("locale", TRANSLATED)
def test_placeholders_are_kept(locale: str) -> None:
    """A text has the placeholders of the English one, each once, and no others."""
    for _, english, text in texts(locale):
        assert re.findall(r"\{.*?\}", text) == re.findall(r"\{.*?\}", english), text


@pytest.mark.parametrize("locale", TRANSLATED)
def test_brand_names_are_untouched(locale: str) -> None:
    """A product's name is the same in a translation as in English."""
    for _, english, text in texts(locale):
        missing = [name for name in KEPT if name in english and name not in text]
        assert missing == [], text


@pytest.mark.parametrize("locale", TRANSLATED)
def test_right_script(locale: str) -> None:
    """Apart from product names every letter belongs to the script of the language."""
    for _, _, text in texts(locale):
        names = NAMES if SCRIPTS[locale] != ("LATIN",) else ()
        bare = re.sub("|".join([r"\{\w+\}", *names]), "", text)
        letters = [char for char in bare if char.isalpha()]
        wrong = [
            char
            for char in letters
            if not unicodedata.name(char).startswith(SCRIPTS[locale]) and char not in "ー"
        ]
        assert wrong == [], text
        assert letters, text
        assert not set(FOREIGN.get(locale, "")) & set(text), text


@pytest.mark.parametrize("locale", TRANSLATED)
def test_plural_forms(locale: str) -> None:
    """A language has all its plural forms, and each can be reached."""
    found = translations.read(locale)
    message = found.get(QUIET[0], context="quiet")
    assert message is not None and isinstance(message.string, tuple)
    assert len(message.string) == found.num_plurals
    assert all("{days}" in form for form in message.string)
    if found.num_plurals > 1 and locale not in SAME_FORMS:
        assert len(set(message.string)) > 1
    said = {catalog.quiet(locale, n).replace(str(n), "{days}") for n in range(0, 131)}
    assert said == set(message.string)


@pytest.mark.parametrize(
    ("locale", "days", "end"),
    [
        ("en", 1, "1 day."),
        ("en", 7, "7 days."),
        ("de", 1, "1 Tag lang nicht wieder."),
        ("de", 30, "30 Tage lang nicht wieder."),
        ("pl", 1, "1 dzień."),
        ("pl", 22, "22 dni."),
        ("ru", 3, "3 дня."),
        ("ru", 7, "7 дней."),
        ("ru", 21, "21 день."),
        ("uk", 22, "22 дні."),
        ("cs", 2, "2 dny."),
        ("cs", 30, "30 dní."),
        ("ro", 7, "7 zile."),
        ("ro", 30, "30 de zile."),
        ("ar", 7, "7 أيام."),
        ("ar", 30, "30 يومًا."),
        ("ar", 100, "100 يوم."),
        ("fr", 0, "0 jour."),
        ("ja", 7, "7日間は表示しません。"),
    ],
)
def test_numbers_decline(locale: str, days: int, end: str) -> None:
    """The word for days has the form that the number requires."""
    assert catalog.quiet(locale, days).endswith(end)


@pytest.mark.parametrize("locale", LOCALES)
def test_texts_fit_the_notice(locale: str) -> None:
    """No text is too long for a phone, and buttons are the shortest."""
    for preset in PRESETS:
        for key, text in catalog.words(locale, preset).items():
            assert width(text) <= FITS[key], (preset, key, text)
        words = catalog.words(locale, preset)
        assert width(words["how"]) + width(words["done"]) <= MOST_BUTTONS
    assert width(catalog.quiet(locale, 30)) <= FITS["quiet"]
    for guide in GUIDES:
        name, steps, _ = catalog.guide(locale, guide)
        assert width(name) <= MOST_NAME, name
        assert all(width(step) <= MOST_STEP for step in steps), steps


@pytest.mark.parametrize("locale", TRANSLATED)
def test_typography(locale: str) -> None:
    """Quotes, ellipses and the spaces before French punctuation are typographic ones."""
    for _, english, text in texts(locale):
        assert not re.search(r"[\"'`]|\.\.\.|  ", text), text
        if locale == "fr":
            assert not re.search(r"[^\u202f][?!;]|[^\u00a0]:|«[^\u00a0]|[^\u00a0]»", text), text
        if locale == "es":
            assert text.count("?") == text.count("¿"), text
        if locale == "el" and english.endswith("?"):
            assert text.endswith(";"), text
        if locale not in ("th",):
            ends = english.endswith(".")
            assert text.endswith((".", "。", "।")) == ends or english.endswith("?"), text


@pytest.mark.parametrize("locale", TRANSLATED)
def test_steps_are_in_the_notices_language(locale: str) -> None:
    """No guide falls back to English, and brand names are unchanged."""
    for guide in GUIDES:
        name, steps, translated = catalog.guide(locale, guide)
        assert translated, guide.key
        assert (name == guide.name) == (guide.name in BRANDS)
        assert len(steps) == len(guide.steps)


def test_guide_that_is_not_translated_stays_english_as_a_whole() -> None:
    """One step without a translation makes the whole guide English and marked as such."""
    new = replace(GUIDES[0], steps=(GUIDES[0].steps[0], "Do something new."))
    assert catalog.guide("de", new) == (new.name, list(new.steps), False)
    assert catalog.guide("en", new)[2] is True


def test_presets_word_for_word() -> None:
    """The newspaper's English body is the text from the news site, and its title begins it."""
    text = PRESETS["newspaper"]
    assert text["title"] == "Adblock Detected"
    assert text["body"] == (
        "Adblock Detected. Please support us by disabling your AdBlocker extension "
        "from your browsers for our website."
    )
    assert list(PRESETS) == ["newspaper", "warm", "short", "formal", "nonprofit"]


@pytest.mark.parametrize("locale", ["en", "de", "fr", "es"])
def test_shipped_texts_keep_to_the_policies(locale: str) -> None:
    """No text insists, threatens, promises, hurries or blames."""
    for preset in PRESETS:
        for text in catalog.words(locale, preset).values():
            assert refused(text) == [], text


def test_placeholders_stand_in_english() -> None:
    """Each declared placeholder is used, and no other."""
    every: dict[str, Any] = {**UI, "quiet": QUIET[1]}
    for key, text in every.items():
        assert tuple(re.findall(r"\{\w+\}", text)) == PLACEHOLDERS.get(key, ()), key


def test_doubtful_languages_are_listed() -> None:
    """Languages with entries that need a native reader are listed in the documents."""
    doubtful = [
        locale
        for locale in TRANSLATED
        if any(translations.DOUBT in message.auto_comments for _, message in entries(locale))
    ]
    row = re.search(r"^Entries marked.+?: (.+)\.$", DOCUMENT, re.MULTILINE)
    assert row is not None
    assert sorted(re.findall(r"`([\w-]+)`", row[1])) == sorted(doubtful)


def test_scripts_texts_says_what_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --check a changed `.po` is reported and nothing is written; without, it is compiled."""
    for locale in ("ar", "de", "zh-Hans"):
        for path in (translations.po(locale), translations.po(locale).with_suffix(".mo")):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    monkeypatch.setattr("scripts.dashboard_texts.files", lambda: ())
    changed = tmp_path / "de.po"
    changed.write_text(changed.read_text("utf-8").replace("Jetzt nicht", "Später"), "utf-8")
    before = (tmp_path / "de.mo").read_bytes()
    assert translations.main(["--check"]) == 1
    assert capsys.readouterr().out == "de.mo: stale, run scripts/texts\n"
    assert (tmp_path / "de.mo").read_bytes() == before
    assert translations.main([]) == 0
    assert "Später".encode() in (tmp_path / "de.mo").read_bytes()
    assert translations.main(["--check"]) == 0


def test_document_lists_languages_presets_and_lengths() -> None:
    """docs/how-to/texts.md names every language, preset and text, with the true lengths."""
    assert " ".join(f"`{locale}`" for locale in LOCALES) in DOCUMENT.replace("\n", " ")
    for preset, text in PRESETS.items():
        head = "" if text["body"].startswith(text["title"]) else f"**{text['title']}** "
        assert f"| `{preset}` | {head}{text['body']} |" in DOCUMENT
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (\d+) \| (\d+) \|$", DOCUMENT, re.MULTILINE)
    assert {key: (int(fits), int(most)) for key, fits, most in rows} == {
        key: (FITS[key], MOST[key]) for key in KEYS
    }


def test_presets_are_those_of_the_options() -> None:
    """The names that the option `preset` takes are those that have words."""
    assert tuple(words.PRESETS) == PRESET_NAMES
