"""Answers an owner's queries from a store's rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from detector.analytics.figures import Figures, Unheard, figures, unheard
from detector.analytics.local_days import HOUR, UTC_DAYS, LocalDays
from detector.core.counting.dimensions import ALL, JOIN, OPEN, pair_of
from detector.core.counting.store import Store, Sum
from detector.core.vocabulary import AD_FREE, DIMENSIONS, NOTICE_ACTIONS, REASONS, STATES

__all__ = ["STEPS", "Answer", "Cell", "Summary", "query", "summary", "whole_hours"]

_ACCUSING = ("blocked", "unreachable")
STEPS = {"": 0, "hour": 1, "day": 24, "week": 24, "month": 24}
"""The spans of time that a query can group by, in hours; weeks and months are made of days."""

HEALTH = ("refused", "dropped", "error", "unshared", "corrected", "passed")


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of events; views without a verdict are not in any share."""

    views: int
    verdicts: dict[str, int]
    """By state, which is a view's last one."""
    kinds: dict[str, int]
    """Blocked and unreachable views, by the probable kind of blocker."""
    actions: dict[str, int]
    """Actions on notices, by name."""
    refused: dict[str, int]
    """Views and reports that were not counted, by reason."""
    corrected: int
    recovered: int
    """Views with ads, of visitors who had allowed them after a notice."""
    ad_free: int
    """Views of members, on pages that were marked: neither looked at nor in any share."""
    dropped: int
    errors: int
    unshared: int
    """Reports counted without deduplication, because the store was unavailable for long."""

    @property
    def verdict_count(self) -> int:
        """The denominator of `blocked_share`."""
        return sum(self.verdicts.values())

    @property
    def blocked_share(self) -> float | None:
        """Blocked views as a share of verdicts (not of views), 0 to 1; None without verdicts."""
        return self.verdicts["blocked"] / self.verdict_count if self.verdict_count else None

    def as_dict(self) -> dict[str, Any]:
        """Return all figures with plain types, for JSON."""
        return {
            "views": self.views,
            "verdicts": dict(self.verdicts),
            "verdict_count": self.verdict_count,
            "blocked_share": self.blocked_share,
            "kinds": dict(self.kinds),
            "actions": dict(self.actions),
            "refused": dict(self.refused),
            "corrected": self.corrected,
            "recovered": self.recovered,
            "ad_free": self.ad_free,
            "dropped": self.dropped,
            "errors": self.errors,
            "unshared": self.unshared,
        }


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of an answer."""

    values: tuple[str, ...]
    """Of the dimension, or of both of a pair; empty if grouped by time only."""
    start: int | None
    """Unix seconds of the span's start, or None without steps."""
    figures: Figures


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of `query`."""

    total: Figures
    cells: tuple[Cell, ...]
    by: tuple[str, ...]
    step: str
    site: str | None
    since: int | None
    """Unix seconds, the start of an hour."""
    until: int | None
    """Unix seconds, the start of the first hour that is not included."""
    unheard: Unheard | None
    health: dict[str, int]
    """Events that say nothing about visitors, by action: those of `HEALTH`."""
    refused: dict[str, int]
    """Views and reports that were not counted, by reason."""
    days: LocalDays = UTC_DAYS
    """The time zone, by which days, weeks and months are those of the owner."""

    @property
    def has_old_days(self) -> bool:
        """Whether some cells are of days of UTC although the time zone is another."""
        return any(each.start is not None and each.start < self.days.border for each in self.cells)


def query(
    store: Store,
    *,
    by: str | Iterable[str] = (),
    step: str = "",
    since: int | None = None,
    until: int | None = None,
    site: str | None = None,
    pages: bool = True,
    days: LocalDays = UTC_DAYS,
) -> Answer:
    """Answer one query; raises ValueError for an invalid one, StoreError like the store.

    `by` is a dimension or a pair from the option `pairs`, `step` hour, day, week or month; those of
    the time zone of `days`. `since` and `until` are Unix seconds; `whole_hours` rounds them, and
    the answer has them as rounded. Where only days are kept, a day belongs to its first hour.
    Without `pages`, `unheard` is left out, which needs the counts of all path groups. Cells without
    views are left out.
    """
    names, dimension = _dimension(by)
    if step not in STEPS:
        raise ValueError(f"step {step!r} is none of: {', '.join(name for name in STEPS if name)}")
    first, last = whole_hours(since, until)
    span: dict[str, Any] = {"site": site, "since": first, "until": last}
    everything = store.sums(ALL, **span)
    cells: list[Cell] = []
    if names or step:
        grouped: dict[tuple[int | None, str], list[Sum]] = {}
        for row in _stepped(store, dimension, span, step, days):
            start = days.bucket(row.hour * HOUR, step) if step else None
            grouped.setdefault((start, row.value), []).append(row)
        cells = [
            Cell(_values(value, names), start, figures(rows))
            for (start, value), rows in sorted(grouped.items(), key=lambda item: item[0][0] or 0)
        ]
    health: Counter[str] = Counter()
    for row in everything:
        health[row.action] += row.n
    refused: Counter[str] = Counter()
    outside = 0
    for row in store.sums("reason", **span):
        if row.action == "refused":
            refused[row.value] += row.n
        elif row.value == "share":
            outside += row.n
    total = figures(everything)
    # Which views are probed is drawn at random, so it is the same for each cell.
    weight = 1 + outside / total.views if total.views else 1.0
    return Answer(
        total=replace(total, weight=weight),
        cells=tuple(
            replace(cell, figures=replace(cell.figures, weight=weight))
            for cell in cells
            if cell.figures.size
        ),
        by=names,
        step=step,
        site=site,
        since=None if first is None else first * 3600,
        until=None if last is None else last * 3600,
        unheard=unheard(store.sums("group", **span)) if pages else None,
        health={name: health[name] for name in HEALTH},
        refused=dict(refused.most_common()),
        days=days,
    )


def _stepped(
    store: Store, dimension: str, span: Mapping[str, Any], step: str, days: LocalDays
) -> Iterator[Sum]:
    """Sum by hours, days or months of UTC, such that each sum is within a step of the zone."""
    border = days.border // HOUR
    since, until = span["since"], span["until"]
    if not border or STEPS[step] <= 1:
        border = until
    elif until is None or until > border:
        yield from store.sums(dimension, **{**span, "since": max(border, since or 0)}, step=1)
    if border is None or since is None or since < border:
        end = border if until is None else min(border, until)
        yield from _of_utc(store, dimension, {**span, "until": end}, step)


def _of_utc(store: Store, dimension: str, span: Mapping[str, Any], step: str) -> Iterator[Sum]:
    since, until = span["since"], span["until"]
    if step != "month" or since is None or until is None:
        yield from store.sums(dimension, **span, step=STEPS[step])
        return
    # One query for each month, since stores have precomputed whole ones.
    while since < until:
        end = min(until, UTC_DAYS.following(since * HOUR, "month") // HOUR)
        for row in store.sums(dimension, **{**span, "since": since, "until": end}):
            yield row._replace(hour=since)
        since = end


def whole_hours(since: int | None, until: int | None) -> tuple[int | None, int | None]:
    """Round Unix seconds outwards to hours since 1970, since counts are kept by the hour.

    An hour that a span touches belongs to it whole.
    """
    return None if since is None else since // 3600, None if until is None else -(-until // 3600)


def _dimension(by: str | Iterable[str]) -> tuple[tuple[str, ...], str]:
    names = tuple(by.split(JOIN)) if isinstance(by, str) and by else tuple(by)
    known = [name for name in (*DIMENSIONS, *OPEN) if name not in ("reason", "signals")]
    if not names:
        return (), ALL
    if len(names) == 1:
        if names[0] not in known:
            raise ValueError(f"{names[0]!r} is none of: {', '.join(known)}")
        return names, names[0]
    pair = pair_of(names)
    return tuple(pair.split(JOIN)), pair


def _values(value: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value.split(JOIN, len(names) - 1)) if names else ()


def summary(
    store: Store,
    since_hour: int | None = None,
    site: str | None = None,
    until_hour: int | None = None,
) -> Summary:
    """Sum the rows of a span and a site (None: all); raises StoreError like the store."""
    totals: Counter[str] = Counter()
    states: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    span: dict[str, Any] = {"site": site, "since": since_hour, "until": until_hour}
    for row in store.sums(ALL, **span):
        totals[row.action] += row.n
        if row.action == "verdict":
            states[row.state] += row.n
    for row in store.sums("kind", **span):
        if row.action == "verdict" and row.state in _ACCUSING:
            kinds[row.value] += row.n
    for row in store.sums("reason", **span):
        if row.action == "refused":
            reasons[row.value] += row.n
    return Summary(
        views=totals["view"],
        verdicts={state: states[state] for state in STATES},
        kinds=dict(kinds.most_common()),
        actions={action: totals[action] for action in NOTICE_ACTIONS},
        refused={reason: reasons[reason] for reason in REASONS if reasons[reason]},
        corrected=totals["corrected"],
        recovered=totals["recovered"],
        ad_free=totals[AD_FREE],
        dropped=totals["dropped"],
        errors=totals["error"],
        unshared=totals["unshared"],
    )
