"""Checks of the options `preset`, `locale` and `texts`.

Each check raises ConfigError, whose message names the option and says how to fix it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from detector.core.errors import ConfigError
from detector.core.texts.locales import LOCALES, known, nearest
from detector.core.vocabulary import PRESET_NAMES


def check_preset(key: str, value: Any) -> None:
    """Check the option `preset`."""
    if not isinstance(value, str) or value not in PRESET_NAMES:
        raise ConfigError(f"{key} is {value!r}; {nearest(value, PRESET_NAMES, 'presets')}")


def check_locale(key: str, value: Any) -> None:
    """Check the option `locale`: a supported language, or a region of one, such as de-AT."""
    if not isinstance(value, str) or not known(value):
        raise ConfigError(f"{key} is {value!r}; {nearest(value, LOCALES, 'languages')}")


def check_texts(key: str, value: Any) -> None:
    """Check the option `texts`: {"de": {"title": "…"}}."""
    if value is None:
        return
    if not isinstance(value, Mapping):
        raise ConfigError(
            f'{key} is {value!r}; allowed are texts by language: {{"en": {{"title": "…"}}}}'
        )
    from detector.core.config.own_texts import check_own_texts

    check_own_texts(key, value)
