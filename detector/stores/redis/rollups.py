"""Sums of whole days and months in Redis, one hash for each dimension, as copies of the counts.

Each write also counts up the revision of its hours. A span keeps the sum of its hours' revisions as
they were before it was summed; once they differ, it is not read until it is summed again. Joining
the hours of a day changes no sum, and moves their revisions with them.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any, NamedTuple

from detector.stores.redis import keys
from detector.stores.rollup_ranges import Hours, Ready, cover, wanted

Found = Counter[tuple[int, str, str, str]]

_AT_ONCE = 100
_FIELDS = 5_000
_WHOLE = 1_000_000
"""A count by which HSCAN returns a whole hash at once."""
_TRIES = 5


# KEYS: the spans that are summed. ARGV: a span, its text before, its new text.
_KEEP = """
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
return redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) + 1
"""


class _Span(NamedTuple):
    text: str
    revision: int
    dimensions: list[str]


class State:
    """What a site has summed, and the revisions of its hours."""

    def __init__(self, client: Any, site: str) -> None:
        asked = client.pipeline(transaction=False)
        asked.hgetall(keys.summed(site))
        asked.hgetall(keys.revisions(site))
        self.summed, revisions = asked.execute()
        self._site = site
        self._hours = sorted(map(int, revisions))
        # Their running total.
        self._totals = list(accumulate((int(revisions[str(h)]) for h in self._hours), initial=0))
        self.spans: dict[Hours, _Span] = {}
        for name, text in self.summed.items():
            start, _, until = name.partition("-")
            self.spans[int(start), int(until)] = _Span(text, *json.loads(text))

    def revision(self, hours: Hours) -> int:
        """Return the sum of the revisions of a span's hours."""
        first, last = (self._totals[bisect_left(self._hours, hour)] for hour in hours)
        return last - first

    def ready(self) -> list[Ready]:
        """Return the spans that can be read."""
        fresh = [at for at, span in self.spans.items() if span.revision == self.revision(at)]
        return [Ready(number, *hours) for number, hours in enumerate(fresh)]

    def names(self, hours: Hours) -> dict[str, str]:
        """Return the keys of the sums of a span by their dimension."""
        _, revision, dimensions = self.spans[hours]
        return {name: keys.sums(self._site, *hours, revision, name) for name in dimensions}


def add_up(client: Any, site: str, dimension: str, hours: Hours, step: int) -> Found:
    """Return the sums of one dimension of a site, by start of the step, value, state and action."""
    for _ in range(_TRIES):
        found: Found = Counter()
        state = State(client, site)
        spans, gaps = cover(state.ready(), *hours, step)
        names = {span.start: state.names((span.start, span.until)) for span in spans}
        some = {start: of[dimension] for start, of in names.items() if dimension in of}
        for start, fields in zip(some, _hashes(client, list(some.values())), strict=True):
            for field, count in fields.items():
                value, status, action = field.split(keys.APART)
                found[start - start % step if step else 0, value, status, action] += int(count)
        for hour, fields in _rows(client, site, gaps, dimension):
            at = hour - hour % step if step else 0
            for field, count in fields.items():
                _, value, status, action = field.split(keys.APART)
                found[at, value, status, action] += int(count)
        # Another process may have joined hours, or summed a span anew, in the midst.
        if client.hgetall(keys.summed(site)) == state.summed:
            break
    return found


def stale(client: Any, site: str, now_hour: int) -> list[Hours]:
    """Return the spans to be summed, in the best order."""
    ready = {(span.start, span.until) for span in State(client, site).ready()}
    return [hours for hours in wanted(now_hour, _first(client, site)) if hours not in ready]


def forget(client: Any, site: str, now_hour: int) -> None:
    """Delete the spans that are no longer needed."""
    keep = set(wanted(now_hour, _first(client, site)))
    state = State(client, site)
    for hours in set(state.spans) - keep:
        client.hdel(keys.summed(site), f"{hours[0]}-{hours[1]}")
        for name in state.names(hours).values():
            client.unlink(name)


def sum_up(client: Any, site: str, hours: Hours) -> None:
    """Sum one span from the spans within it and the rows that they leave."""
    state = State(client, site)
    spans, gaps = cover(state.ready(), *hours)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for span in spans:
        names = state.names((span.start, span.until))
        for name, fields in zip(names, _hashes(client, list(names.values())), strict=True):
            _add(found[name], fields.items())
    for _, fields in _rows(client, site, gaps, None):
        for field, count in fields.items():
            name, _, rest = field.partition(keys.APART)
            found[name][rest] += int(count)
    before = state.spans.get(hours)
    old = state.names(hours) if before else {}
    state.spans[hours] = _Span("", state.revision(hours), sorted(found))
    made = state.names(hours)
    for name, counts in found.items():
        _store(client, made[name], list(counts.items()))
    text = json.dumps(state.spans[hours][1:])
    asked = (f"{hours[0]}-{hours[1]}", before.text if before else "", text)
    # If another process was faster, its sums stay.
    gone = old if client.eval(_KEEP, 1, keys.summed(site), *asked) else made
    kept = State(client, site)
    for name in set(gone.values()) - set(kept.names(hours).values() if hours in kept.spans else ()):
        client.unlink(name)


def _store(client: Any, name: str, fields: list[tuple[str, int]]) -> None:
    for first in range(0, len(fields), _FIELDS):
        client.hset(name, mapping=dict(fields[first : first + _FIELDS]))


def _add(counts: Counter[str], fields: Iterable[tuple[str, str]]) -> None:
    for field, count in fields:
        counts[field] += int(count)


def _first(client: Any, site: str) -> int | None:
    found = client.zrange(keys.hours(site), 0, 0)
    return int(found[0]) if found else None


def _rows(
    client: Any, site: str, gaps: list[Hours], dimension: str | None
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the hours of some spans with their fields, of one dimension or all."""
    for since, until in gaps:
        hours = [int(h) for h in client.zrangebyscore(keys.hours(site), since, f"({until}")]
        names = [keys.hour(site, hour) for hour in hours]
        yield from zip(hours, _hashes(client, names, dimension), strict=True)


def _hashes(
    client: Any, names: list[str], dimension: str | None = None
) -> Iterator[dict[str, str]]:
    """Yield some hashes, or of each the fields of a dimension, chosen by the server."""
    for first in range(0, len(names), _AT_ONCE):
        asked = client.pipeline(transaction=False)
        for name in names[first : first + _AT_ONCE]:
            if dimension is None:
                asked.hgetall(name)
            else:
                asked.hscan(name, 0, match=f"{dimension}{keys.APART}*", count=_WHOLE)
        found = asked.execute()
        yield from found if dimension is None else (fields for _, fields in found)
