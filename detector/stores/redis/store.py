"""Counters in Redis, one server or a cluster, shared by many machines (extra `[redis]`).

A site's keys have its name as their hash tag, so that a cluster keeps them in one slot and a flush
is one script. Each hour is a hash; durability is up to Redis's own persistence.
"""

from __future__ import annotations

import contextlib
import json
import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Batch, Reports, Sum, borders, check_rows
from detector.core.errors import StoreError
from detector.stores.present_hour import (
    Dating,
    Present,
    is_compacted,
    present_hour,
    redated,
    redated_reports,
)
from detector.stores.redis import claims as shared
from detector.stores.redis import keys, rollups
from detector.stores.redis.annotations import RedisAnnotations
from detector.stores.redis.connection import LOST

VERSION = 1
_WRITER_SECONDS = 7 * 24 * 3600
_TRIES = 20
_SECONDS = 2.0
"""How long a flusher sums days and months before its next flush."""
_LAST = 2**62

# KEYS: those of `BEGIN`, and the hash of each hour. ARGV: those of `BEGIN`, then for each hour its
# number, the number of fields, and the fields with their counts.
_ADD = f"""{shared.BEGIN}
local at = 5
for k = 5, #KEYS do
  redis.call('ZADD', KEYS[2], ARGV[at], ARGV[at])
  redis.call('HINCRBY', KEYS[4], ARGV[at], 1)
  local last = at + 1 + 2 * tonumber(ARGV[at + 1])
  for i = at + 2, last, 2 do redis.call('HINCRBY', KEYS[k], ARGV[i], ARGV[i + 1]) end
  at = last + 1
end
return 1
"""
# KEYS: hours, the hour's hash, the day's, revisions. ARGV: hour, day.
_JOIN = """
local fields = redis.call('HGETALL', KEYS[2])
local before = redis.call('HLEN', KEYS[3])
for i = 1, #fields, 2 do redis.call('HINCRBY', KEYS[3], fields[i], fields[i + 1]) end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[2])
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
redis.call('HINCRBY', KEYS[4], ARGV[2], redis.call('HGET', KEYS[4], ARGV[1]) or 0)
redis.call('HDEL', KEYS[4], ARGV[1])
return #fields / 2 + before - redis.call('HLEN', KEYS[3])
"""


