"""The chart: buckets that are not complete look so, and old days are days."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from detector.analytics.local_days import LocalDays
from detector.core.counting.counters import Counters
from detector.dashboard import choice
from detector.dashboard.charts import Point, lines, words
from detector.dashboard.overview import overview
from detector.stores.sqlite.store import SqliteStore

NOON = int(datetime(2026, 6, 17, 12, 20, tzinfo=UTC).timestamp())
DAY = 24 * 3600


def points(*partial: bool) -> list[Point]:
    """Return buckets of one day each."""
    return [Point(NOON + at * DAY, 0.2, 0.1, 100, part) for at, part in enumerate(partial)]


def test_partial_buckets() -> None:
    """The line to a bucket that is not over is another one, ends in a ring, and says so."""
    whole = lines(points(False, False, False), "day", 880, 300, "title")
    part = lines(points(False, False, True), "day", 880, 300, "title")
    assert "partial" not in whole
    for name in ("blocked", "unreachable"):
        assert part.count(f'<path class="line {name}"') == 1
        assert part.count(f'<path class="line partial {name}"') == 1
        assert part.count(f'<circle class="{name} partial"') == 1
    assert part.count('class="volume partial"') == 1
    said = [words(point, "day", LocalDays()) for point in points(False, True)]
    assert "not complete" not in said[0]
    assert "2026, not complete: 20.0 % blocked" in said[1]


def test_only_partial() -> None:
    """A single bucket is a dot, or a ring where it is not complete; two need one line."""
    assert (
        lines(points(True), "day", 880, 300, "title").count('<circle class="blocked partial"') == 1
    )
    assert lines(points(False), "day", 880, 300, "title").count('<circle class="blocked"') == 1
    both = lines(points(True, True), "day", 880, 300, "title")
    assert both.count('<path class="line partial blocked"') == 1
    assert '<path class="line blocked"' not in both


@pytest.mark.parametrize(
    ("asked", "step", "incomplete"),
    [
        ({"range": "24h"}, "hour", {"2026-06-17T12"}),
        ({"range": "7d"}, "day", {"2026-06-17T00"}),
        # 365 days end today, a Wednesday: the first and the last week are cut off.
        ({"range": "12m"}, "week", {"2025-06-16T00", "2026-06-15T00"}),
        ({"range": "25m"}, "month", {"2024-05-01T00", "2026-06-01T00"}),
        ({"from": "2026-06-10", "to": "2026-06-12"}, "hour", set()),
    ],
)
def test_which_are_complete(asked: dict[str, str], step: str, incomplete: set[str]) -> None:
    """A bucket is complete if it is over and lies within the range."""
    chosen = choice.read(asked, [], NOON)
    assert chosen.step == step
    starts = {
        start
        for hour in range(chosen.since // 3600, chosen.until // 3600)
        for start in [start_of(hour * 3600, step)]
        if start <= NOON
    }
    found = {
        datetime.fromtimestamp(start, UTC).isoformat()[:13]
        for start in starts
        if not chosen.is_complete(start)
    }
    assert found == incomplete


def start_of(at: int, step: str) -> int:
    """Return the start of a bucket by the calendar."""
    moment = datetime.fromtimestamp(at, UTC)
    if step == "month":
        return int(datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp())
    if step == "week":
        return at - at % DAY - moment.weekday() * DAY
    return at - at % (3600 if step == "hour" else DAY)


def test_an_old_day_is_one_day() -> None:
    """Days whose hours are joined are shown as days, not as counts of their first hour."""
    old = {"from": "2026-04-01", "to": "2026-04-01"}
    assert choice.read(old, [], NOON).step == "day"
    new = {"from": "2026-06-16", "to": "2026-06-16"}
    assert choice.read(new, [], NOON).step == "hour"


def test_now_is_partial(tmp_path: Path) -> None:
    """The table has a column that says so, for the exports too."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    for hour in range(-48, 1):
        counters = Counters("site", clock=lambda hour=hour: time.time() + hour * 3600)  # type: ignore[misc]
        for _ in range(12):
            counters.count("view")
            counters.count("verdict", "blocked", kind="extension")
        store.add(counters.drain())
    found = overview(store, choice.read({"range": "7d"}, [], time.time()))
    store.close()
    assert [row[-1] for row in found.tables["time"].rows][-1] == "no"
    assert {row[-1] for row in found.tables["time"].rows[:-1]} == {"yes"}
