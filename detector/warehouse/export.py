"""Copies the complete days of a store to a target, one day of one site after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from detector.analytics.moment import at_one_moment
from detector.core.counting.dimensions import ALL
from detector.core.counting.store import Store
from detector.warehouse.days import Decision, Hours, complete_until, decide, events_by_day, hours_of
from detector.warehouse.schema import Exported, Row, batched, date_of, row_of
from detector.warehouse.target import ExportError, Target

BATCH = 20_000
"""The most rows in memory."""
_TRIES = 5


@dataclass(slots=True)
class SiteExport:
    """What was done for one site."""

    site: str
    newest_hour: int
    until: int
    """The end of the last day that is complete, as an hour since 1970."""
    days: dict[Decision, list[int]] = field(default_factory=lambda: {one: [] for one in Decision})
    """The first hours of the days, by what was decided."""
    rows: int = 0
    """The rows written."""


def export(
    store: Store,
    target: Target,
    *,
    sites: Sequence[str],
    since: int | None = None,
    until: int | None = None,
    again: bool = False,
) -> Iterator[SiteExport]:
    """Export the complete days of some sites; yield what was done for each.

    `since` and `until` are first hours of days, since 1970. Each day is written at once or not at
    all, so that whatever ends the export, the next one goes on. StoreError and ExportError.
    """
    for site in sites:
        newest = store.newest_hour(site)
        if newest is None:
            continue
        done = SiteExport(site, newest, complete_until(newest))
        end = done.until if until is None else min(until, done.until)
        exported = target.exported(site)
        for day, events in events_by_day(store, site, since, end).items():
            decision, rows = _day(store, target, site, day, events, exported.get(day), again)
            done.days[decision].append(day)
            done.rows += rows
        yield done


def _day(
    store: Store,
    target: Target,
    site: str,
    day: int,
    events: int,
    exported: Exported | None,
    again: bool,
) -> tuple[Decision, int]:
    """Write one day where it is to be written; return what was decided, and how many rows."""
    for _ in range(_TRIES):
        hours = cache(partial(_hours, store, site, day))
        decision = decide(events, exported, again, hours)
        if decision is not Decision.WRITE:
            return decision, 0
        joined = hours() is Hours.JOINED
        totals: Counter[str] = Counter()
        rows = 0
        with target.writing(site, day) as writer:
            for batch in batched(_rows(store, site, day, joined), BATCH):
                for row in batch:
                    totals[row.dimension] += row.n
                writer.write(batch)
                rows += len(batch)
            if _unchanged(store, site, day, totals) and _hours(store, site, day) is hours():
                if totals[ALL] < events:
                    return Decision.EMPTIED, 0
                writer.commit(Exported(totals[ALL], rows, joined))
                return Decision.WRITE, rows
    raise ExportError(
        f"the counts of {site!r} of {date_of(day)} change while they are read: "
        "run this again later, when nobody compacts the store"
    )


def _rows(store: Store, site: str, day: int, joined: bool) -> Iterator[Row]:
    for key, count in store.rows(day, site, day + 24):
        yield row_of(key, count, joined)


def _hours(store: Store, site: str, day: int) -> Hours:
    newest = store.newest_hour(site)
    return Hours.APART if newest is None else hours_of(store, site, day, newest)


def _unchanged(store: Store, site: str, day: int, totals: Counter[str]) -> bool:
    """Whether what was read in parts is what the store has at one moment.

    A count that is added, deleted, or moved to an hour already read changes a dimension's total.
    """

    def read(moment: Store) -> Counter[str]:
        return Counter(
            {
                dimension: sum(
                    row.n for row in moment.sums(dimension, site=site, since=day, until=day + 24)
                )
                for dimension in {ALL, *totals}
            }
        )

    return at_one_moment(store, read) == totals
