"""The earlier time that the chart's thin line shows, step by step beside the chosen one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from detector.analytics.figures import Share
from detector.analytics.filtered import filtered_query
from detector.core.counting.store import Store, borders
from detector.dashboard.choice import Choice
from detector.dashboard.texts import N_, _

COMPARISONS = {
    "": N_("nothing"),
    "before": N_("the time before"),
    "year": N_("a year before"),
}
HEADS = {"before": N_("Blocked in the time before"), "year": N_("Blocked a year before")}
_YEAR = timedelta(weeks=52)
_HOUR, _DAY = 3600, 24 * 3600
NOTHING = Share(0, 0, "measured views")


def starts(choice: Choice) -> list[int]:
    """Return the starts of all steps that a choice has."""
    found, at = [], choice.days.bucket(choice.since, choice.step)
    while at < choice.until:
        found.append(at)
        at = choice.days.following(at, choice.step)
    return found


def earlier(choice: Choice) -> dict[int, int]:
    """Return the start of the step to compare with, for that of each step.

    The time before has as many steps. A year before is 52 weeks, so that weekdays meet, or twelve
    months. Empty where nothing is compared, or hours are no longer kept.
    """
    every = starts(choice)
    if not choice.compare or not every:
        return {}
    found = {start: _earlier(choice, start, len(every)) for start in every}
    if choice.step == "hour" and found[every[0]] < borders(choice.now // _HOUR)[0] * _HOUR:
        return {}
    return found


def _earlier(choice: Choice, start: int, count: int) -> int:
    days, step, year = choice.days, choice.step, choice.compare == "year"
    if step == "hour":
        back = _YEAR if year else timedelta(days=max(1, round(count / 24)))
        # The same time of the day: the clock may change in between.
        local = days.local(start).replace(tzinfo=None) - back
        return int(local.replace(tzinfo=days.zone).timestamp()) // _HOUR * _HOUR
    day = days.day(start)
    if step == "month":
        months = day.year * 12 + day.month - 1 - (12 if year else count)
        return days.start(date(months // 12, months % 12 + 1, 1))
    long = timedelta(days=7 if step == "week" else 1)
    return days.start(day - (_YEAR if year else count * long))


def is_whole(choice: Choice, start: int) -> bool:
    """Whether an earlier step is over and all of it is kept."""
    mixed = choice.step == "day" and choice.days.is_mixed(start)
    kept = start >= borders(choice.now // _HOUR)[1] * _HOUR
    return kept and not mixed and choice.days.following(start, choice.step) <= choice.now


def shares(store: Store, choice: Choice) -> dict[int, Share]:
    """Return the blocked share of the earlier step for the start of each step of the choice.

    Raises NotCounted and StoreError as a query does.
    """
    steps = earlier(choice)
    if not steps:
        return {}
    found = filtered_query(
        store,
        choice.only,
        step=choice.step,
        site=choice.site,
        since=min(steps.values()),
        until=choice.days.following(max(steps.values()), choice.step),
        days=choice.days,
        pages=False,
    )
    known = {cell.start: cell.figures.state("blocked") for cell in found.cells}
    return {start: known[then] for start, then in steps.items() if then in known}


def note(choice: Choice, found: Mapping[int, Any]) -> str:
    """Return what has to be known of the line; "" where nothing is compared."""
    if not choice.compare:
        return ""
    steps = earlier(choice)
    if not steps:
        return _("Hours are kept for 30 days only: choose a longer time to compare with that one.")
    if not any(share.whole for share in found.values()):
        return _("Nothing was measured in the time to compare with.")
    if choice.compare == "year" and choice.step == "month":
        return _("The thin line is twelve months earlier.")
    if choice.compare == "year":
        return _("The thin line is 52 weeks earlier, so that weekdays meet.")
    return _("The thin line is the time of the same length before.")
