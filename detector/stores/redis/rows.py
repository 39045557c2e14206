"""Reads the rows of a site from Redis, an hour at a time, so that others may write meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from detector.core.counting.dimensions import Key
from detector.stores.redis import keys
from detector.stores.redis.reading import unpacked


def rows_of(
    using: Callable[[], AbstractContextManager[Any]], site: str, since: int, until: int | None
) -> Iterator[tuple[Key, int]]:
    """Yield the rows of a site by hour and the rest."""
    last = "+inf" if until is None else f"({until}"
    with using() as client:
        names = sorted(client.smembers(keys.dimensions(site)))
        places = (keys.hours(site), keys.days(site), keys.first_hours(site))
        hours = {int(hour) for name in places for hour in client.zrangebyscore(name, since, last)}
    for hour in sorted(hours):
        with using() as client:
            rows = _read(client, site, hour, names)
        for (name, words), count in sorted(rows.items()):
            value, state, action = words.split(keys.APART)
            yield (hour, site, name, value, state, action), count


def _read(client: Any, site: str, hour: int, names: list[str]) -> Counter[tuple[str, str]]:
    """Return the counts of an hour by dimension, and the other words of their field."""
    asked = client.pipeline(transaction=False)
    asked.hgetall(keys.first_hour(site, hour))
    for name in names:
        asked.hgetall(keys.hour(site, hour, name))
        asked.get(keys.day(site, hour, name))
    first, *answers = asked.execute()
    rows: Counter[tuple[str, str]] = Counter()
    for field, count in first.items():
        name, _, words = field.partition(keys.APART)
        rows[name, words] += int(count)
    for number, name in enumerate(names):
        for words, count in answers[2 * number].items():
            rows[name, words] += int(count)
        for words, count in unpacked(answers[2 * number + 1] or ""):
            rows[name, words] += count
    return rows
