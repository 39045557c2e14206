"""Which of the notice's languages a visitor gets.

The page's own language is tried first, then the visitor's, then the site's option `locale`. A
missing language is skipped; it is never replaced by a related one, such as Croatian for Serbian.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from detector.core.texts.locales import ENGLISH, LOCALES

_RIGHT_TO_LEFT = {
    *("apc", "ar", "arc", "bal", "bgn", "brh", "ckb", "dv", "fa", "glk", "he", "ks", "lrc", "luz"),
    *("mzn", "nqo", "ps", "rhg", "sd", "sdh", "skr", "syr", "trw", "ug", "ur", "yi"),
}
"""Every language that is written from right to left, also those without a translation."""

# Older or narrower codes of supported languages. Bare "pt" and "zh" mean their largest group.
_SAME = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "mo": "ro", "cmn": "zh"}
_SAME |= {"prs": "fa", "pes": "fa", "arb": "ar"}
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})
_BY_TAG = {locale.lower(): locale for locale in LOCALES}
_TAG = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,6}")
_HEADER_MOST = 500
_TAGS_MOST = 20


def known(tag: str) -> str | None:
    """Return the locale for a language tag such as `de-AT` or `zh_TW`, if there is one."""
    if not _TAG.fullmatch(tag):
        return None
    language, *rest = re.split("[-_]", tag.lower())
    language = _SAME.get(language, language)
    if language == "zh":
        # A script, if given, takes precedence over the region.
        hant = "hans" not in rest and not _TRADITIONAL.isdisjoint(rest)
        return "zh-Hant" if hant else "zh-Hans"
    if language == "pt":
        regions = [part for part in rest if len(part) == 2]
        return "pt-PT" if regions and regions[0] != "br" else "pt-BR"
    return _BY_TAG.get(language)


def choose(page: str, accepted: str, default: str) -> str:
    """Return a locale: by the page's `lang`, then an Accept-Language header, then the default."""
    wishes = (page.strip(), *preferred(accepted), default)
    return next((found for tag in wishes if (found := known(tag))), ENGLISH)


def direction(locale: str) -> str:
    """Return the direction in which a language is written, as an HTML `dir`."""
    return "rtl" if re.split("[-_]", locale.lower())[0] in _RIGHT_TO_LEFT else "ltr"


def preferred(header: str) -> Iterator[str]:
    """Return the tags of an Accept-Language header, most wanted first; skip malformed ones."""
    wishes: list[tuple[float, str]] = []
    for part in header[:_HEADER_MOST].split(",")[:_TAGS_MOST]:
        tag, _, weight = part.partition(";")
        wanted = _weight(weight)
        if wanted > 0:
            wishes.append((wanted, tag.strip()))
    # Sorting is stable: equal weights keep the header's order.
    return (tag for _, tag in sorted(wishes, key=lambda wish: -wish[0]))


def _weight(text: str) -> float:
    """Parse `q=0.8`; a missing weight is 1, a malformed one 0."""
    name, _, number = text.strip().partition("=")
    if not name:
        return 1.0
    found = re.fullmatch(r"[01](?:\.[0-9]{0,3})?", number.strip())
    return min(float(found[0]), 1.0) if name.strip().lower() == "q" and found else 0.0


def nearest(value: Any, allowed: Iterable[str], what: str) -> str:
    """Return the end of an error: the name that was probably meant, or all that there are."""
    names = {name.lower(): name for name in allowed}
    base = known(value) if isinstance(value, str) and what == "languages" else None
    # Two letters are soon alike: Serbian is not a slip for Turkish.
    cutoff = 0.7 if what == "languages" else 0.5
    near = difflib.get_close_matches(str(value).lower(), names, n=1, cutoff=cutoff)
    if base or near:
        return f"did you mean {base or names[near[0]]}?"
    return f"the {what} are {', '.join(names.values())}"
