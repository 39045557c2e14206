"""The payload that the notice fetches, with its texts and steps in one language and preset."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from detector.core.assets import script, style
from detector.core.notice.modes import STYLES
from detector.core.notice.theme import sent
from detector.core.texts import catalog
from detector.core.texts.negotiation import choose, direction, known
from detector.core.texts.steps import NEAR, Guide, ordered
from detector.core.texts.words import DEFAULT_PRESET, EXTRA, PRESETS, QUIET_DAYS
from detector.core.user_agent import classify
from detector.core.vocabulary import KINDS_OR_UNSURE, LINKS, MODES

if TYPE_CHECKING:
    from detector.core.config.options import Config
    from detector.core.html.headers import RequestHeaders
    from detector.core.served_names import ServedNames

Own = Mapping[str, Mapping[str, str]]

AWAY = ("close",)
"""Texts besides title and body of the message where ads do not arrive, which asks for nothing."""


def payload(
    mode: str,
    locale: str = "en",
    browser: str = "other",
    device: str = "desktop",
    *,
    preset: str = DEFAULT_PRESET,
    own: Own | None = None,
    kind: str = "",
    away: bool = False,
    config: Config | None = None,
) -> dict[str, Any]:
    """Return what the notice fetches: mode, texts of one language, and the guides that apply.

    `own` are a site's texts by locale, replacing the preset's; `config` has its links and theme.
    `away` requests the message where ads do not arrive. An unknown locale gets its base language,
    then English; an unknown browser the common order. ValueError for an unknown mode or preset.
    """
    if mode not in MODES:
        raise ValueError(f"notice mode {mode!r} is not known: use one of {', '.join(MODES)}")
    if preset not in PRESETS:
        raise ValueError(f"preset {preset!r} is not known: use one of {', '.join(PRESETS)}")
    lang = known(locale) or "en"
    words: dict[str, Any] = catalog.words(lang, preset) | dict((own or {}).get(lang, {}))
    out: dict[str, Any] = {"mode": mode, "lang": lang, "dir": direction(lang)}
    if mode in STYLES:
        out["css"] = style(STYLES[mode])
    if away:
        title, body = words["away_title"], words["away_body"]
        out["text"] = {"title": title, "body": body} | {name: words[name] for name in AWAY}
    else:
        near, rest = arranged(browser, device, kind, mode)
        out["text"] = _text(words, mode, kind, lang, own, config)
        out["guides"] = _guides(lang, near)
        out["more"] = int(bool(rest))
    return out | _settings(config, words)


def site_text(config: Config, name: str) -> str:
    """Return one text in the site's own language, the option `locale`."""
    lang = known(config.locale) or "en"
    text: str = catalog.words(lang, config.preset)[name]
    return (config.texts or {}).get(lang, {}).get(name, text)


def rest(
    locale: str, browser: str, device: str, kind: str = "", mode: str = ""
) -> list[dict[str, Any]]:
    """Return the guides for all other blockers, which the notice fetches on request."""
    return _guides(known(locale) or "en", arranged(browser, device, kind, mode)[1])


def arranged(
    browser: str, device: str, kind: str, mode: str = ""
) -> tuple[list[Guide], list[Guide]]:
    """Return the guides that are shown at once, and all others.

    Where the browser itself stops ads, only its own switch helps, so only that is shown. In an ad's
    place there is room for one.
    """
    guides = ordered(browser, device)
    mine = [guide for guide in guides if guide.own][:1] if kind == "browser" else []
    near = mine or guides[: 1 if mode == "slot" else NEAR]
    return near, [guide for guide in guides if guide not in near]


def _text(
    words: dict[str, Any], mode: str, kind: str, lang: str, own: Own | None, config: Config | None
) -> dict[str, Any]:
    text = {name: text for name, text in words.items() if name not in EXTRA}
    text["then"] = text["then"].replace("{done}", text["done"])
    browsers = text.pop("seen_browser")
    if kind == "browser":
        text["seen"] = browsers
    if mode == "soft-wall":
        text["later"] = words["go_on"]
    if mode in ("hard-wall", "slot"):
        # In an ad's place there is room for the cross only; a hard wall closes only after success.
        del text["later"]
        return text
    mine = (own or {}).get(lang, {}).get("quiet")
    text["quiet"] = [
        mine.replace("{days}", str(days)) if mine else catalog.quiet(lang, days)
        for days in (config.quiet_days if config else QUIET_DAYS)
    ]
    return text


