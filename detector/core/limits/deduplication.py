"""Reports of this process that wait until the store knows whether another process counted them.

A report waits with its claim, a keyed hash of its view and its action. The store keeps the claim
and adds the counts in one transaction, or neither: so each report is counted once, by the first
process to write it; a killed process loses counts and claims of one flush together; and a repeated
write changes nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from itertools import islice
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple

from detector.core.counting.counters import Counters
from detector.core.counting.dimensions import Key, check
from detector.core.counting.store import Batch, Event, Store
from detector.core.fork import ForkAware, watch

if TYPE_CHECKING:
    from detector.core.reports.processor import Counted

CAP = 20_000
"""The most reports that wait; any more are counted by this process without deduplication."""
AT_ONCE = 2_000
"""The most reports in one write, so that no store is blocked for long."""
Part = tuple[str, str, tuple[tuple[str, str], ...]]
"""Action, state and dimensions."""
Waiting = tuple[int, tuple[Part, ...]]
"""The hour of one report, and all that it counts."""

_HASH = 12


class Deduplication(ForkAware):
    """The waiting reports of one site, bounded; thread-safe. A forked child starts empty."""

    def __init__(self, counters: Counters, secret: str, cap: int = CAP) -> None:
        self._counters = counters
        purpose = f"detector.claims:{counters.site}"
        self._key = hmac.digest(secret.encode(), purpose.encode(), "sha256")
        self._cap = cap
        self.after_fork_in_child()
        watch(self)

    def after_fork_in_child(self) -> None:
        """Drop the reports that the parent will write."""
        # Re-entrant, because a signal handler may flush.
        self._lock = RLock()
        self._waiting: dict[bytes, Waiting] = {}
        # The same few events recur, so each is stored once.
        self._events: dict[Waiting, Waiting] = {}

    @property
    def size(self) -> int:
        """How many reports wait."""
        return len(self._waiting)

    def claim(self, view: str, signed: int, what: str) -> bytes:
        """Return the claim of a report: the hour of its token, so that claims sort by age, and 96
        bits that reveal nothing about the view without the site's secret."""
        digest = hmac.digest(self._key, f"{what}:{view}".encode(), "sha256")
        return (signed // 3600).to_bytes(4) + digest[:_HASH]

    def put(self, view: str, signed: int, *counted: Counted) -> None:
        """Queue a report; one that is waiting already is refused, and with a full queue counted.

        Its first action is what it claims; the others come and go with it.
        """
        for each in counted:
            check(*each)
        parts = tuple((action, state, tuple(dims.items())) for action, state, dims in counted)
        hour = self._counters.hour_of(signed)
        waiting = (hour, parts)
        claim = self.claim(view, signed, counted[0][0])
        with self._lock:
            again = claim in self._waiting
            full = len(self._waiting) >= self._cap
            if not again and not full:
                self._waiting[claim] = self._events.setdefault(waiting, waiting)
        if again:
            self._counters.count("refused", reason="repeat")
        elif full:
            for each in counted:
                self._counters.count_in(hour, *each)
            self._counters.count("unshared")
        else:
            for each in counted:
                self._counters.tell(*each)

    def take(self) -> Taken:
        """Remove and return up to `AT_ONCE` reports, the oldest first; on failure restore them."""
        with self._lock:
            if len(self._waiting) <= AT_ONCE:
                taken, self._waiting, self._events = self._waiting, {}, {}
            else:
                first = list(islice(self._waiting, AT_ONCE))
                taken = {claim: self._waiting.pop(claim) for claim in first}
        return Taken(self, taken)

    def restore(self, reports: Mapping[bytes, Waiting]) -> None:
        """Put back what `take` returned; the surplus is counted without deduplication."""
        with self._lock:
            whole = {**reports, **self._waiting}
            more = [whole.pop(claim) for claim in list(whole)[self._cap :]]
            self._waiting = whole
            self._events = {waiting: waiting for waiting in whole.values()}
        rows: dict[Key, int] = {}
        for waiting in more:
            for key in (*self._keys(waiting), *self._counters.keys(waiting[0], "unshared")):
                rows[key] = rows.get(key, 0) + 1
        if rows:
            self._counters.restore(rows)

    def events(self, reports: Mapping[bytes, Waiting]) -> dict[bytes, Event]:
        """Return reports in the form that the store needs."""
        made = {waiting: self._event(waiting) for waiting in set(reports.values())}
        return {claim: made[waiting] for claim, waiting in reports.items()}

    def _event(self, waiting: Waiting) -> Event:
        again = self._counters.keys(waiting[0], "refused", reason="repeat")
        return Event(tuple(self._keys(waiting)), again)

    def _keys(self, waiting: Waiting) -> Iterator[Key]:
        hour, parts = waiting
        for action, state, dims in parts:
            yield from self._counters.keys(hour, action, state, **dict(dims))


class Taken(NamedTuple):
    """Reports on their way to the store."""

    claims: Deduplication
    reports: dict[bytes, Waiting]

    def is_full(self) -> bool:
        """Whether more may be waiting."""
        return len(self.reports) >= AT_ONCE

    def size(self) -> int:
        """Return the number of reports."""
        return len(self.reports)

    def add(self, store: Store, batch: Batch) -> None:
        """Write them; StoreError on failure."""
        store.add_reports(self.claims.events(self.reports), batch)

    def restore(self) -> None:
        """Put them back into the queue."""
        self.claims.restore(self.reports)
