"""The shares that `detector watch` looks at, by hour, from a store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from detector.analytics.figures import figures, unheard
from detector.core.counting.dimensions import ALL
from detector.core.counting.store import Store, Sum
from detector.watch.jumps import WEEK, WEEKS, WINDOW, Count

Hours = dict[int, Count]


class Share(NamedTuple):
    """A share by its name: what rises, of what, and what to do when it jumps up or down."""

    title: str
    rises: str
    falls: str = ""
    """Empty where a fall is no problem."""


SHARES: Mapping[str, Share] = {
    "blocked": Share(
        "blocked, of measured views",
        "Open the site with no blocker; if it accuses you: detector doctor URL.",
        "Baits may have died: detector baits check LIST...; detector stats --by bait.",
    ),
    "unreachable": Share(
        "without arriving ads, of measured views",
        "The ad server or its host may be away: open a page and look at its requests.",
    ),
    "unknown": Share(
        "unknown, of measured views",
        "A policy or proxy may refuse the probes: detector doctor URL.",
    ),
    "unheard": Share(
        "unheard of, of pages with a tag",
        "The script may not load or be blocked: detector doctor URL --lists LIST...",
    ),
    "refused": Share(
        "refused, of views and refusals",
        "See which reason: detector stats --db URL --since 24h.",
    ),
}
"""What is looked at, in this order."""


def by_hour(store: Store, site: str, end: int) -> dict[str, Hours]:
    """Return the hourly counts of each share of `SHARES` up to the hour `end`, not included."""
    since = end - WEEK * WEEKS - WINDOW
    found: dict[str, Hours] = {name: {} for name in SHARES}
    for hour, rows in _split(store.sums(ALL, site=site, since=since, until=end, step=1)).items():
        told = figures(rows)
        for state in ("blocked", "unreachable", "unknown"):
            found[state][hour] = Count(told.verdicts[state], told.measured)
        refused = sum(row.n for row in rows if row.action == "refused")
        found["refused"][hour] = Count(refused, refused + told.views)
    for hour, rows in _split(
        store.sums("group", site=site, since=since, until=end, step=1)
    ).items():
        missing = unheard(rows)
        found["unheard"][hour] = Count(missing.missing, missing.pages)
    return found


def _split(rows: list[Sum]) -> dict[int, list[Sum]]:
    hours: dict[int, list[Sum]] = defaultdict(list)
    for row in rows:
        hours[row.hour].append(row)
    return hours
