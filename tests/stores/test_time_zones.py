"""Days of a time zone are the same in every store, before and after it has joined old hours."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from detector.analytics.local_days import HOUR, LocalDays
from detector.analytics.query import query
from detector.core.counting.dimensions import Key
from detector.core.counting.store import Store, borders

NOW = int(datetime(2026, 11, 5, 12, tzinfo=UTC).timestamp()) // HOUR
BORDER = borders(NOW)[0]
ZONES = ("Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Pacific/Auckland")


def expected(zone: str, hours: range) -> Counter[str]:
    """Count one view an hour by its date, that of UTC where only days are kept."""
    found: Counter[str] = Counter()
    for hour in hours:
        at = datetime.fromtimestamp(hour * HOUR, UTC if hour < BORDER else ZoneInfo(zone))
        found[f"{at:%Y-%m-%d}"] += 1
    return found


@pytest.mark.parametrize("compacted", [False, True])
def test_days(store: Store, compacted: bool) -> None:
    """Each hour is in the day in which it begins, also where the clock changes."""
    hours = range(BORDER - 3 * 24, NOW)
    rows: dict[Key, int] = {(hour, "site", "all", "", "", "view"): 1 for hour in hours}
    rows |= {(hour, "site", "browser", "firefox", "", "view"): 1 for hour in hours}
    store.add(rows)
    if compacted:
        store.compact(NOW, again=True)
    for zone in ZONES:
        days = LocalDays.of(ZoneInfo(zone), NOW * HOUR)
        for by in ("", "browser"):
            cells = query(store, by=by, step="day", days=days, site="site").cells
            found = {f"{days.at(cell.start or 0):%Y-%m-%d}": cell.figures.views for cell in cells}
            assert found == expected(zone, hours)
