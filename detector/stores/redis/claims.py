"""Counts, claims and drawers in Redis: one script each, all keys of a site in one slot.

Claims are one set per hour of their tokens, drawers one hash per minute; both expire.
"""

from __future__ import annotations

from collections.abc import Callable

from detector.core.counting.store import Reports
from detector.stores.claim_rows import HOURS

Argument = str | int | bytes

# The first lines of every script that adds. KEYS: writer, hours, the present hour, revisions. ARGV:
# batch, seconds, the known present and the new one. Returns -1 if another writer has changed it.
BEGIN = """
local batch = tonumber(ARGV[1])
if batch >= 0 and batch <= tonumber(redis.call('GET', KEYS[1]) or '-1') then return 0 end
if (redis.call('GET', KEYS[3]) or '') ~= ARGV[3] then return -1 end
if ARGV[4] ~= ARGV[3] then redis.call('SET', KEYS[3], ARGV[4]) end
if batch >= 0 then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end
"""
# KEYS: those above, the hash of each hour, the set of each hour's claims. ARGV: those above, the
# lifetime of claims, number of hours, the hours; number of claims, and for each its set, itself and
# its event; then for each event twice, for new reports and for repeats, the number of fields, and
# each with its hour's hash. KEYS and events are referred to by number.
CLAIM = f"""{BEGIN}
local at = 7 + tonumber(ARGV[6])
for i = 7, at - 1 do
  redis.call('ZADD', KEYS[2], ARGV[i], ARGV[i])
  redis.call('HINCRBY', KEYS[4], ARGV[i], 1)
end
local counts = {{}}
for i = at + 1, at + 3 * tonumber(ARGV[at]), 3 do
  local set = KEYS[tonumber(ARGV[i])]
  local part = 2 * tonumber(ARGV[i + 2]) - redis.call('SADD', set, ARGV[i + 1])
  if redis.call('TTL', set) < 0 then redis.call('EXPIRE', set, ARGV[5]) end
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

    def __init__(self, reports: Reports, key: Callable[[str, str], str], apart: str) -> None:
        """`key` returns the name of a site's key, `apart` separates a field's words."""
        events = list({id(event): event for event in reports.values()}.values())
        number_of = {id(event): number for number, event in enumerate(events, 1)}
        rows = [row for event in events for part in event for row in part]
        self.site = rows[0][1]
        hours = sorted({row[0] for row in rows})
        sets = sorted({int.from_bytes(claim[:4], "big") for claim in reports})
        self.keys = [key(self.site, f"hour:{hour}") for hour in hours]
        self.keys += [key(self.site, f"claims:{hour}") for hour in sets]
        hour_at = {hour: number for number, hour in enumerate(hours, 5)}
        set_at = {hour: number for number, hour in enumerate(sets, 5 + len(hours))}
        self.arguments: list[Argument] = [HOURS * 3600, len(hours), *hours, len(reports)]
        for claim, event in reports.items():
            set_ = set_at[int.from_bytes(claim[:4], "big")]
            self.arguments += [set_, claim[4:], number_of[id(event)]]
        for event in events:
            for part in event:
                self.arguments.append(len(part))
                for hour, _, *words in part:
                    self.arguments += [hour_at[hour], apart.join(words)]
