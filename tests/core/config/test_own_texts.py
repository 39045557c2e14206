"""The option texts: which values are refused, and with which messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from detector.core.config.loading import make_config
from detector.core.errors import ConfigError
from detector.core.texts.words import KEYS, MOST, PLACEHOLDERS

SECRET = "a secret for tests, long enough"


def refused(**options: Any) -> str:
    """Return the message with which options are refused."""
    with pytest.raises(ConfigError) as error:
        make_config(secret=SECRET, **options)
    return str(error.value)


def refused_text(text: Any, key: str = "title") -> str:
    """Return the message with which one own text is refused."""
    return refused(texts={"en": {key: text}})


def test_own_texts_are_kept_as_they_are() -> None:
    """Markup, quotes, emoji and braces are accepted as plain text."""
    own = {
        "en": {"title": '<b>Hi</b> & "you" 👋', "body": "Ads {pay} us.", "then": "Press “{done}”."},
        "ar": {"title": "مرحبًا", "quiet": "{days} يوم"},
        "fa": {"title": "می\u200cخواهید؟"},
    }
    assert make_config(secret=SECRET, texts=own).texts == own


@pytest.mark.parametrize("key", KEYS)
def test_every_text_may_be_worded_anew(key: str) -> None:
    """Each key of the notice's texts is accepted up to its maximum length."""
    end = "".join(PLACEHOLDERS.get(key, ()))
    text = "x" * (MOST[key] - len(end)) + end
    assert make_config(secret=SECRET, texts={"en": {key: text}}).texts == {"en": {key: text}}
    wanted = f"DETECTOR_TEXTS['en']['{key}'] has {MOST[key] + 1} characters; at most {MOST[key]}"
    assert wanted in refused_text("x" + text, key)


def test_a_novel_is_refused() -> None:
    """The error for ten thousand characters gives their number and does not repeat them."""
    said = refused_text("x" * 10_000, "body")
    assert said == ("DETECTOR_TEXTS['en']['body'] has 10,000 characters; at most 500 are allowed")


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ("Hello", "DETECTOR_TEXTS is 'Hello'; allowed are texts by language"),
        ({"en": "Hello"}, "DETECTOR_TEXTS['en'] is 'Hello'; allowed is {"),
        ({"eng": {}}, "DETECTOR_TEXTS['eng'] is not known; did you mean en?"),
        ({"de-AT": {}}, "DETECTOR_TEXTS['de-AT'] is not known; did you mean de?"),
        ({"pt": {}}, "DETECTOR_TEXTS['pt'] is not known; did you mean pt-BR?"),
        ({"sr": {}}, "DETECTOR_TEXTS['sr'] is not known; the languages are en, ar,"),
        ({5: {}}, "DETECTOR_TEXTS[5] is not known"),
        ({"en": {"titel": "x"}}, "['titel'] is not known; did you mean title?"),
        ({"en": {"zzz": "x"}}, "['zzz'] is not known; the texts are title, body, how"),
        ({"en": {3: "x"}}, "[3] is not known"),
    ],
)
def test_unknown_names(texts: Any, words: str) -> None:
    """Unknown languages and texts are refused with the nearest known name."""
    assert words in refused(texts=texts)


@pytest.mark.parametrize("text", ["", " ", "\u00a0\u2003", "\u200b\u200d", "\n"])
def test_empty(text: str) -> None:
    """A text with no visible character is refused."""
    assert "is empty; leave it out to keep the preset's text" in refused_text(text)


@pytest.mark.parametrize(
    "char",
    ["\n", "\x00", "\x1b", "\x85", "\u202e", "\u2067", "\ud800"],
    ids=lambda c: f"{ord(c):04X}",
)
def test_control_characters(char: str) -> None:
    """Control characters, turned directions and half characters are refused with their place."""
    said = refused_text(f"ab{char}cd")
    assert said == (
        f"DETECTOR_TEXTS['en']['title'] has the control character U+{ord(char):04X} at position 3; "
        "write the text in one line, without it"
    )


def test_not_a_text() -> None:
    """A value that is not a string is refused."""
    assert "is 5; allowed is a text" in refused_text(5)
    assert "is None; allowed is a text" in refused_text(None)


def test_placeholders() -> None:
    """A misspelt placeholder is refused, and the placeholder for the number of days is required."""
    assert refused_text("Then {dome}", "then") == (
        "DETECTOR_TEXTS['en']['then'] has {dome}; did you mean {done}?"
    )
    assert refused_text("For {day} days", "quiet").endswith("has {day}; did you mean {days}?")
    assert "lacks {days}" in refused_text("Not for a while", "quiet")


def test_texts_from_a_file(tmp_path: Path) -> None:
    """A TOML file sets own texts as tables, and errors name the file."""
    file = tmp_path / "site.toml"
    file.write_text(f'secret = "{SECRET}"\n[texts.de]\ntitle = "Grüezi"\n', "utf-8")
    assert make_config(config=file).texts == {"de": {"title": "Grüezi"}}
    file.write_text(f'secret = "{SECRET}"\n[texts.de]\ntitel = "Grüezi"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"site\.toml.*did you mean title"):
        make_config(config=file)


def test_texts_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Own texts cannot be set by a variable, and the error says so."""
    monkeypatch.setenv("DETECTOR_TEXTS", "{}")
    assert "DETECTOR_TEXTS (environment) cannot be set from a text" in refused()
