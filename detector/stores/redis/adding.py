"""The script that adds counts in Redis, its keys and its arguments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from detector.core.counting.dimensions import Key
from detector.stores.redis import keys

Argument = str | int | bytes

# The first lines of every script that adds. KEYS: writer, the present hour, hours, changes,
# dimensions, at the end the sets of values that grow. ARGV: batch, seconds, the known present and
# the new one, the lifetime of sets and their number, and for each its size and the values to add,
# after their number; then those of `places`. Returns -1 if another writer has changed the present
# hour or a set.
BEGIN = """
local batch = tonumber(ARGV[1])
if batch >= 0 and batch <= tonumber(redis.call('GET', KEYS[1]) or '-1') then return 0 end
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[3] then return -1 end
local sets, at = tonumber(ARGV[6]), 7
local function each(work)
  local last = at + tonumber(ARGV[at])
  for i = at + 1, last do work(ARGV[i]) end
  at = last + 1
end
for k = #KEYS - sets + 1, #KEYS do
  if redis.call('SCARD', KEYS[k]) ~= tonumber(ARGV[at]) then return -1 end
  at = at + 1
  each(function() end)
end
at = 7
for k = #KEYS - sets + 1, #KEYS do
  at = at + 1
  each(function(value) redis.call('SADD', KEYS[k], value) end)
  redis.call('EXPIRE', KEYS[k], ARGV[5])
end
if ARGV[4] ~= ARGV[3] then redis.call('SET', KEYS[2], ARGV[4]) end
if batch >= 0 then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end
each(function(hour) redis.call('ZADD', KEYS[3], hour, hour) end)
each(function(day) redis.call('HINCRBY', KEYS[4], day, 1) end)
each(function(name) redis.call('SADD', KEYS[5], name) end)
"""
FIRST_KEY = 6
"""The number of the first key after those."""
# KEYS: the hash of each hour and dimension. ARGV: for each the number of fields, and the fields
# with their counts.
ADD = f"""{BEGIN}
for k = {FIRST_KEY}, #KEYS - sets do
  local last = at + 2 * tonumber(ARGV[at])
  for i = at + 1, last, 2 do redis.call('HINCRBY', KEYS[k], ARGV[i], ARGV[i + 1]) end
  at = last + 1
end
return 1
"""


def first_keys(site: str, writer: str) -> list[str]:
    """Return the keys of `BEGIN`; `writer` is "" for rows without a batch."""
    name = keys.key(site, f"writer:{writer}" if writer else "writer")
    more = (keys.present, keys.hours, keys.changes, keys.dimensions)
    return [name, *(of(site) for of in more)]


def places(rows: Iterable[Key]) -> list[Argument]:
    """Return the hours of rows, their days and their dimensions, each with its number before it."""
    found = list(rows)
    hours = sorted({row[0] for row in found})
    days = sorted({hour - hour % 24 for hour in hours})
    names = sorted({row[2] for row in found})
    return [len(hours), *hours, len(days), *days, len(names), *names]


def packed(site: str, rows: Mapping[Key, int]) -> tuple[list[str], list[Argument]]:
    """Return the keys and arguments by which `ADD` adds rows of a site."""
    by: defaultdict[tuple[int, str], list[Argument]] = defaultdict(list)
    for (hour, _, dimension, *words), count in rows.items():
        by[hour, dimension] += [keys.APART.join(words), count]
    arguments = places(rows)
    for fields in by.values():
        arguments += [len(fields) // 2, *fields]
    return [keys.hour(site, *place) for place in by], arguments
