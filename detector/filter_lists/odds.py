"""How likely the detector finds a blocker that acts on some of a pool's baits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from detector.core.baits.pool import SLOTS, Pool
from detector.core.baits.site_baits import Baits, Choice
from detector.core.served_names import ServedNames
from detector.filter_lists.matcher import Matcher
from detector.filter_lists.served import bait_urls

# A verdict of blocked needs two; the others are requested if one of the first two is missing.
_NEEDED = _FIRST = 2
_SITES, _DAYS = 25, 40
_SECRET = "a secret of a sample site {}"


@dataclass(frozen=True, slots=True)
class Odds:
    """Shares of 1,000 site-days on which two families of baits are missing, from 0 to 1.

    By requests alone, as where a blocker hides nothing; by elements alone; by both together.
    """

    requests: float
    elements: float
    together: float


class SiteDays:
    """The choices from a pool on the days of some sites; made once for any number of blockers."""

    def __init__(self, pool: Pool) -> None:
        sites = [Baits(ServedNames(_SECRET.format(n)), pool) for n in range(_SITES)]
        self._choices = [site.choose(day) for site in sites for day in range(_DAYS)]

    def lacks(self) -> str:
        """Return how many request baits the poorest day has, or nothing if it has all."""
        fewest = min(len(choice.requests) for choice in self._choices)
        if fewest == len(SLOTS):
            return ""
        return f"on some days only {fewest} of {len(SLOTS)} request baits share no keyword"

    def odds(self, requests: Collection[int], elements: Collection[str]) -> Odds:
        """Return the odds where these request baits, by number, and these classes are missing."""
        both = [_missing(choice, requests, elements) for choice in self._choices]
        return Odds(
            _share([asked for asked, _ in both]),
            _share([hidden for _, hidden in both]),
            _share([asked + hidden for asked, hidden in both]),
        )


def live(matcher: Matcher, pool: Pool) -> tuple[set[int], set[str]]:
    """Return the request baits, by number, and the classes that these lists act on."""
    urls = [bait_urls(_SECRET.format(n), pool) for n in range(3)]
    requests = {
        number
        for number, entry in enumerate(pool.requests)
        if all(matcher.request(each[number], entry.type).live for each in urls)
    }
    return requests, {name for name in pool.elements if matcher.element("." + name).live}


def _missing(
    choice: Choice, requests: Collection[int], elements: Collection[str]
) -> tuple[int, int]:
    gone = [bait.number in requests for bait, _ in choice.requests]
    asked = sum(gone) if any(gone[:_FIRST]) else 0
    return asked, sum(name in elements for name in choice.elements)


def _share(counts: Sequence[int]) -> float:
    return sum(count >= _NEEDED for count in counts) / len(counts)
