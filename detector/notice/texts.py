"""The payload in which the notice's words and steps reach the browser: one language, one preset."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from detector.notice import catalog
from detector.notice.locales import choose, direction, known
from detector.notice.steps import NEAR, ordered
from detector.notice.words import DEFAULT_PRESET, EXTRA, PRESETS, QUIET_DAYS
from detector.visitor import look

if TYPE_CHECKING:
    from detector.config import Config
    from detector.page.headers import RequestHeaders

MODES: Final = ("corner", "modal", "none")
Own = Mapping[str, Mapping[str, str]]


def payload(
    mode: str,
    locale: str = "en",
    browser: str = "other",
    device: str = "desktop",
    *,
    preset: str = DEFAULT_PRESET,
    own: Own | None = None,
) -> dict[str, Any]:
    """Return what the notice fetches: mode, words of one language, and guides in the best order.

    `own` are a site's texts by locale, in place of the preset's. An unknown locale gets its base
    language, then English; an unknown browser the common order.
    """
    if mode not in MODES:
        raise ValueError(f"notice mode {mode!r} is not known: use one of {', '.join(MODES)}")
    if preset not in PRESETS:
        raise ValueError(f"preset {preset!r} is not known: use one of {', '.join(PRESETS)}")
    lang = known(locale) or "en"
    return {
        "mode": mode,
        "lang": lang,
        "dir": direction(lang),
        "text": _text(lang, preset, (own or {}).get(lang, {})),
        "guides": _guides(lang, browser, device),
        "near": NEAR,
    }


def _text(lang: str, preset: str, own: Mapping[str, str]) -> dict[str, Any]:
    every = catalog.words(lang, preset) | dict(own)
    text: dict[str, Any] = {key: value for key, value in every.items() if key not in EXTRA}
    text["then"] = text["then"].replace("{done}", text["done"])
    mine = own.get("quiet")
    text["quiet"] = [
        mine.replace("{days}", str(days)) if mine else catalog.quiet(lang, days)
        for days in QUIET_DAYS
    ]
    return text


def _guides(lang: str, browser: str, device: str) -> list[dict[str, Any]]:
    guides: list[dict[str, Any]] = []
    for one in ordered(browser, device):
        name, steps, translated = catalog.guide(lang, one)
        item: dict[str, Any] = {"name": name, "steps": steps}
        if not translated:
            item["lang"] = "en"
        if one.own:
            item["own"] = True
        guides.append(item)
    return guides


class Served:
    """One site's payloads as JSON, plain and packed, each made once."""

    def __init__(self, config: Config) -> None:
        self._locale = config.locale

        @lru_cache(maxsize=1000)
        def made(lang: str, browser: str, device: str) -> tuple[bytes, bytes]:
            found = payload(
                config.notice, lang, browser, device, preset=config.preset, own=config.texts
            )
            body = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
            return body, gzip.compress(body, mtime=0)

        self._made = made

    def find(self, query: str, headers: RequestHeaders) -> tuple[bytes, bytes]:
        """Give the JSON for a request: the language of the page that asks stands in its `l`."""
        try:
            page = parse_qs(query, max_num_fields=8).get("l", [""])[0]
        except ValueError:
            page = ""
        locale = choose(page, headers.get("accept-language") or "", self._locale)
        visitor = look(headers.get("user-agent"))
        return self._made(locale, visitor.browser, visitor.device)