class RedisStore(RedisAnnotations):
    """Counts under keys `detector:{SITE}:…`; safe to use from threads, and around a fork."""

    def __init__(self, url: str, *, readonly: bool = False, timeout: float = 5.0) -> None:
        """`url` begins with redis+cluster:// for a cluster; `timeout` is in seconds per answer."""
        super().__init__(url, readonly=readonly, timeout=timeout)
        self._dating = Dating()

    def add(self, rows: Mapping[Key, int], batch: Batch | None = None) -> None:
        """Add all counts of a site by one script; see `Store.add`.

        Atomic per site only, so a batch should be of one site.
        """
        check_rows(rows)
        sites: dict[str, dict[Key, int]] = defaultdict(dict)
        for key, count in sorted(rows.items()):
            sites[key[1]][key] = count
        for site, of_site in sites.items():
            self._add(site, of_site, batch)

    def _add(self, site: str, rows: dict[Key, int], batch: Batch | None) -> None:
        def packed(latest: int, known: int) -> tuple[list[str], list[Any]]:
            hours: dict[int, list[str | int]] = defaultdict(list)
            for (hour, _, *rest), count in redated(rows, latest, known).items():
                hours[hour] += [keys.APART.join(rest), count]
            names, arguments = [], []
            for hour, fields in hours.items():
                names.append(keys.hour(site, hour))
                arguments += [hour, len(fields) // 2, *fields]
            return names, arguments

        self._write(site, _ADD, {key[0] for key in rows}, batch, packed)

    def add_reports(self, reports: Reports, batch: Batch | None = None) -> None:
        """Store claims and add counts by one script; see `Store.add_reports`."""
        rows = {key for event in reports.values() for part in event for key in part}
        site = next(iter(rows))[1]

        def packed(latest: int, known: int) -> tuple[list[str], list[Any]]:
            made = shared.Packed(redated_reports(reports, latest, known), keys.key, keys.APART)
            return made.keys, made.arguments

        self._write(site, shared.CLAIM, {key[0] for key in rows}, batch, packed)

    def _write(
        self,
        site: str,
        script: str,
        hours: set[int],
        batch: Batch | None,
        packed: Callable[[int, int], tuple[list[str], list[Any]]],
    ) -> None:
        """Run an adding script, with arguments packed for the latest allowed and the known hour."""
        writer = keys.key(site, f"writer:{batch[0]}" if batch else "writer")
        first = [writer, keys.hours(site), keys.present(site), keys.revisions(site)]
        with self._writing(site) as client:
            for _ in range(_TRIES):
                text = client.get(keys.present(site)) or ""
                known = _known(text)
                held = _newest(client, site) if known is None else None
                dated = self._dating.date(known, hours, held, batch)
                if dated is None:
                    return
                found, latest = dated
                names, arguments = packed(latest if batch else max(hours), found.hour)
                now = json.dumps(found) if found != known else text
                given = [batch[1] if batch else -1, _WRITER_SECONDS, text, now, *arguments]
                if self._eval(client, script, [*first, *names], given) != -1:
                    self._dating.wrote()
                    return
            raise StoreError(f"{self.name} is being changed by others: retried at the next flush")

    def tally(self, site: str, minute: int, drawers: Mapping[int, int], most: int) -> set[int]:
        """Add to the drawers of a minute; see `Store.tally`."""
        names = [keys.key(site, f"drawers:{minute}"), keys.key(site, f"drawers-full:{minute}")]
        given = [most, shared.SECONDS, *(n for item in drawers.items() for n in item)]
        with self._writing(site) as client:
            return {int(drawer) for drawer in self._eval(client, shared.TALLY, names, given)}

    @contextlib.contextmanager
    def _writing(self, site: str) -> Iterator[Any]:
        with self._using() as client:
            if self._readonly:
                raise StoreError(f"option store: {self.name} was opened read-only")
            self._check(client, site, write=True)
            yield client

    def _eval(self, client: Any, script: str, keys: list[str], arguments: list[Any]) -> Any:
        try:
            return client.eval(script, len(keys), *keys, *arguments)
        except LOST as error:
            raise self._failed(error, doubtful=True) from None

    def rows(
        self,
        since_hour: int | None = None,
        site: str | None = None,
        until_hour: int | None = None,
    ) -> Iterator[tuple[Key, int]]:
        """Yield the rows by site, hour and the rest, read an hour at a time; see `Store.rows`."""
        for name in [site] if site else self.sites():
            for hour, fields in self._hashes(name, since_hour, until_hour):
                for field, count in sorted(fields.items()):
                    dimension, value, state, action = field.split(keys.APART)
                    yield (hour, name, dimension, value, state, action), int(count)

    def sums(
        self,
        dimension: str,
        *,
        site: str | None = None,
        since: int | None = None,
        until: int | None = None,
        step: int = 0,
    ) -> list[Sum]:
        """Sum one dimension; see `Store.sums`."""
        found: rollups.Found = Counter()
        hours = (since or 0, _LAST if until is None else until)
        for name in [site] if site else self.sites():
            with self._using() as client:
                self._check(client, name)
                found.update(rollups.add_up(client, name, dimension, hours, step))
        return [Sum(*key, count) for key, count in sorted(found.items())]

    def sites(self) -> list[str]:
        """Return the names of the sites that have counts, in order."""
        with self._using() as client:
            return sorted(client.smembers(keys.SITES))

    def newest_hour(self, site: str) -> int | None:
        """Return the present hour of the site; see `Store.newest_hour`."""
        with self._using() as client:
            self._check(client, site)
            known = _known(client.get(keys.present(site)) or "")
            return known.hour if known else _newest(client, site)

    def compact(self, now_hour: int, *, again: bool = False) -> int:
        """Merge the hours of old days, each hour by one script; see `Store.compact`."""
        went = sum(self._join(site, now_hour, again) for site in self.sites())
        self._sum_up(math.inf)
        return went

    def compact_some(self, now_hour: int) -> bool:
        """Merge the hours of old days, and sum for a few seconds; see `Store.compact_some`."""
        for site in self.sites():
            self._join(site, now_hour, False)
        return self._sum_up(time.monotonic() + _SECONDS)

    def _join(self, site: str, now_hour: int, again: bool) -> int:
        went = 0
        with self._using() as client:
            self._check(client, site)
            known = _known(client.get(keys.present(site)) or "")
            newest = present_hour(now_hour, known, _newest(client, site))
            daily, gone = borders(newest)
            mark = int(client.get(keys.key(site, "compacted")) or 0)
            if not again and is_compacted(mark, newest, known):
                return 0
            rollups.forget(client, site, newest)
            for hour in _old(client, site, gone):
                went += client.hlen(keys.hour(site, hour))
                client.delete(keys.hour(site, hour))
                client.zrem(keys.hours(site), hour)
                client.hdel(keys.revisions(site), hour)
            for hour in _old(client, site, daily):
                day = hour - hour % 24
                if hour != day:
                    names = (keys.hours(site), keys.hour(site, hour), keys.hour(site, day))
                    went += client.eval(_JOIN, 4, *names, keys.revisions(site), hour, day)
            client.set(keys.key(site, "compacted"), daily)
            client.set(_summing(site), newest)
        return went

    def _sum_up(self, deadline: float) -> bool:
        """Sum days and months one by one, as of the last compaction; return whether all are."""
        for site in self.sites():
            with self._using() as client:
                spans = rollups.stale(client, site, int(client.get(_summing(site)) or 0))
            for hours in spans:
                if time.monotonic() > deadline:
                    return False
                with self._using() as client:
                    rollups.sum_up(client, site, hours)
        return True

    def _hashes(
        self, site: str, since: int | None, until: int | None
    ) -> Iterator[tuple[int, dict[str, str]]]:
        with self._using() as client:
            self._check(client, site)
            last = "+inf" if until is None else f"({until}"
            hours = client.zrangebyscore(keys.hours(site), since or 0, last)
        for hour in map(int, hours):
            with self._using() as client:
                found = client.hgetall(keys.hour(site, hour))
            yield hour, found

    def _check(self, client: Any, site: str, *, write: bool = False) -> None:
        """Check the site's schema version, once per connection; StoreError if it is newer."""
        if site in self._checked:
            return
        key = keys.key(site, "schema")
        if write:
            client.sadd(keys.SITES, site)
            client.set(key, VERSION, nx=True)
        found = int(client.get(key) or 0)
        if found > VERSION:
            raise StoreError(
                f"{self.name} has schema version {found} for site {site!r}, this adblock-detector "
                f"knows {VERSION} at most: install the newer release that wrote it, or name "
                "another server or database (option store; on the command line --db)"
            )
        if write:
            self._checked.add(site)


def _summing(site: str) -> str:
    return keys.key(site, "summing")


def _old(client: Any, site: str, before: int) -> list[int]:
    return [int(hour) for hour in client.zrangebyscore(keys.hours(site), 0, f"({before}")]


def _known(text: str) -> Present | None:
    return Present(*json.loads(text)) if text else None


def _newest(client: Any, site: str) -> int | None:
    found = client.zrevrange(keys.hours(site), 0, 0)
    return int(found[0]) if found else None
