"""Reads the translations: compiled `.mo` files, with the standard library's gettext.

A text is looked up by its context (its key) and its English text; one that is not translated stays
English.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations

from detector.core.texts.locales import ENGLISH, FOLDER
from detector.core.texts.steps import BRANDS, Guide
from detector.core.texts.words import PRESETS, QUIET, UI


@cache
def _read(locale: str) -> NullTranslations:
    if locale == ENGLISH:
        return NullTranslations()
    with (FOLDER / f"{locale}.mo").open("rb") as file:
        return GNUTranslations(file)


def words(locale: str, preset: str) -> dict[str, str]:
    """Return every text except the plural one, with its placeholders."""
    read = _read(locale)
    out = {key: read.pgettext(f"{preset}.{key}", text) for key, text in PRESETS[preset].items()}
    return out | {key: read.pgettext(key, text) for key, text in UI.items()}


def quiet(locale: str, days: int) -> str:
    """Return the sentence on the days of quiet, in the language's plural form for that number."""
    return _read(locale).npgettext("quiet", *QUIET, days).replace("{days}", str(days))


def guide(locale: str, of: Guide) -> tuple[str, list[str], bool]:
    """Return a guide's name and steps, and whether all of them are in this language."""
    read = _read(locale)
    name = of.name if of.name in BRANDS else read.pgettext("name", of.name)
    steps = [read.pgettext("step", step) for step in of.steps]
    same = name == of.name and of.name not in BRANDS
    whole = not same and not any(a == b for a, b in zip(steps, of.steps, strict=True))
    if locale == ENGLISH or whole:
        return name, steps, True
    # A guide half in another language would not help.
    return of.name, list(of.steps), False
