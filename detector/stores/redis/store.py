"""Counters in Redis, one server or a cluster, shared by many machines (extra `[redis]`).

A site's keys have its name as their hash tag, so that a cluster keeps them in one slot and a flush
is one script. Each hour has a hash for each dimension; durability is up to Redis's own persistence.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator
from typing import Any

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Sum
from detector.core.errors import StoreError
from detector.stores.redis import keys
from detector.stores.redis.annotations import RedisAnnotations
from detector.stores.redis.compaction import compaction
from detector.stores.redis.present import known, newest
from detector.stores.redis.reading import Moved, Reader
from detector.stores.redis.rows import rows_of
from detector.stores.redis.writing import RedisWriter

_SECONDS = 2.0
"""How long a flusher compacts before its next flush."""
_LOCK_SECONDS = 30
_LAST = 2**62

# KEYS: the lock. ARGV: its holder. Others may have taken it over from a process that was frozen.
_UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class RedisStore(RedisWriter, RedisAnnotations):
    """Counts under keys `detector:{SITE}:…`; safe to use from threads, and around a fork."""

    def rows(
        self,
        since_hour: int | None = None,
        site: str | None = None,
        until_hour: int | None = None,
    ) -> Iterator[tuple[Key, int]]:
        """Yield the rows by site, hour and the rest, read an hour at a time; see `Store.rows`."""
        for name in [site] if site else self.sites():
            with self._using() as client:
                self._check(client, name)
            yield from rows_of(self._using, name, since_hour or 0, until_hour)

    def sums(self, dimension: str, **asked: Any) -> list[Sum]:
        """Sum one dimension; see `Store.sums`."""
        return self.page().sums(dimension, **asked)

    def page(self) -> _Page:
        """Return a reader for one page: what the sites have is asked for once, not each time."""
        return _Page(self)

    def newest_hour(self, site: str) -> int | None:
        """Return the present hour of all sites; see `Store.newest_hour`."""
        with self._using() as client:
            self._check(client, site)
            present = known(client, site)
            return present.hour if present else newest(client, site)

    def compact(self, now_hour: int, *, again: bool = False) -> int:
        """Merge the hours of old days in short steps; see `Store.compact`."""
        went = 0
        for site in self.sites():
            with self._using() as client:
                self._check(client, site)
                steps = compaction(client, site, now_hour, again=again)
            while (step := self._step(steps)) is not None:
                went += step
        return went

    def compact_some(self, now_hour: int) -> bool:
        """Compact for a few seconds; see `Store.compact_some`."""
        deadline = time.monotonic() + _SECONDS
        name = secrets.token_hex(8)
        with self._using() as client:
            if not client.set(keys.COMPACTING, name, nx=True, ex=_LOCK_SECONDS):
                return False
        try:
            return self._compact_until(deadline, now_hour)
        finally:
            with contextlib.suppress(StoreError), self._using() as client:
                client.eval(_UNLOCK, 1, keys.COMPACTING, name)

    def _compact_until(self, deadline: float, now_hour: int) -> bool:
        for site in self.sites():
            with self._using() as client:
                self._check(client, site)
                steps = compaction(client, site, now_hour, again=False)
            while self._step(steps) is not None:
                if time.monotonic() > deadline:
                    return False
        return True

    def _step(self, steps: Iterator[int]) -> int | None:
        with self._using():
            return next(steps, None)


class _Page:
    """Sums of one page."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store
        self._readers: dict[int, Reader] = {}
        self._sites: list[str] | None = None

    def sums(
        self,
        dimension: str,
        *,
        site: str | None = None,
        since: int | None = None,
        until: int | None = None,
        step: int = 0,
        value: str | None = None,
    ) -> list[Sum]:
        """Sum one dimension; see `Store.sums`."""
        hours = (since or 0, _LAST if until is None else until)
        with self._store._using() as client:
            if site is None and self._sites is None:
                self._sites = self._store.sites()
            names = [site] if site else self._sites or []
            for name in names:
                self._store._check(client, name)
            reader = self._readers.setdefault(id(client), Reader(client))
            try:
                found = reader.sums(dimension, names, hours, step, value)
            except Moved:
                raise StoreError(
                    f"{self._store.name} is being compacted by another process: try again"
                ) from None
        return [Sum(*key, count) for key, count in sorted(found.items())]
