"""The texts of the panel that shows what was seen, for visitors who say that they block no ads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from detector.core.assets import script
from detector.core.texts import catalog
from detector.core.vocabulary import SIGNALS

if TYPE_CHECKING:
    from detector.core.config.options import Config
    from detector.core.served_names import ServedNames

_TEXTS = ("title", "why", "counted", "local", "thanks")


def panel(
    locale: str, config: Config, names: ServedNames, own: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Return what the notice fetches on that click: the panel's script, and its texts.

    `locale` is one of LOCALES; `names` are those under which the notice was requested; `own` are
    the texts of the site and of the notice's variant.
    """
    words = catalog.words(locale, config.preset) | dict(own.get(locale, {}))
    return {
        "src": names.script("panel", script("panel").content_hash),
        "saw": {name: words[f"saw_{name}"] for name in SIGNALS},
        **{name: words[f"saw_{name}"] for name in _TEXTS},
    }
