"""All figures of one answer, read at one moment: for `detector stats` and the dashboard's API."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from detector.analytics.disputes import patterns
from detector.analytics.export import as_dict
from detector.analytics.filtered import Filter, Filtered, NotCounted, filtered_query
from detector.analytics.local_days import UTC_DAYS, LocalDays
from detector.analytics.moment import at_one_moment
from detector.analytics.price import Price
from detector.analytics.query import Answer, Summary, query, summary, whole_hours
from detector.analytics.sessions import Sessions, sessions
from detector.analytics.unknown import without_unknown
from detector.analytics.variants import Comparison, Design, of_cells
from detector.core.counting.store import Store, Sum

_AGO = re.compile(r"([0-9]{1,4})([hdw])", re.ASCII)
_OF_ALL = (
    *("refused", "corrected", "dropped", "errors", "unshared"),
    *("health", "unheard", "disputed_by_signals"),
)
"""What is counted of all views together only."""
_HOURS = {"h": 1, "d": 24, "w": 24 * 7}


@dataclass(frozen=True, slots=True)
class Whole:
    """A summary, the answer of a query, and what belongs to both."""

    summary: Summary
    answer: Answer
    comparison: Comparison | None
    """None where there are no variants."""
    sessions: Sessions | None
    """None where no session has drawn a variant."""
    signals: dict[str, int]
    """Disputed notices by the pattern of signals."""
    only: Filter | None = None
    """The value that all figures are of."""
    kinds_counted: bool = True
    """Whether the kinds are counted for that value."""

    def as_dict(self, price: Price | None = None) -> dict[str, Any]:
        """Return all with plain types; what is not known is None."""
        found = {
            **self.summary.as_dict(),
            **as_dict(self.answer, price),
            "disputed_by_signals": self.signals,
            "comparison": self._comparison(),
            "filter": dict([self.only]) if self.only else None,
        }
        if self.only:
            found |= dict.fromkeys(_OF_ALL if self.kinds_counted else (*_OF_ALL, "kinds"))
        return without_unknown(found, self.only.dimension if self.only else "")

    def _comparison(self) -> dict[str, Any] | None:
        if not self.comparison:
            return None
        found = self.sessions.as_dict() if self.sessions else None
        return {**self.comparison.as_dict(), "sessions": found}


class _Known(Filtered):
    """Counts of one value, of which nothing is what is not counted."""

    def __init__(self, store: Store, only: Filter) -> None:
        super().__init__(store, only)
        self.unknown: set[str] = set()

    def sums(self, dimension: str, **span: Any) -> list[Sum]:
        try:
            return super().sums(dimension, **span)
        except NotCounted:
            self.unknown.add(dimension)
            return []


def whole(
    store: Store,
    design: Design,
    *,
    by: str = "",
    step: str = "",
    since: int | None = None,
    until: int | None = None,
    site: str | None = None,
    pages: bool = True,
    days: LocalDays = UTC_DAYS,
    only: Filter | None = None,
) -> Whole:
    """Return the figures of a span at one moment; arguments and errors as of `query`.

    With `only` they are of one value; NotCounted where `by` is not counted together with it.
    """
    span: dict[str, Any] = {"since": since, "until": until, "site": site}
    first, last = whole_hours(since, until)
    expected = design.of_value(only.dimension) if only else design

    def read(moment: Store) -> Whole:
        answer = filtered_query(moment, only, by=by, step=step, pages=pages, days=days, **span)
        known = _Known(moment, only) if only else None
        of_value = cast(Store, known) if known else moment
        variants = query(of_value, by="variant", pages=False, **span).cells
        found = patterns(of_value, site=site, since=first, until=last)
        return Whole(
            summary(of_value, first, site, last),
            answer,
            of_cells(variants, expected) if variants else None,
            sessions(variants, expected),
            {cell.values[0]: cell.figures.views for cell in found},
            only,
            known is None or "kind" not in known.unknown,
        )

    return at_one_moment(store, read)


def moment_of(
    text: str,
    now: float,
    days: LocalDays = UTC_DAYS,
    *,
    exact: bool = False,
) -> int:
    """Parse a day or a time, or how long ago, to Unix seconds; ValueError for another.

    Without an offset from UTC it is one of the time zone. A day begins as `days.start` says, or
    with `exact` at the midnight of the time zone, however old it is.
    """
    if ago := _AGO.fullmatch(text):
        return int(now) - int(ago[1]) * _HOURS[ago[2]] * 3600
    try:
        if _is_day(text):
            day = date.fromisoformat(text)
            return days.midnight(day) if exact else days.start(day)
        at = datetime.fromisoformat(text)
        return int((at if at.tzinfo else at.replace(tzinfo=days.zone)).timestamp())
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is no time: write a day such as 2026-01-31, or 24h, 7d, 4w for how long ago"
        ) from None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
