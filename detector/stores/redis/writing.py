"""Writes counts, reports and drawers to Redis: each flush of a site is one script."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import redis

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Batch, Reports, check_rows
from detector.core.errors import StoreError
from detector.stores.present_hour import Dating, redated, redated_reports
from detector.stores.redis import adding, keys
from detector.stores.redis import claims as shared
from detector.stores.redis.present import newest, parsed, tell, texts
from detector.stores.redis.sites import RedisSites
from detector.stores.redis.values import take
from detector.stores.value_caps import Unlimited, ValueCaps

_WRITER_SECONDS = 7 * 24 * 3600
_TRIES = 20
_REFUSED = (redis.ResponseError, redis.DataError, UnicodeError)
"""The server did not run the script, or was not even sent it."""

Packed = tuple[list[str], list[adding.Argument]]


class RedisWriter(RedisSites):
    """The part of a server that takes counts."""

    def __init__(self, url: str, *, readonly: bool = False, timeout: float = 5.0) -> None:
        """`url` begins with redis+cluster:// for a cluster; `timeout` is in seconds per answer."""
        super().__init__(url, readonly=readonly, timeout=timeout)
        self._dating = Dating()
        self._whole = Dating()
        self._caps: ValueCaps | None = None

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
        def packed(latest: int, known: int, caps: ValueCaps) -> Packed:
            return adding.packed(site, caps.capped(redated(rows, latest, known)))

        self._write(site, adding.ADD, rows, batch, packed)

    def add_reports(self, reports: Reports, batch: Batch | None = None) -> None:
        """Store claims and add counts by one script; see `Store.add_reports`."""
        rows = {key: 1 for event in reports.values() for part in event for key in part}
        site = next(iter(rows))[1]

        def packed(latest: int, known: int, caps: ValueCaps) -> Packed:
            dated = redated_reports(reports, latest, known)
            made = shared.Packed(caps.capped_reports(dated))
            return made.keys, made.arguments

        self._write(site, shared.CLAIM, rows, batch, packed)

    def _write(
        self,
        site: str,
        script: str,
        rows: Mapping[Key, int],
        batch: Batch | None,
        packed: Callable[[int, int, ValueCaps], Packed],
    ) -> None:
        """Run an adding script, with arguments packed for the latest allowed and the known hour."""
        first = adding.first_keys(site, batch[0] if batch else "")
        hours = {key[0] for key in rows}
        with self._writing(site) as client:
            for _ in range(_TRIES):
                text, whole = texts(client, site)
                known = parsed(text)
                held = newest(client, site) if known is None else None
                dated = self._dating.date(known, hours, held, batch)
                if dated is None:
                    return
                found, latest = dated
                latest = latest if batch else max(hours)
                # Until it is written, values that it took are nobody's.
                caps, self._caps = self._caps or ValueCaps(), None
                limited = caps if batch else Unlimited()
                grown = take(client, limited, redated(rows, latest, found.hour))
                names, arguments = packed(latest, found.hour, limited)
                now = json.dumps(found) if found != known else text
                given = [batch[1] if batch else -1, _WRITER_SECONDS, text, now]
                names = [*first, *names, *grown.keys]
                done = self._eval(client, script, names, [*given, *grown.arguments, *arguments])
                if done == 1:
                    self._caps = caps
                if done != -1:
                    self._dating.wrote()
                    # From here on an error says that the counts may be stored.
                    with self._doubtful():
                        tell(client, self._whole, whole, site, hours, batch)
                    return
            raise StoreError(f"{self.name} is being changed by others: retried at the next flush")

    @contextlib.contextmanager
    def _doubtful(self, *certain: type[Exception]) -> Iterator[None]:
        """Make errors say that the counts may be stored, but for those that are certain."""
        try:
            yield
        except certain:
            raise
        except Exception as error:
            raise self._failed(error, doubtful=True) from None
        except BaseException as error:
            # The flusher looks at that of any error, even one that ends the process.
            error.doubtful = True  # type: ignore[attr-defined]
            raise

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

    def _eval(self, client: Any, script: str, names: list[str], arguments: list[Any]) -> Any:
        with self._doubtful(*_REFUSED):
            return client.eval(script, len(names), *names, *arguments)
