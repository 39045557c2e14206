"""The counters of one process: a bounded table in memory that says nothing about any one visitor.

Stored are marginals: one row for all events and one for each dimension by itself, never their
combinations, so that nobody can be singled out and the rows stay few.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from detector.notice.modes import MODES
from detector.stats.fork import ForkAware, watch
from detector.visitor import BROWSERS, DEVICES

Key = tuple[int, str, str, str, str, str]
"""Hour (unix seconds // 3600), site, dimension, value, state, action."""

_Row = tuple[str, str, str, str]  # dimension, value, state, action

ALL = "all"
OTHER = "other"
STATES = ("blocked", "unreachable", "clear", "unknown")
NOTICE_ACTIONS = ("shown", "steps", "recheck", "allowed", "dismissed", "support")
ACTIONS = (
    *("view", "verdict", "corrected", "revised"),
    *NOTICE_ACTIONS,
    *("refused", "dropped", "error", "unmeasured"),
)
REASONS = (
    *("method", "origin", "size", "encoding", "syntax", "token", "expired"),
    *("repeat", "unknown-key", "value", "rate", "bot", "consent"),
)
DIMENSIONS: Mapping[str, frozenset[str]] = {
    "kind": frozenset({"extension", "browser", "network", "none"}),
    "browser": BROWSERS,
    "device": DEVICES,
    "mode": frozenset(MODES),
    "reason": frozenset(REASONS),
}
"""The values of each closed dimension; `group` is open but bounded by the two figures below."""

GROUPS = 500
GROUP_LENGTH = 64

ROWS_PER_HOUR = (
    len(ACTIONS)
    * (len(STATES) + 1)
    * (1 + sum(len(values) for values in DIMENSIONS.values()) + GROUPS + 1)
)
"""The most rows that one hour of one site can have, whatever is reported (about 35,000)."""


class Counters(ForkAware):
    """Counts events of one site; exact under threads, at most `cap` rows (one more when full).

    Each event adds 1 to the row "all" and 1 to the row of every dimension given. A forked child
    starts empty: what was counted before the fork is its parent's to write.
    """

    def __init__(
        self, site: str, cap: int = 50_000, clock: Callable[[], float] = time.time
    ) -> None:
        if not site or len(site) > GROUP_LENGTH or not site.isprintable():
            raise ValueError(
                f"option site: {site!r} must be 1 to {GROUP_LENGTH} printable characters"
            )
        if cap < 1:
            raise ValueError(f"option cap: {cap!r} must be 1 or more rows")
        self.site = site
        self._cap = cap
        self._clock = clock
        self._groups: set[str] = set()
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
        """Add one event of now; ValueError for a word that is in no allow-list.

        `group` is data, not a word of ours: one that is too long, unprintable or beyond the first
        500 of this process counts as "other".
        """
        _check(action, state, dims)
        hour = int(self._clock() // 3600)
        with self._lock:
            rows = [(self.site, (ALL, "", state, action))]
            for dimension, value in dims.items():
                if dimension == "group":
                    value = self._known_group(value)
                rows.append((self.site, (dimension, value, state, action)))
            bucket = self._hours.get(hour, {})
            room = sum(row not in bucket for row in rows)
            if room and self._size + room > self._cap and not self._make_room(room, hour):
                self._add_dropped(1)
                return
            bucket = self._hours.setdefault(hour, bucket)
            before = len(bucket)
            for row in rows:
                bucket[row] = bucket.get(row, 0) + 1
            self._size += len(bucket) - before

    def snapshot(self) -> dict[Key, int]:
        """Give a copy of all rows, for reading."""
        with self._lock:
            return {
                (hour, site, *row): count
                for hour, bucket in self._hours.items()
                for (site, row), count in bucket.items()
            }

    def drain(self) -> dict[Key, int]:
        """Take all rows out; who cannot write them gives them to `restore`."""
        with self._lock:
            rows = self.snapshot()
            self._hours, self._size = {}, 0
            return rows

    def restore(self, rows: Mapping[Key, int]) -> None:
        """Add rows back that `drain` gave; beyond the cap the oldest hours go, and are counted."""
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

    def _known_group(self, group: str) -> str:
        if group in self._groups:
            return group
        fits = 0 < len(group) <= GROUP_LENGTH and group.isprintable()
        if not fits or len(self._groups) >= GROUPS:
            return OTHER
        if group != OTHER:
            self._groups.add(group)
        return group

    def _make_room(self, rows: int, hour: int) -> bool:
        """Drop whole hours older than `hour` until so many rows fit; say whether they do."""
        lost = 0
        while self._size + rows > self._cap and min(self._hours, default=hour) < hour:
            lost += self._drop_hour(min(self._hours))
        fits = self._size + rows <= self._cap
        if lost:
            self._add_dropped(lost)
        return fits

    def _drop_hour(self, hour: int) -> int:
        """Forget one hour and give its events, among them those that it already noted as lost."""
        bucket = self._hours.pop(hour)
        self._size -= len(bucket)
        return sum(count for (_, row), count in bucket.items() if row[0] == ALL)

    def _add_dropped(self, events: int) -> None:
        """Note lost events in the present hour; this one row may exceed the cap."""
        bucket = self._hours.setdefault(int(self._clock() // 3600), {})
        row = (self.site, (ALL, "", "", "dropped"))
        self._size += row not in bucket
        bucket[row] = bucket.get(row, 0) + events


def _check(action: str, state: str, dims: Mapping[str, str]) -> None:
    if action not in ACTIONS:
        raise ValueError(f"action {action!r} is none of: {', '.join(ACTIONS)}")
    if state and state not in STATES:
        raise ValueError(f"state {state!r} is none of: {', '.join(STATES)}")
    for dimension, value in dims.items():
        if dimension == "group":
            continue
        allowed = DIMENSIONS.get(dimension)
        if allowed is None:
            known = ", ".join([*DIMENSIONS, "group"])
            raise ValueError(f"dimension {dimension!r} is none of: {known}")
        if value not in allowed:
            raise ValueError(f"{dimension} {value!r} is none of: {', '.join(sorted(allowed))}")
