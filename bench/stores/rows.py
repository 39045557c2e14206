"""The rows of some sites after months of visits: by the hour for 30 days, before that by the day.

The first site is the largest: all of its path groups in every hour, under every dimension. The
others share the remaining rows; in each of their hours a few path groups were visited, the popular
ones more often, so that over the months they have all of them too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from detector.core.counting.dimensions import Key
from detector.core.counting.store import HOURLY_DAYS, KEPT_DAYS
from detector.core.vocabulary import DIMENSIONS, NOTICE_ACTIONS

NOW = 490_000 - 490_000 % 24 + 12
_DAY = NOW - NOW % 24
_MONTH_DAYS = KEPT_DAYS / 25

Word = tuple[str, str, str]
"""Value, state, action."""
Part = tuple[str, str, int, list[tuple[str, str, str, int]]]
"""Site, dimension, hour, and its rows."""

_EVENTS = (("", "view"), ("blocked", "verdict"), ("clear", "verdict"), ("blocked", "shown"))


@dataclass(frozen=True, slots=True)
class Shape:
    """How much is kept."""

    groups: int = 500
    """Path groups of each site."""
    sites: int = 50
    months: int = 25
    rows: int = 11_600_000
    """Of all sites together, about."""

    def site_names(self) -> list[str]:
        """Return the names of the sites, the largest first."""
        return [f"site-{number:02}" for number in range(self.sites)]

    def hours(self) -> list[int]:
        """Return the hours that have rows, the oldest first."""
        days = min(KEPT_DAYS - 1, round(self.months * _MONTH_DAYS))
        hourly = min(days, HOURLY_DAYS)
        joined = range(_DAY - days * 24, _DAY - hourly * 24, 24)
        return [*joined, *range(_DAY - hourly * 24, NOW + 1)]

    def some(self) -> int:
        """Return how many path groups each hour of a smaller site has."""
        if self.sites == 1:
            return 0
        largest = len(_others()) + self.groups * len(_EVENTS)
        each = (self.rows / len(self.hours()) - largest) / (self.sites - 1)
        return max(1, min(self.groups, round((each - len(_others())) / len(_EVENTS))))


def group_words(number: int) -> list[Word]:
    """Return the rows of a path group."""
    return [(f"/section-{number}/<slug>", *event) for event in _EVENTS]


def _others() -> list[tuple[str, Word]]:
    """Return the rows of an hour under all dimensions but path groups."""
    verdicts = (("blocked", "verdict"), ("clear", "verdict"))
    found: list[tuple[str, Word]] = [("all", ("", *event)) for event in _EVENTS]
    found += [("all", ("", "blocked", action)) for action in NOTICE_ACTIONS if action != "shown"]
    for value in DIMENSIONS["kind"]:
        found.append(("kind", (value, "blocked", "verdict")))
    for name in ("browser", "device"):
        found += [(name, (value, *event)) for value in DIMENSIONS[name] for event in verdicts]
    found += [("mode", (value, "blocked", "shown")) for value in DIMENSIONS["mode"]]
    found += [("reason", (value, "", "refused")) for value in DIMENSIONS["reason"]]
    found += [("signals", (value, "", "disputed")) for value in DIMENSIONS["signals"]]
    found += [("locale", (value, "", "view")) for value in ("de", "en", "es", "fr", "it", "pl")]
    found += [("variant", (value, "blocked", "shown")) for value in "AB"]
    found += [
        ("bait", (f"full:/b{n}.js", "", what)) for n in range(4) for what in ("asked", "missed")
    ]
    return sorted(found)


def parts(shape: Shape, hours: list[int], site: str) -> Iterator[Part]:
    """Yield the rows of a site in these hours, in the order of the SQL stores' keys."""
    draw = random.Random(f"{site}{hours[0]}{len(hours)}")
    counts = cycle([draw.randint(1, 400) for _ in range(10_007)])
    largest = site == shape.site_names()[0]
    by: dict[str, list[Word]] = {"group": []}
    for dimension, word in _others():
        by.setdefault(dimension, []).append(word)
    every = [group_words(number) for number in range(shape.groups)]
    whole = sorted(word for words in every for word in words)
    some = shape.some()
    for dimension in sorted(by):
        for hour in hours:
            words = by[dimension]
            if dimension == "group":
                words = whole if largest else _popular(draw, every, some)
            yield site, dimension, hour, [(*word, next(counts)) for word in words]


def _popular(draw: random.Random, every: list[list[Word]], some: int) -> list[Word]:
    """Draw path groups: the nth as often as 1/n."""
    chosen: set[int] = set()
    while len(chosen) < some:
        chosen.add(int(len(every) ** draw.random()) % len(every))
    return sorted(word for number in chosen for word in every[number])


def late(shape: Shape, site: str) -> dict[Key, int]:
    """Return the rows of one day of a site that is to be joined, by the hour."""
    day = list(range(_DAY - 31 * 24, _DAY - 30 * 24))
    return {
        (hour, name, dimension, value, state, action): count
        for name, dimension, hour, rows in parts(shape, day, site)
        for value, state, action, count in rows
    }
