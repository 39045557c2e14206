"""What `detector notice check` finds in own texts (gaps, lengths, promises), looks and settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from detector.config import Config
from detector.notice import colours, settings
from detector.notice.finding import Finding
from detector.notice.locales import known
from detector.notice.policy import LANGUAGES, refused
from detector.notice.words import FITS, KEYS

__all__ = ["Finding", "findings", "unread"]


def findings(config: Config) -> list[Finding]:
    """Look through a site's options; the shipped texts and colours are checked by tests."""
    own = config.texts or {}
    found = [*_missing(own, config)]
    for language, texts in own.items():
        for key, text in texts.items():
            where = f"texts.{language}.{key}"
            found += _too_long(where, key, text)
            found += _promises(where, text)
    return [*found, *colours.findings(config.look), *settings.findings(config)]


def unread(config: Config) -> list[str]:
    """Name the languages of own texts whose promises nobody can judge here."""
    return [language for language in config.texts or {} if language not in LANGUAGES]


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
        yield Finding(where, f"{rule.what}: “{words}”", f"leave it out: {rule.why}")
