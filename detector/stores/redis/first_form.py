"""What schema version 1 left in Redis: deleted once expired, else moved to keys of today's form.

There each hour was one hash, with the dimension as the first word of its fields. Processes of that
release may still write to it while those of this one run: so all of it is read, and moved by each
compaction.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from detector.stores.redis import keys

_AT_ONCE = 1_000

# KEYS: the old hours, the old hash, hours, changes, dimensions, turn, the new hash. ARGV: old
# hour, new hour, its day, dimension, then for each field its old name, its new one and its count.
# What has changed since it was read, or was moved by another process, stays.
_MOVE = """
local some = false
for i = 5, #ARGV, 3 do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[i + 2] then
    redis.call('HINCRBY', KEYS[7], ARGV[i + 1], ARGV[i + 2])
    redis.call('HDEL', KEYS[2], ARGV[i])
    some = true
  end
end
if some then
  redis.call('ZADD', KEYS[3], ARGV[2], ARGV[2])
  redis.call('HINCRBY', KEYS[4], ARGV[3], 1)
  redis.call('SADD', KEYS[5], ARGV[4])
  redis.call('INCR', KEYS[6])
end
if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('ZREM', KEYS[1], ARGV[1]) end
return 0
"""


def expire_first(client: Any, site: str, gone: int) -> Iterator[int]:
    """Delete expired hours and the sums; yield after each step how many rows went."""
    for hour in client.zrangebyscore(keys.first_hours(site), 0, f"({gone}"):
        name = keys.first_hour(site, int(hour))
        went = int(client.hlen(name))
        client.unlink(name)
        client.zrem(keys.first_hours(site), hour)
        client.incr(keys.turn(site))
        yield went


def move(client: Any, site: str, daily: int) -> Iterator[int]:
    """Move all hours, those before `daily` to the first one of their day; yield after each step."""
    for hour in map(int, client.zrange(keys.first_hours(site), 0, -1)):
        old = keys.first_hour(site, hour)
        at = hour if hour >= daily else hour - hour % 24
        # Even of an hour without any, which then leaves the list.
        by: defaultdict[str, list[str]] = defaultdict(list, {"all": []})
        for field, count in client.hgetall(old).items():
            dimension, _, rest = field.partition(keys.APART)
            by[dimension] += [field, rest, count]
        first = [keys.first_hours(site), old, keys.hours(site), keys.changes(site)]
        first += [keys.dimensions(site), keys.turn(site)]
        for dimension, parts in by.items():
            names = [*first, keys.hour(site, at, dimension)]
            for start in range(0, max(1, len(parts)), 3 * _AT_ONCE):
                some = parts[start : start + 3 * _AT_ONCE]
                given = (hour, at, at - at % 24, dimension, *some)
                client.eval(_MOVE, len(names), *names, *given)
                yield 0
    if not client.exists(keys.first_hours(site)) and client.exists(*keys.first_marks(site)):
        for span, text in client.hgetall(keys.first_summed(site)).items():
            revision, dimensions = json.loads(text)
            for dimension in dimensions:
                client.unlink(keys.first_sums(site, span, revision, dimension))
        client.unlink(*keys.first_marks(site))
        yield 0
