"""When each site of a store was last heard from, for an owner who sees no counts."""

from __future__ import annotations

from dataclasses import dataclass

from detector.core.counting.dimensions import ALL
from detector.core.counting.store import Store

_ACTIONS = {"page": "page", "page-shared": "page", "view": "view", "verdict": "verdict"}


@dataclass(frozen=True, slots=True)
class LastHeard:
    """The latest hours of a site, in Unix seconds; None where there is none."""

    site: str
    page: int | None
    """Of a page that was sent with the tag."""
    view: int | None
    """Of a view, whose script was heard."""
    verdict: int | None


def last_heard(store: Store, site: str) -> LastHeard:
    """Return when a site was last heard from; of days that are kept as a whole, their first hour.

    Raises StoreError like the store.
    """
    days: dict[str, int] = {}
    for row in store.sums(ALL, site=site, step=24):
        if name := _ACTIONS.get(row.action):
            days[name] = max(row.hour, days.get(name, 0))
    hours: dict[str, int] = {}
    for day in set(days.values()):
        for row in store.sums(ALL, site=site, since=day, until=day + 24, step=1):
            name = _ACTIONS.get(row.action, "")
            if days.get(name) == day:
                hours[name] = max(row.hour, hours.get(name, 0))
    found = {name: hour * 3600 for name, hour in hours.items()}
    return LastHeard(site, found.get("page"), found.get("view"), found.get("verdict"))
