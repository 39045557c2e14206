"""The present hour as known to a store, by which old counts are merged and deleted.

No single process's clock decides what is old: one that is years ahead for a second would delete
everything. The store keeps the newest hour that its writers agree on:

- A write dated up to a day later advances it; an earlier one changes nothing. A process that ran
  through a longer pause, by its monotonic clock, may advance it by as much.
- Counts dated even later are stored under the known hour, and each event also as an error.
- Two writers that agree for more than an hour, or one for a day, advance it further, provided that
  nobody writes at the known hour: so a site that was down for months recovers. Until then, counts
  after the third such write are stored under their own hour, and advance nothing.
- In an empty store the first writer's hour is known. Another writer that is far behind replaces it
  until someone has confirmed it: too early an hour deletes nothing.
- Writers that agree on a time more than a day earlier, for as long and with nobody at the known
  hour, set it back: so a store that believed a wrong clock recovers once the clock is right. What a
  process writes less than an hour after it wrote at the known hour is a backlog, and no such sign.
"""

from __future__ import annotations

import time
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from detector.core.counting.dimensions import ALL, Key
from detector.core.counting.store import Batch, Event, Reports, borders

DAY = 24
UNNAMED = 1
"""The writer of rows without a batch, such as sample data."""
_BELIEVED = 3


class Present(NamedTuple):
    """What a store keeps, as numbers; 0 for none."""

    hour: int
    """The newest known hour."""
    by: int = 0
    """The only writer that has reported it; 0 once another one has confirmed it."""
    since: int = 0
    """The hour of the first of several consecutive writes dated later than allowed, or, with none
    of those, more than a day before the known hour."""
    last: int = 0
    """The hour of the last of them."""
    first: int = 0
    """The writer of the first of them."""
    writes: int = 0
    """Their number, up to that after which they are believed."""

    def after(self, newest: int, writer: int, lived: int | None) -> tuple[Present, int]:
        """Return what is known after a write, and the latest hour that its counts may have.

        `lived` is how many hours ago, by its monotonic clock, the process wrote at the known hour.
        """
        slack = DAY + (lived or 0)
        latest = self.hour + slack
        behind = newest < self.hour - DAY
        if behind and self.by not in (0, writer) and writer != UNNAMED:
            return Present(newest, writer), newest
        if behind and (writer == UNNAMED or lived == 0 or self.last > self.hour):
            return self, latest
        if not behind and newest <= latest:
            by = self.by if self.by == writer else 0
            return Present(max(newest, self.hour), by), latest
        since, first, writes = newest, writer, 1
        if self.writes and self.last - DAY <= newest <= self.last + slack:
            since, first = self.since, self.first
            writes = min(self.writes, _BELIEVED) + 1
        if newest - since >= (1 if writer != first else DAY):
            return Present(newest), newest
        found = Present(self.hour, self.by, since, max(newest, self.last), first, writes)
        return found, newest if writes > _BELIEVED and not behind else latest


class Dating:
    """Dates the writes of one process: the known hour after each, and the latest it may use."""

    def __init__(self) -> None:
        self._wrote: float | None = None
        self._fits = False

    def date(
        self,
        known: Present | None,
        hours: Iterable[int],
        held: int | None,
        batch: Batch | None,
        of_site: int = 0,
    ) -> tuple[Present, int] | None:
        """Return what is known after a write of these hours, and the latest hour it may use.

        `held` is the newest hour of the rows in a store that has no known hour yet. None if there
        is nothing to date. `of_site` is added to the writer's number.
        """
        newest = max(hours, default=None)
        if newest is None:
            return known and (known, known.hour)
        writer = _number(batch) + of_site if batch else UNNAMED
        if known is None:
            known = Present(newest if held is None else min(newest, held), writer)
        lived = None if self._wrote is None else int((time.monotonic() - self._wrote) / 3600)
        found, latest = known.after(newest, writer, lived)
        self._fits = found.hour - DAY <= newest <= latest
        return found, latest

    def wrote(self) -> None:
        """Record that the last dated write succeeded, if it was dated near the known hour."""
        if self._fits:
            self._wrote = time.monotonic()


def _number(batch: Batch) -> int:
    """Return a writer's number, above that of rows without a batch."""
    return zlib.crc32(batch[0].encode()) + 2


def redated(rows: Mapping[Key, int], latest: int, known: int) -> Mapping[Key, int]:
    """Return rows with those after `latest` moved to the hour `known`, and counted as errors."""
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
    """Return reports with their counts redated as by `redated`."""
    # Many reports share a few events, which must stay one object each.
    made: dict[int, Event] = {}
    for event in reports.values():
        if id(event) not in made:
            parts = (redated(dict.fromkeys(part, 1), latest, known) for part in event)
            made[id(event)] = Event(*map(tuple, parts))
    return {claim: made[id(event)] for claim, event in reports.items()}


def present_hour(now_hour: int, known: Present | None, held: int | None) -> int:
    """Return the hour by which counts expire: the earlier of the clock's and the store's."""
    newest = known.hour if known else held
    return now_hour if newest is None else min(now_hour, newest)


def is_compacted(mark: int, now_hour: int, known: Present | None) -> bool:
    """Whether old days have been merged up to this mark, and not by a clock that was ahead."""
    return borders(now_hour)[0] <= mark <= borders(max(now_hour, known.hour if known else 0))[0]
