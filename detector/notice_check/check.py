"""What `detector notice check` finds in a site's texts, theme and settings, and its output."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from detector.core.config.options import Config
from detector.core.printable import printable
from detector.core.texts.negotiation import known
from detector.core.texts.words import FITS, KEYS
from detector.notice_check import contrast, coverage, settings
from detector.notice_check.finding import Finding, failed
from detector.notice_check.policy import LANGUAGES, refused
from detector.notice_check.reachable_modes import uses

if TYPE_CHECKING:
    from detector.notice_check.filter_lists import Held

__all__ = ["Finding", "document", "findings", "text", "unread"]

NO_LISTS = "filter lists were not read; name some: --lists LIST ... (needs adblock-detector[baits])"


def findings(config: Config) -> list[Finding]:
    """Check a site's options; the shipped texts and colours are checked by tests."""
    found = [*_missing(config.texts or {}, config)]
    for place, own in _texts(config).items():
        for language, texts in own.items():
            for key, text in texts.items():
                where = f"{place}.{language}.{key}"
                found += _too_long(where, key, text)
                found += _promises(where, text)
    return [*found, *contrast.findings(config.look), *settings.findings(config)]


def unread(config: Config) -> list[str]:
    """Return the languages of the site's texts whose promises cannot be checked here."""
    every = dict.fromkeys(language for own in _texts(config).values() for language in own)
    return [language for language in every if language not in LANGUAGES]


def _texts(config: Config) -> dict[str, Mapping[str, Mapping[str, str]]]:
    """Return the texts of the site and of each variant, by where they are set.

    A variant may replace a single text, so none of its texts is reported as missing.
    """
    found: dict[str, Mapping[str, Mapping[str, str]]] = {"texts": config.texts or {}}
    for place, one in enumerate(config.variants):
        found[f"variants[{place}].texts"] = one.get("texts", {})
    return found


def _missing(own: Mapping[str, Mapping[str, str]], config: Config) -> Iterator[Finding]:
    home = known(config.locale)
    if own and home not in own:
        yield Finding(
            f"texts.{home}",
            "missing, though it is the language of the option locale",
            f"add texts in {home}, or set locale to one of {', '.join(own)}",
        )
    for key in KEYS:
        having = [language for language, texts in own.items() if key in texts]
        for language in own:
            if having and language not in having:
                yield Finding(
                    f"texts.{language}.{key}",
                    f"missing, though {', '.join(having)} has it",
                    f"add it; until then the text of preset {config.preset} is shown",
                )


def _too_long(where: str, key: str, text: str) -> Iterator[Finding]:
    if len(text) > FITS[key]:
        yield Finding(
            where,
            f"too long: {len(text)} characters, and {FITS[key]} fit on a phone",
            "shorten it",
        )


def _promises(where: str, text: str) -> Iterator[Finding]:
    for rule, words in refused(text):
        yield Finding(where, f"{rule.what}: “{words}”", f"remove it: {rule.why}")


def document(config: Config, found: Sequence[Finding], held: Sequence[Held]) -> str:
    """Return all findings as JSON."""
    shown = {
        "ok": not failed(found),
        "findings": [one.as_dict() for one in found],
        "covers": {
            "measured_on": coverage.measured()["measured_on"],
            "viewports": coverage.measured()["viewports"],
            "percent": coverage.covers(uses(config)),
        },
        "lists": [one.as_dict() for one in held],
        "texts_not_read": unread(config),
    }
    return json.dumps(shown, indent=2, ensure_ascii=False)


def text(config: Config, found: Sequence[Finding], held: Sequence[Held]) -> str:
    """Return a line for each finding and list, with the summary at the end."""
    lines = []
    for one in found:
        lines.append(f"{one.level}: {one.where}: {one.what}; {one.fix}")
        if one.source:
            lines.append(f"  by {one.source}")
    for language in unread(config):
        lines.append(f"note: texts in {language} are not checked for promises; ask a speaker")
    lines += coverage.lines(uses(config))
    for of in held:
        by = f"{len(of.acts)} of its {of.rules:,} rules act on the notice"
        chosen = ", which people choose themselves" if of.chosen else ""
        lines.append(f"list {of.label}{chosen}: {by if of.acts else 'does not affect the notice'}")
    if not held:
        lines.append(f"note: {NO_LISTS}")
    return "\n".join(map(printable, [*lines, _summary(config, found)]))


def _summary(config: Config, found: Sequence[Finding]) -> str:
    errors = sum(one.level == "error" for one in found)
    warnings = sum(one.level == "warning" for one in found)
    if errors or warnings:
        return f"{errors} to fix, {warnings} to consider"
    own = sum(len(texts) for one in _texts(config).values() for texts in one.values())
    what = f"{own} texts of your own" if own else "no texts of your own"
    return f"all is well: preset {config.preset}, {what}"
