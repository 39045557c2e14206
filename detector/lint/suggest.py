"""Another name for one that lists act on: without its words for ads, and tested on the lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, permutations

from detector.lint.findings import Judge

_AD_WORD = re.compile(
    r"((?i:advert(?:isement|ising|iser)?s?|adsense|adserver|sponsor(?:ed|s)?|banners?|"
    r"doubleclick|dfp|gpt|mpu|mrec|promo(?:tion|ted)?s?|\d{2,3}x\d{2,3})|"
    r"(?<![A-Za-z])[Aa][Dd][Ss]?(?![a-z])|(?<=[a-z])Ads?(?![a-z]))"
)
_NEUTRAL = ("panel", "feature", "aside", "shelf", "tile", "story", "box")
_MOST = 60


def suggest(judge: Judge, text: str, kind: str) -> str:
    """Return a name that no list acts on, as near to the given one as may be; empty for none."""
    for candidate in _candidates(text):
        if candidate != text and not judge.rules(candidate, kind):
            return candidate
    return ""


def _candidates(text: str) -> Iterator[str]:
    parts = _AD_WORD.split(text)
    places = range(1, len(parts), 2)
    tries = permutations(_NEUTRAL, min(len(places), 3)) if places else iter(())
    for chosen in islice(tries, _MOST):
        tried = list(parts)
        for number, place in enumerate(places):
            tried[place] = _as(chosen[min(number, len(chosen) - 1)], parts[place])
        yield "".join(tried)
    for word in _NEUTRAL:
        yield _renamed(text, word) if "/" in text else f"{word}-{text}"


def _renamed(path: str, word: str) -> str:
    """Return a path with another file name of the same ending."""
    folder, slash, file = path.rpartition("/")
    return f"{folder}{slash}{word}.{file.rpartition('.')[2]}"


def _as(word: str, old: str) -> str:
    """Return a word in the case of the one that it replaces."""
    if len(old) > 1 and old.isupper():
        return word.upper()
    return word.capitalize() if old[0].isupper() else word
