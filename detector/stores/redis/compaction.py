"""Compacts the counts of a site in Redis in short steps, each a script or two.

A process that is killed in the midst leaves whole steps; what is left is found by its hour. First
expired hours are deleted, then what schema version 1 left is moved to keys of the present form,
the hours of old days are joined, and the days packed; at last days and months are summed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from detector.core.counting.store import borders
from detector.stores.present_hour import is_compacted, present_hour
from detector.stores.redis import keys, rollups
from detector.stores.redis.first_form import expire_first, move
from detector.stores.redis.present import known, newest

# The first lines of every script here. KEYS: hours, days, dimensions, turn, then two for each
# dimension. ARGV: number of dimensions. A new dimension in the midst: -1, to be tried again.
_BEGIN = """
if redis.call('SCARD', KEYS[3]) ~= tonumber(ARGV[1]) then return -1 end
redis.call('INCR', KEYS[4])
local went = 0
"""
# Of each dimension the hour's hash and the day's. ARGV: hour, day.
_JOIN = f"""{_BEGIN}
for k = 5, #KEYS, 2 do
  local fields = redis.call('HGETALL', KEYS[k])
  if #fields > 0 then
    local before = redis.call('HLEN', KEYS[k + 1])
    for i = 1, #fields, 2 do redis.call('HINCRBY', KEYS[k + 1], fields[i], fields[i + 1]) end
    redis.call('DEL', KEYS[k])
    went = went + #fields / 2 + before - redis.call('HLEN', KEYS[k + 1])
  end
end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[3])
redis.call('ZREM', KEYS[1], ARGV[2])
return went
"""
# Of each dimension the day's hash and its text, which may be there already. ARGV: day.
_PACK = f"""{_BEGIN}
for k = 5, #KEYS, 2 do
  local before = redis.call('HLEN', KEYS[k])
  if before > 0 then
    local text = (redis.call('GET', KEYS[k + 1]) or '') .. '\\30'
    for field, count in string.gmatch(text, '([^\\30]*)\\30([^\\30]*)\\30') do
      redis.call('HINCRBY', KEYS[k], field, count)
      before = before + 1
    end
    local fields = redis.call('HGETALL', KEYS[k])
    redis.call('SET', KEYS[k + 1], table.concat(fields, '\\30'))
    redis.call('DEL', KEYS[k])
    went = went + before - #fields / 2
  end
end
redis.call('ZREM', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[2])
return went
"""
# Of each dimension the hash and the text. ARGV: hour.
_EXPIRE = f"""{_BEGIN}
for k = 5, #KEYS, 2 do
  local _, marks = string.gsub(redis.call('GET', KEYS[k + 1]) or '', '\\30', '')
  went = went + redis.call('HLEN', KEYS[k]) + math.ceil(marks / 2)
  redis.call('UNLINK', KEYS[k], KEYS[k + 1])
end
redis.call('ZREM', KEYS[1], ARGV[2])
redis.call('ZREM', KEYS[2], ARGV[2])
return went
"""


def compaction(client: Any, site: str, now_hour: int, *, again: bool) -> Iterator[int]:
    """Yield after each step how many rows went.

    Nothing is left to do once the iterator ends, nor if it is done for the day and not `again`.
    """
    present = known(client, site)
    now_hour = present_hour(now_hour, present, newest(client, site))
    mark = int(client.get(keys.compacted(site)) or 0)
    if not again and is_compacted(mark, now_hour, present):
        return
    daily, gone = borders(now_hour)
    # A flusher begins anew each time: only what makes progress is a step.
    rollups.forget(client, site, now_hour)
    yield from expire_first(client, site, gone)
    yield from _expire(client, site, gone)
    yield from move(client, site, daily)
    yield from _join(client, site, daily)
    yield from _pack(client, site, daily)
    for hours in rollups.stale(client, site, now_hour):
        rollups.sum_up(client, site, hours)
        yield 0
    client.set(keys.compacted(site), daily)
    yield 0


def _expire(client: Any, site: str, gone: int) -> Iterator[int]:
    for hour in {*_before(client, keys.hours(site), gone), *_before(client, keys.days(site), gone)}:

        def both(name: str, hour: int = hour) -> tuple[str, str]:
            return keys.hour(site, hour, name), keys.day(site, hour, name)

        yield _run(client, site, _EXPIRE, both, hour)
    for day in client.hkeys(keys.changes(site)):
        if int(day) < gone - gone % 24:
            client.hdel(keys.changes(site), day)


def _join(client: Any, site: str, daily: int) -> Iterator[int]:
    for hour in _before(client, keys.hours(site), daily):
        day = hour - hour % 24

        def both(name: str, hour: int = hour, day: int = day) -> tuple[str, str]:
            return keys.hour(site, hour, name), keys.hour(site, day, name)

        if hour != day:
            yield _run(client, site, _JOIN, both, hour, day)


def _pack(client: Any, site: str, daily: int) -> Iterator[int]:
    for day in _before(client, keys.hours(site), daily):

        def both(name: str, day: int = day) -> tuple[str, str]:
            return keys.hour(site, day, name), keys.day(site, day, name)

        if day % 24 == 0:
            yield _run(client, site, _PACK, both, day)


def _run(
    client: Any, site: str, script: str, both: Callable[[str], tuple[str, str]], *given: int
) -> int:
    """Run a script with two keys of each dimension; return how many rows went."""
    first = (keys.hours(site), keys.days(site), keys.dimensions(site), keys.turn(site))
    went = -1
    while went < 0:
        every = client.smembers(keys.dimensions(site))
        names = [*first, *(name for dimension in every for name in both(dimension))]
        went = int(client.eval(script, len(names), *names, len(every), *given))
    return went


def _before(client: Any, name: str, before: int) -> list[int]:
    return [int(hour) for hour in client.zrangebyscore(name, 0, f"({before}")]
