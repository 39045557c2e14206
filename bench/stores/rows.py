"""The rows of several sites after 25 months: by the hour for 30 days, before that by the day."""

from __future__ import annotations

import random
from collections.abc import Iterator

from detector.core.counting.dimensions import Key
from detector.core.counting.store import HOURLY_DAYS, KEPT_DAYS

NOW = 490_000 - 490_000 % 24 + 12
SITES = tuple(f"site-{number:02}" for number in range(5))
_DAY = NOW - NOW % 24
_VALUES = {
    "all": ("",),
    "kind": ("extension", "browser", "network", "none"),
    "browser": ("chrome", "firefox", "safari", "edge", "opera", "samsung", "other"),
    "device": ("desktop", "phone", "tablet"),
    "variant": ("A", "B"),
}
_EVENTS = (("view", ""), ("verdict", "blocked"), ("verdict", "clear"), ("shown", "blocked"))


def hours() -> Iterator[int]:
    """Yield the hours that have rows, the oldest first."""
    yield from range(_DAY - (KEPT_DAYS - 1) * 24, _DAY - HOURLY_DAYS * 24, 24)
    yield from range(_DAY - HOURLY_DAYS * 24, NOW + 1)


def groups(rows: int) -> int:
    """Return how many path groups a site needs to have its part of so many rows."""
    each = rows // (len(SITES) * len(list(hours())) * len(_EVENTS))
    return max(1, each - sum(map(len, _VALUES.values())))


def batches(number: int, size: int = 50) -> Iterator[dict[Key, int]]:
    """Yield all rows of the sites with so many path groups, some hours of one site at a time.

    The newest come first, which the store then knows as the present.
    """
    every = list(hours())[::-1]
    for site in SITES:
        for at in range(0, len(every), size):
            yield of(site, every[at : at + size], number)


def late(number: int) -> Iterator[dict[Key, int]]:
    """Yield the rows of one day that is to be joined, by the hour, site by site."""
    for site in SITES:
        yield of(site, list(range(_DAY - 31 * 24, _DAY - 30 * 24)), number)


def of(site: str, some: list[int], number: int) -> dict[Key, int]:
    """Return the rows of some hours of a site."""
    dice = random.Random(f"{site}{some[0]}")
    values = {**_VALUES, "group": tuple(f"/section-{n}/<slug>" for n in range(number))}
    return {
        (hour, site, dimension, value, state, action): dice.randint(10, 500)
        for hour in some
        for dimension, found in values.items()
        for value in found
        for action, state in _EVENTS
    }
