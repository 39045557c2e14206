"""Rows of a store with a table, read in pages along its key, so that no reader blocks a writer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from detector.core.counting.dimensions import Key

PAGE = 5000
"""The most rows of one page."""
_LAST = 2**62

Pair = tuple[str, str]
"""A site and one of its dimensions: with the hour the start of the key."""


def by_pages(
    following: Callable[[Pair], Pair | None],
    read: Callable[[tuple[Any, ...]], list[tuple[Any, ...]]],
    since: int | None,
    until: int | None,
    site: str | None,
) -> Iterator[tuple[Key, int]]:
    """Yield the rows of some hours by site, dimension, hour and the rest.

    `following` returns the next pair after one. `read` returns at most `PAGE` rows (hour, value,
    state, action, n), given the pair, the last row before them (4 columns) and `until`.
    """
    pair = following((site or "", ""))
    while pair and site in (None, pair[0]):
        # No row has an empty action, so that this is before all of the hour.
        last: tuple[Any, ...] = (since or 0, "", "", "")
        while page := read((*pair, *last, _LAST if until is None else until)):
            for hour, value, state, action, count in page:
                yield (hour, *pair, value, state, action), count
            if len(page) < PAGE:
                break
            last = page[-1][:4]
        pair = following(pair)
