"""The counters of one process: a bounded table in memory, without identifiers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from detector.core.counting.dimensions import (
    ALL,
    BAIT,
    GROUP_LENGTH,
    JOIN,
    OPEN,
    Key,
    Watcher,
    bait_rows,
    check,
    pair_of,
    rows_per_hour,
)
from detector.core.fork import ForkAware, watch
from detector.core.vocabulary import OTHER

_Row = tuple[str, str, str, str]  # dimension, value, state, action
_Made = tuple[list[tuple[str, _Row]], dict[str, str]]
_MADE = 2000
LATE_HOURS = 22
"""How late a report counts in the hour of its view.

A write must not be a day behind the others (stores/present_hour.py), and may have to wait for two.
"""


def events(rows: Mapping[Key, int]) -> int:
    """Return how many events the rows represent; each event has one row for "all"."""
    return sum(count for key, count in rows.items() if key[2] == ALL)


class Counters(ForkAware):
    """Counts events of one site; exact under threads, at most `cap` rows (one more when full).

    Each event adds 1 to the row "all", 1 to the row of every dimension passed, and 1 to the row of
    each of `pairs` whose two dimensions are passed. `cap` defaults to at least what one hour can
    need. `watchers` are called for each event too. A forked child starts empty: its parent writes
    what was counted before the fork.
    """

    def __init__(
        self,
        site: str,
        cap: int | None = None,
        clock: Callable[[], float] = time.time,
        pairs: Iterable[Iterable[str]] = (),
        watchers: Iterable[Watcher] = (),
    ) -> None:
        if not site or len(site) > GROUP_LENGTH or not site.isprintable():
            raise ValueError(
                f"option site: {site!r} must be 1 to {GROUP_LENGTH} printable characters"
            )
        if cap is not None and cap < 1:
            raise ValueError(f"option cap: {cap!r} must be 1 or more rows")
        self.site = site
        self.pairs = tuple(pair_of(pair) for pair in pairs)
        self._pairs = [(pair, *pair.split(JOIN)) for pair in self.pairs]
        self._cap = cap or max(50_000, rows_per_hour(self.pairs))
        self.settle: Callable[[], object] = int
        """Called before the table is read: counts the events in the batch queues."""
        self._clock = clock
        self._watchers = tuple(watchers)
        # The same few events recur, so their rows are built once.
        self._made: dict[tuple[Any, ...], _Made] = {}
        self._open: dict[str, set[str]] = {name: set() for name in OPEN}
        self._hours: dict[int, dict[tuple[str, _Row], int]] = {}
        self._size = 0
        # Re-entrant, because a signal handler may count or flush in the thread that is counting.
        self._lock = threading.RLock()
        watch(self)

    def after_fork_in_child(self) -> None:
        """Start empty, with a lock that no thread of the parent holds."""
        self._lock = threading.RLock()
        self._hours, self._size = {}, 0

    def count(self, action: str, state: str = "", **dims: str) -> None:
        """Add one event at the present time; ValueError for a word that is in no allow-list."""
        self.count_in(self.hour(), action, state, dims)

    def count_in(self, hour: int, action: str, state: str, dims: dict[str, str]) -> None:
        """Add one event in an hour, such as `hour_of` returns; ValueError as `count`.

        `group`, `variant` and `locale` are free text: a value that is too long, unprintable or
        beyond the first 500, 16 and 64 of this process counts as "other".
        """
        with self._lock:
            rows, dims = self._rows(action, state, dims)
            # Fast path, once per page: skip the capacity check unless the table may overflow.
            if self._size + len(rows) > self._cap and not self._fits(rows, hour):
                self._add_dropped(1)
                return
            bucket = self._hours.setdefault(hour, {})
            for row in rows:
                if row in bucket:
                    bucket[row] += 1
                else:
                    bucket[row] = 1
                    self._size += 1
        if self._watchers:
            self.tell(action, state, dims)

    def tell(self, action: str, state: str, dims: Mapping[str, str]) -> None:
        """Call the watchers with one event."""
        for watcher in self._watchers:
            watcher(self.site, action, state, dims)

    def keys(self, hour: int, action: str, state: str = "", **dims: str) -> tuple[Key, ...]:
        """Return the rows of an event without counting it; ValueError as `count`."""
        with self._lock:
            rows, _ = self._rows(action, state, dims)
        return tuple((hour, site, *row) for site, row in rows)

    def _rows(self, action: str, state: str, dims: dict[str, str]) -> _Made:
        """Return the rows of an event and its dimensions as counted."""
        event = (action, state, *dims.items())
        made = self._made.get(event)
        if made is None:
            made = self._make(action, state, dims)
            if len(self._made) < _MADE:
                self._made[event] = made
        return made

    def _make(self, action: str, state: str, dims: dict[str, str]) -> _Made:
        check(action, state, dims)
        dims = {n: self._known(n, value) if n in OPEN else value for n, value in dims.items()}
        rows = [(self.site, (ALL, "", state, action))]
        rows += [(self.site, (n, value, state, action)) for n, value in dims.items() if n != BAIT]
        rows += [(self.site, (BAIT, bait, "", what)) for bait, what in bait_rows(dims)]
        for pair, one, two in self._pairs:
            if one in dims and two in dims:
                value = f"{dims[one]}{JOIN}{dims[two]}"
                rows.append((self.site, (pair, value, state, action)))
        return rows, dims

    def hour(self) -> int:
        """Return the present hour by this table's clock."""
        return int(self._clock() // 3600)

    def hour_of(self, began: int) -> int:
        """Return the hour that a report counts in, given when its view began in Unix seconds.

        So what follows a notice is counted with it. Never later than now, and at most `LATE_HOURS`
        earlier, whatever other processes signed and however long a visitor waits.
        """
        now = self.hour()
        return min(now, max(began // 3600, now - LATE_HOURS))

    def snapshot(self) -> dict[Key, int]:
        """Return a copy of all rows, for reading."""
        self.settle()
        with self._lock:
            return self._all()

    def drain(self) -> dict[Key, int]:
        """Remove and return all rows; pass them to `restore` if they cannot be written."""
        self.settle()
        with self._lock:
            rows = self._all()
            self._hours, self._size = {}, 0
            return rows

    def _all(self) -> dict[Key, int]:
        return {
            (hour, site, *row): count
            for hour, bucket in self._hours.items()
            for (site, row), count in bucket.items()
        }

    def restore(self, rows: Mapping[Key, int]) -> None:
        """Add back rows from `drain`; beyond the cap the oldest hours are dropped and counted."""
        with self._lock:
            for (hour, site, *rest), count in rows.items():
                dimension, value, state, action = rest
                bucket = self._hours.setdefault(hour, {})
                row = (site, (dimension, value, state, action))
                self._size += row not in bucket
                bucket[row] = bucket.get(row, 0) + count
            lost = 0
            while self._size > self._cap:
                lost += self._drop_hour(min(self._hours))
            if lost:
                self._add_dropped(lost)

    def _known(self, dimension: str, value: str) -> str:
        known = self._open[dimension]
        if value in known:
            return value
        fits = 0 < len(value) <= GROUP_LENGTH and value.isprintable()
        if dimension != "group":
            fits = fits and JOIN not in value
        if not fits or len(known) >= OPEN[dimension]:
            return OTHER
        if value != OTHER:
            known.add(value)
        return value

    def _fits(self, rows: list[tuple[str, _Row]], hour: int) -> bool:
        """Whether an event's rows fit, dropping whole older hours if necessary."""
        bucket = self._hours.get(hour, {})
        room = sum(row not in bucket for row in rows)
        return not room or self._make_room(room, hour)

    def _make_room(self, rows: int, hour: int) -> bool:
        """Drop whole hours older than `hour` until `rows` rows fit; return whether they do."""
        lost = 0
        while self._size + rows > self._cap and min(self._hours, default=hour) < hour:
            lost += self._drop_hour(min(self._hours))
        fits = self._size + rows <= self._cap
        if lost:
            self._add_dropped(lost)
        return fits

    def _drop_hour(self, hour: int) -> int:
        """Drop one hour and return its number of events, including those already noted as lost."""
        bucket = self._hours.pop(hour)
        self._size -= len(bucket)
        return sum(count for (_, row), count in bucket.items() if row[0] == ALL)

    def _add_dropped(self, events: int) -> None:
        """Note lost events in the present hour; this one row may exceed the cap."""
        bucket = self._hours.setdefault(self.hour(), {})
        row = (self.site, (ALL, "", "", "dropped"))
        self._size += row not in bucket
        bucket[row] = bucket.get(row, 0) + events
