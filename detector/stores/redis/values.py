"""The limits on values of open dimensions in Redis; see `stores/value_caps.py`.

The values of a site's day are sets of their own. A script adds to one only if it is still as large
as when it was read; else all is done again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from detector.core.counting.dimensions import Key
from detector.stores.redis import keys
from detector.stores.redis.adding import Argument
from detector.stores.value_caps import ValueCaps

SECONDS = 3 * 24 * 3600
"""How long a set lives: counts come a day late at most."""


class Taken(NamedTuple):
    """The sets that grow, and the arguments of the script for them."""

    keys: list[str]
    arguments: list[Argument]


def take(client: Any, caps: ValueCaps, rows: Iterable[Key]) -> Taken:
    """Return what grows by values that are new to this process, as far as there is room."""
    new = caps.new(rows)
    names = [keys.values(*place) for place in new]
    asked = client.pipeline(transaction=False)
    for name in names:
        asked.smembers(name)
    grown: list[str] = []
    arguments: list[Argument] = []
    answers = asked.execute() if names else []
    for (place, wanted), name, held in zip(new.items(), names, answers, strict=True):
        if taken := caps.take(place, wanted, held):
            grown.append(name)
            arguments += [len(held), len(taken), *sorted(taken)]
    return Taken(grown, [SECONDS, len(grown), *arguments])
