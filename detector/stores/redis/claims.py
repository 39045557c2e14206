"""Counts, claims and drawers in Redis: one script each, all keys of a site in one slot.

Claims are one set per hour of their tokens, drawers one hash per minute; both expire.
"""

from __future__ import annotations

from detector.core.counting.store import Reports
from detector.stores.claim_rows import HOURS
from detector.stores.redis import keys
from detector.stores.redis.adding import BEGIN, FIRST_KEY, Argument, places

# KEYS: the hash of each hour and dimension, the set of each hour's claims. ARGV: the lifetime of
# claims, their number, and for each its set, itself and its event; then for each event twice, for
# new reports and for repeats, the number of fields, and each with its hash. KEYS and events are
# referred to by number.
CLAIM = f"""{BEGIN}
local seconds = ARGV[at]
at = at + 1
local counts = {{}}
for i = at + 1, at + 3 * tonumber(ARGV[at]), 3 do
  local set = KEYS[tonumber(ARGV[i])]
  local part = 2 * tonumber(ARGV[i + 2]) - redis.call('SADD', set, ARGV[i + 1])
  if redis.call('TTL', set) < 0 then redis.call('EXPIRE', set, seconds) end
  counts[part] = (counts[part] or 0) + 1
end
at = at + 3 * tonumber(ARGV[at]) + 1
local part = 1
while at <= #ARGV do
  local last = at + 2 * tonumber(ARGV[at])
  if counts[part] then
    for i = at + 1, last, 2 do
      redis.call('HINCRBY', KEYS[tonumber(ARGV[i])], ARGV[i + 1], counts[part])
    end
  end
  at, part = last + 1, part + 1
end
return 1
"""
# KEYS: drawers, full drawers. ARGV: most, seconds, then each drawer with its increment.
TALLY = """
for i = 3, #ARGV, 2 do
  if redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) > tonumber(ARGV[1]) then
    redis.call('SADD', KEYS[2], ARGV[i])
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return redis.call('SMEMBERS', KEYS[2])
"""


SECONDS = 180
"""How long the drawers of a minute live: until two minutes after it."""


class Packed:
    """Reports of one site as keys and arguments of the script."""

    def __init__(self, reports: Reports) -> None:
        events = list({id(event): event for event in reports.values()}.values())
        number_of = {id(event): number for number, event in enumerate(events, 1)}
        rows = [row for event in events for part in event for row in part]
        site = rows[0][1]
        parts = sorted({(row[0], row[2]) for row in rows})
        sets = sorted({int.from_bytes(claim[:4], "big") for claim in reports})
        self.keys = [keys.hour(site, *part) for part in parts]
        self.keys += [keys.key(site, f"claims:{hour}") for hour in sets]
        hash_at = {part: number for number, part in enumerate(parts, FIRST_KEY)}
        set_at = {hour: number for number, hour in enumerate(sets, FIRST_KEY + len(parts))}
        self.arguments: list[Argument] = [*places(rows), HOURS * 3600, len(reports)]
        for claim, event in reports.items():
            set_ = set_at[int.from_bytes(claim[:4], "big")]
            self.arguments += [set_, claim[4:], number_of[id(event)]]
        for event in events:
            for of_event in event:
                self.arguments.append(len(of_event))
                for hour, _, dimension, *words in of_event:
                    self.arguments += [hash_at[hour, dimension], keys.APART.join(words)]
