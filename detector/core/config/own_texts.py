"""Checks of the texts that an owner wrote; loaded only where there are some."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from detector.core.errors import ConfigError
from detector.core.texts.locales import LOCALES
from detector.core.texts.negotiation import nearest
from detector.core.texts.words import KEYS, MOST, PLACEHOLDERS

_BRACES = re.compile(r"\{[^{}\s]{1,20}\}")
# Controls, lone surrogates, and marks that turn the direction of what follows around.
_REFUSED = frozenset({"Cc", "Cs"})
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def check_texts(key: str, value: Any) -> None:
    """Check the option `texts`: {"de": {"title": "…"}}; raises ConfigError."""
    if not isinstance(value, Mapping):
        raise ConfigError(
            f'{key} is {value!r}; allowed are texts by language: {{"en": {{"title": "…"}}}}'
        )
    for language, texts in value.items():
        where = f"{key}[{language!r}]"
        if language not in LOCALES:
            raise ConfigError(f"{where} is not known; {nearest(language, LOCALES, 'languages')}")
        if not isinstance(texts, Mapping):
            raise ConfigError(f'{where} is {texts!r}; allowed is {{"title": "…", "body": "…"}}')
        for name, text in texts.items():
            if name not in KEYS:
                raise ConfigError(f"{where}[{name!r}] is not known; {nearest(name, KEYS, 'texts')}")
            _check_text(f"{where}[{name!r}]", name, text)


def _check_text(where: str, name: str, text: Any) -> None:
    if not isinstance(text, str):
        raise ConfigError(f"{where} is {text!r}; allowed is a text")
    if not any(_is_ink(char) for char in text):
        raise ConfigError(f"{where} is empty; leave it out to keep the preset's text")
    if len(text) > MOST[name]:
        raise ConfigError(f"{where} has {len(text):,} characters; at most {MOST[name]} are allowed")
    for place, char in enumerate(text, 1):
        if unicodedata.category(char) in _REFUSED or char in _TURNS:
            raise ConfigError(
                f"{where} has the control character U+{ord(char):04X} at position {place}; "
                "write the text in one line, without it"
            )
    _check_placeholders(where, name, text)


def _check_placeholders(where: str, name: str, text: str) -> None:
    allowed = PLACEHOLDERS.get(name, ())
    for found in _BRACES.findall(text):
        # Other braces are plain text; only what is nearly ours is a slip.
        if found not in allowed and difflib.get_close_matches(found, allowed):
            raise ConfigError(f"{where} has {found}; did you mean {allowed[0]}?")
    if name == "quiet" and "{days}" not in text:
        raise ConfigError(f"{where} lacks {{days}}, in whose place the number of days is put")


def _is_ink(char: str) -> bool:
    return unicodedata.category(char)[0] not in "ZC"
