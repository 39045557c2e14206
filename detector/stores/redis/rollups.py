"""Sums of whole days and months in Redis, one text for each dimension, as copies of the counts.

Each write also counts up the changes of its days. A span keeps the sum of its days' changes as
they were before it was summed; once they differ, it is not read until it is summed again. Joining
the hours of a day changes no sum, and counts as no change.
"""

from __future__ import annotations

import json
from typing import Any

from detector.stores.redis import keys
from detector.stores.redis.reading import Fields, Moved, Reader, add_to, packed
from detector.stores.redis.state import load
from detector.stores.rollup_ranges import Hours, wanted

# KEYS: the spans that are summed, turn. ARGV: a span, its text before, its new text ("" for none).
_KEEP = """
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1])
else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
redis.call('INCR', KEYS[2])
return 1
"""


def stale(client: Any, site: str, now_hour: int) -> list[Hours]:
    """Return the spans to be summed, in the best order."""
    ready = {(span.start, span.until) for span in load(client, [site])[site].ready}
    return [hours for hours in wanted(now_hour, _first(client, site)) if hours not in ready]


def forget(client: Any, site: str, now_hour: int) -> None:
    """Delete the spans that are no longer needed."""
    keep = set(wanted(now_hour, _first(client, site)))
    state = load(client, [site])[site]
    for hours, span in state.spans.items():
        if hours not in keep and _keep(client, site, hours, span.text, ""):
            for name in state.names(hours).values():
                client.unlink(name)


def sum_up(client: Any, site: str, hours: Hours) -> None:
    """Sum one span from the spans within it and the rows that they leave."""
    reader = Reader(client, first=False)
    state = reader.know([site])[site]
    before, change = state.spans.get(hours), state.change(hours)
    old = state.names(hours) if before else {}
    found: dict[str, Fields] = {}
    for name in sorted(client.smembers(keys.dimensions(site))):
        counts: Fields = {}
        try:
            for _, fields in reader.fields(name, [site], hours):
                add_to(counts, fields)
        except Moved:  # the next compaction does it
            return
        if counts:
            found[name] = counts
    text = json.dumps([change, sorted(found)])
    made = {name: keys.sums(site, *hours, change, name) for name in found}
    for name, counts in found.items():
        client.set(made[name], packed(counts))
    # If another process was faster, its sums stay.
    gone = old if _keep(client, site, hours, before.text if before else "", text) else made
    kept = load(client, [site])[site]
    for name in set(gone.values()) - set(kept.names(hours).values() if hours in kept.spans else ()):
        client.unlink(name)


def _keep(client: Any, site: str, hours: Hours, before: str, text: str) -> bool:
    names = (keys.spans(site), keys.turn(site))
    return bool(client.eval(_KEEP, 2, *names, f"{hours[0]}-{hours[1]}", before, text))


def _first(client: Any, site: str) -> int | None:
    asked = client.pipeline(transaction=False)
    for name in (keys.hours(site), keys.days(site)):
        asked.zrange(name, 0, 0)
    return min((int(hour) for found in asked.execute() for hour in found), default=None)
