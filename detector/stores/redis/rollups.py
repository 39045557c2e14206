"""Sums of whole days and months in Redis, one text for each dimension, as copies of the counts.

Each write also counts up the changes of its days. A span keeps the sum of its days' changes as
they were before it was summed; once they differ, it is not read until it is summed again. Joining
the hours of a day changes no sum, and counts as no change. One script replaces a span with its
sums: several processes may sum, or one may delete what another one sums, and each may be killed.
"""

from __future__ import annotations

import json
from typing import Any

from detector.stores.redis import keys
from detector.stores.redis.reading import Fields, Moved, Reader, add_to, packed
from detector.stores.redis.state import load
from detector.stores.rollup_ranges import Hours, wanted

# KEYS: the spans that are summed, turn, the sums that go, those that come. ARGV: a span, its text
# before, its new text ("" for none), the number of sums that go, the sums that come.
_KEEP = """
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
local gone = tonumber(ARGV[4])
for k = 3, 2 + gone do redis.call('UNLINK', KEYS[k]) end
for k = 3 + gone, #KEYS do redis.call('SET', KEYS[k], ARGV[k - gone + 2]) end
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
        if hours not in keep:
            _keep(client, site, hours, span.text, state.names(hours), "", {})


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
    made = {keys.sums(site, *hours, change, name): packed(of) for name, of in found.items()}
    _keep(client, site, hours, before.text if before else "", old, text, made)


def _keep(
    client: Any,
    site: str,
    hours: Hours,
    before: str,
    old: dict[str, str],
    text: str,
    made: dict[str, str],
) -> None:
    """Replace a span's sums; if another process was faster, its sums stay."""
    names = [keys.spans(site), keys.turn(site), *old.values(), *made]
    given = [f"{hours[0]}-{hours[1]}", before, text, len(old), *made.values()]
    client.eval(_KEEP, len(names), *names, *given)


def _first(client: Any, site: str) -> int | None:
    asked = client.pipeline(transaction=False)
    for name in (keys.hours(site), keys.days(site)):
        asked.zrange(name, 0, 0)
    return min((int(hour) for found in asked.execute() for hour in found), default=None)
