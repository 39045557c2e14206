"""Reports of this process that wait until the store says whether another process had them.

A report is put aside with its claim, a keyed hash of its view and of what it says. The store keeps
the claim and adds the counts in one transaction, or neither: so each is counted once by whichever
process comes first, a process that is killed loses counts and claims of one flush together, and a
write that is tried again changes nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from itertools import islice
from threading import RLock
from typing import NamedTuple

from detector.core.counting.counters import Counters
from detector.core.counting.dimensions import Key, check
from detector.core.counting.store import Batch, Event, Store
from detector.core.fork import ForkAware, watch

CAP = 20_000
"""Reports that wait at most; what is more is counted by this process alone."""
AT_ONCE = 2_000
"""Reports of one write, so that no store is held up for long."""
Waiting = tuple[int, str, str, tuple[tuple[str, str], ...]]
"""Hour, action, state and dimensions of one report."""

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
        """Leave what waits to the parent."""
        # Re-entrant, because a signal handler may flush.
        self._lock = RLock()
        self._waiting: dict[bytes, Waiting] = {}
        # The same few events come again and again: each is kept once.
        self._events: dict[Waiting, Waiting] = {}

    @property
    def size(self) -> int:
        """How many reports wait."""
        return len(self._waiting)

    def claim(self, view: str, signed: int, what: str) -> bytes:
        """Return the claim of a report: the hour of its token, which sorts old ones together, and
        96 bits that reveal nothing about the view without the site's secret."""
        told = hmac.digest(self._key, f"{what}:{view}".encode(), "sha256")
        return (signed // 3600).to_bytes(4, "big") + told[:_HASH]

    def put(self, view: str, signed: int, action: str, state: str, dims: dict[str, str]) -> None:
        """Put a report aside; one that waits already is refused, one too many counted here."""
        check(action, state, dims)
        waiting = (self._counters.hour(), action, state, tuple(dims.items()))
        claim = self.claim(view, signed, action)
        with self._lock:
            again = claim in self._waiting
            full = len(self._waiting) >= self._cap
            if not again and not full:
                self._waiting[claim] = self._events.setdefault(waiting, waiting)
        if again:
            self._counters.count("refused", reason="repeat")
        elif full:
            self._counters.count(action, state, **dims)
            self._counters.count("unshared")
        else:
            self._counters.tell(action, state, dims)

    def take(self) -> Taken:
        """Take out at most `AT_ONCE` reports, the oldest first; who cannot write them restores."""
        with self._lock:
            if len(self._waiting) <= AT_ONCE:
                taken, self._waiting, self._events = self._waiting, {}, {}
            else:
                first = list(islice(self._waiting, AT_ONCE))
                taken = {claim: self._waiting.pop(claim) for claim in first}
        return Taken(self, taken)

    def restore(self, reports: Mapping[bytes, Waiting]) -> None:
        """Put back what `take` gave; what is then too many is counted by this process alone."""
        with self._lock:
            whole = {**reports, **self._waiting}
            more = [whole.pop(claim) for claim in list(whole)[self._cap :]]
            self._waiting = whole
            self._events = {waiting: waiting for waiting in whole.values()}
        rows: dict[Key, int] = {}
        for hour, action, state, dims in more:
            keys = self._counters.keys(hour, action, state, **dict(dims))
            for key in (*keys, *self._counters.keys(hour, "unshared")):
                rows[key] = rows.get(key, 0) + 1
        if rows:
            self._counters.restore(rows)

    def events(self, reports: Mapping[bytes, Waiting]) -> dict[bytes, Event]:
        """Return reports as the store wants them."""
        made = dict(self._made(set(reports.values())))
        return {claim: made[waiting] for claim, waiting in reports.items()}

    def _made(self, found: set[Waiting]) -> Iterator[tuple[Waiting, Event]]:
        keys = self._counters.keys
        for waiting in found:
            hour, action, state, dims = waiting
            # These are told beside the report itself, which is refused already.
            told = (
                ()
                if action in ("corrected", "recovered")
                else keys(hour, "refused", reason="repeat")
            )
            yield waiting, Event(keys(hour, action, state, **dict(dims)), told)


class Taken(NamedTuple):
    """Reports on their way to the store."""

    claims: Deduplication
    reports: dict[bytes, Waiting]

    def is_full(self) -> bool:
        """Whether there may be more."""
        return len(self.reports) >= AT_ONCE

    def size(self) -> int:
        """Return how many reports they are."""
        return len(self.reports)

    def add(self, store: Store, batch: Batch) -> None:
        """Write them; StoreError when that could not be done."""
        store.add_reports(self.claims.events(self.reports), batch)

    def restore(self) -> None:
        """Return them back."""
        self.claims.restore(self.reports)
