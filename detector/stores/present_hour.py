"""The present hour as a store knows it, by which old counts are joined and deleted.

No process's clock says alone what is old: one that is years ahead for a second would delete all
that is there. The store keeps the newest hour that its writers agree on:

- A write dated up to a day later moves it on; one that is earlier changes nothing. A process that
  lived through a longer pause, by a clock that nobody sets, may move it on by as much.
- What is dated later still is counted under the known hour, and each event as an error, too.
- It is moved on further by two writers that agree for more than an hour, or by one for a day,
  while nobody writes in the known present: so a site goes on that was down for months. Until then
  what is written after the third such write stands under its own hour, and moves nothing.
- In an empty store the first writer's hour is known. Another one that is far behind replaces it,
  as long as nobody has confirmed it: too early an hour deletes nothing.
"""

from __future__ import annotations

import time
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from detector.core.counting.dimensions import ALL, Key
from detector.core.counting.store import Batch, Event, Reports

DAY = 24
UNNAMED = 1
"""The writer of whatever comes without a batch, such as rows that are filled in."""
_BELIEVED = 3


class Present(NamedTuple):
    """What a store keeps, all of them numbers; 0 where there is nothing."""

    hour: int
    """The newest hour that is known."""
    by: int = 0
    """The one writer that vouches for it; 0 when another one has confirmed it."""
    since: int = 0
    """The hour of the first of several writes, one after another, dated later than may be."""
    last: int = 0
    """The hour of the last of them."""
    first: int = 0
    """The writer of the first of them."""
    writes: int = 0
    """How many they are, up to the number after which they are believed."""

    def after(self, newest: int, writer: int, slack: int = DAY) -> tuple[Present, int]:
        """Return what is known after a write, and the latest hour that its counts may have."""
        latest = self.hour + slack
        if newest < self.hour - DAY:
            if self.by not in (0, writer) and writer != UNNAMED:
                return Present(newest, writer), newest
            return self, latest
        if newest <= latest:
            by = self.by if self.by == writer else 0
            return Present(max(newest, self.hour), by), latest
        since, first, writes = newest, writer, 1
        if self.writes and self.last - DAY <= newest <= self.last + slack:
            since, first = self.since, self.first
            writes = min(self.writes, _BELIEVED) + 1
        if newest - since >= (1 if writer != first else DAY):
            return Present(newest), newest
        found = Present(self.hour, self.by, since, max(newest, self.last), first, writes)
        return found, newest if writes > _BELIEVED else latest


class Dating:
    """The writes of one process: what is known after each, and its counts as they are dated."""

    def __init__(self) -> None:
        self._wrote: float | None = None
        self._fits = False

    def matcher(
        self, known: Present | None, hours: Iterable[int], held: int | None, batch: Batch | None
    ) -> tuple[Present, int] | None:
        """Return what is known after a write of some hours and the latest that it may have.

        `held` is the newest hour of the rows in a store that knows no present yet. None where
        there is nothing to judge.
        """
        newest = max(hours, default=None)
        if newest is None:
            return known and (known, known.hour)
        writer = _number(batch)
        if known is None:
            known = Present(newest if held is None else min(newest, held), writer)
        lived = 0.0 if self._wrote is None else time.monotonic() - self._wrote
        found, latest = known.after(newest, writer, DAY + int(lived / 3600))
        self._fits = newest <= latest
        return found, latest

    def wrote(self) -> None:
        """Note that what was judged last is written."""
        if self._fits:
            self._wrote = time.monotonic()


def _number(batch: Batch | None) -> int:
    """Return a writer as a number above 0."""
    return zlib.crc32(batch[0].encode()) + 2 if batch else UNNAMED


def redated(rows: Mapping[Key, int], latest: int, known: int) -> Mapping[Key, int]:
    """Return rows with those after `latest` under the hour `known`, their events as errors too."""
    if all(key[0] <= latest for key in rows):
        return rows
    found: Counter[Key] = Counter()
    for (hour, site, *rest), count in rows.items():
        dimension, value, state, action = rest
        late = hour > latest
        found[known if late else hour, site, dimension, value, state, action] += count
        if late and dimension == ALL:
            found[known, site, ALL, "", "", "error"] += count
    return found


def redated_reports(reports: Reports, latest: int, known: int) -> Reports:
    """Return reports whose counts are dated as `redated` does it."""
    # A handful of events stand behind many reports, and go on to be one object each.
    made: dict[int, Event] = {}
    for event in reports.values():
        if id(event) not in made:
            parts = (redated(dict.fromkeys(part, 1), latest, known) for part in event)
            made[id(event)] = Event(*map(tuple, parts))
    return {claim: made[id(event)] for claim, event in reports.items()}


def present_hour(now_hour: int, known: Present | None, held: int | None) -> int:
    """Return the hour by which old counts go: no later than the clock's, nor than the store's."""
    newest = known.hour if known else held
    return now_hour if newest is None else min(now_hour, newest)