def _settings(config: Config | None, words: Mapping[str, str]) -> dict[str, Any]:
    """Return the owner's settings besides the texts; those not set are not sent."""
    if config is None:
        return {}
    out = sent(config.look)
    links = config.links or {}
    if links:
        out["links"] = [[words[name], links[name]] for name in LINKS if name in links]
    if config.quiet_days != QUIET_DAYS:
        out["days"] = config.quiet_days
    if config.auto_reload:
        out["auto"] = 1
    if config.blur:
        out["blur"] = config.blur
    if config.template:
        out["template"] = config.template
    return out


def _guides(lang: str, guides: Iterable[Guide]) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for one in guides:
        name, steps, translated = catalog.guide(lang, one)
        out.append({"name": name, "steps": steps} | ({} if translated else {"lang": "en"}))
    return out


class PayloadCache:
    """One site's payloads as JSON, plain and gzipped, each built once."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._variants = {one["name"]: one for one in config.variants}

        @lru_cache(maxsize=1000)
        def made(
            lang: str, browser: str, device: str, mode: str, name: str, kind: str, what: str
        ) -> tuple[bytes, bytes]:
            variant = self._variants.get(name, {})
            return _as_json(
                rest(lang, browser, device, kind, mode)
                if what == "rest"
                else payload(
                    *(mode, lang, browser, device),
                    preset=variant.get("preset", config.preset),
                    own=self._own(name),
                    kind=kind,
                    away=what == "away",
                    config=self._config_of(variant),
                )
            )

        self._made = made

    def _config_of(self, variant: Mapping[str, Any]) -> Config:
        """Return the site's options with the days of quiet of a variant."""
        if "quiet_days" not in variant:
            return self._config
        return replace(self._config, quiet_days=tuple(variant["quiet_days"]))

    def _own(self, variant: str) -> Own:
        """Return the owner's texts by locale: the variant's, and where it has none the site's."""
        site: Own = self._config.texts or {}
        both = {**site, **self._variants.get(variant, {}).get("texts", {})}
        return {lang: {**site.get(lang, {}), **texts} for lang, texts in both.items()}

    def find(self, query: str, headers: RequestHeaders, names: ServedNames) -> tuple[bytes, bytes]:
        """Return the JSON for a request.

        Its `l` is the language of the requesting page, `m` the mode, `i` the kind, `y` the variant;
        `s` requests the message where ads do not arrive, `g` the guides that were left out, `d` the
        panel for whoever blocks no ads. `names` are those of the requested URL.
        """
        try:
            asked = {key: values[0] for key, values in parse_qs(query, max_num_fields=8).items()}
        except ValueError:
            asked = {}
        config = self._config
        page, mode, kind, variant = (asked.get(name, "") for name in "lmiy")
        locale = choose(page, headers.get("accept-language") or "", config.locale)
        if "d" in asked:
            from detector.core.notice.panel import panel

            return _as_json(panel(locale, config, names, self._own(variant)))
        visitor = classify(headers.get("user-agent"))
        if mode == "redirect" and config.redirect_url:
            src = names.script("redirect", script("redirect").content_hash)
            return _as_json({"mode": mode, "src": src, "to": config.redirect_url})
        what = "rest" if "g" in asked else "away" if "s" in asked else ""
        return self._made(
            locale,
            visitor.browser,
            visitor.device,
            mode if mode in MODES else config.notice,
            variant if variant in self._variants else "",
            kind if kind in KINDS_OR_UNSURE else "",
            what,
        )


def _as_json(found: object) -> tuple[bytes, bytes]:
    body = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
    return body, gzip.compress(body, mtime=0)
