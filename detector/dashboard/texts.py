"""The dashboard's words in the owner's language: which language, and its catalog.

The language is that of the request being answered; outside of one, and in exports, it
is English.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

from detector.core.texts.locales import ENGLISH
from detector.core.texts.negotiation import direction, known, preferred

FOLDER = Path(__file__).parent / "locale"
LANGUAGES = (ENGLISH, *sorted(file.stem for file in FOLDER.glob("*.mo")))
"""English, and each language that has a catalog."""

_language = ContextVar("language", default=ENGLISH)


def current() -> str:
    """Return the language of the request being answered."""
    return _language.get()


def current_direction() -> str:
    """Return the direction of that language, as an HTML `dir`."""
    return direction(current())


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Answer in a language within this block."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def supported(tag: str) -> str:
    """Return the language for a tag such as `de-AT`, or "" where the dashboard has none."""
    found = known(tag) or ""
    return found if found in LANGUAGES else ""


def choose(asked: str, default: str, accepted: str) -> str:
    """Return a language: by `?lang=`, then the option, then an Accept-Language header."""
    wishes = (asked, default, *preferred(accepted))
    return next((found for tag in wishes if (found := supported(tag))), ENGLISH)


@cache
def read(language: str) -> NullTranslations:
    """Read a language's catalog."""
    if language == ENGLISH:
        return NullTranslations()
    with (FOLDER / f"{language}.mo").open("rb") as file:
        return GNUTranslations(file)


def gettext(text: str) -> str:
    """Return a text in the current language, its placeholders not replaced."""
    # The entry of "" is the catalog's header.
    return read(current()).gettext(text) if text else ""


def ngettext(one: str, many: str, n: int) -> str:
    """Return the form of a text for a number, its placeholders not replaced."""
    return read(current()).ngettext(one, many, n)


def _(text: str, /, **values: Any) -> str:
    """Return a text in the current language; `%(name)s` is replaced, and `%%` is a percent sign."""
    return gettext(text) % values


def plural(one: str, many: str, n: int, /, **values: Any) -> str:
    """Return the form of a text for a number, with its placeholders replaced."""
    return ngettext(one, many, n) % values


def N_(text: str) -> str:
    """Mark a text for translation; `_` translates it where it is shown."""
    return text
