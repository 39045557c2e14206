"""The chart's thin line: which earlier time it shows, how, and what is said where there is none."""

from __future__ import annotations

import csv
import io
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from werkzeug.test import Client

from detector.analytics.local_days import LocalDays
from detector.core.counting.counters import Counters
from detector.core.time_zone import time_zone
from detector.dashboard import app, choice, compared
from detector.dashboard.charts import Point, Then, lines, words
from detector.stores.sqlite.store import SqliteStore

NOW = int(datetime(2026, 11, 5, 12, 20, tzinfo=UTC).timestamp())
HOUR, DAY = 3600, 24 * 3600


def chosen(zone: str = "UTC", **asked: str) -> choice.Choice:
    """Return a choice of the owner."""
    return choice.read(asked, [], NOW, days=LocalDays.of(time_zone(zone), NOW))


def pairs(found: choice.Choice) -> dict[str, str]:
    """Return what each step is compared with, in the time zone."""
    at = found.days.at
    return {
        at(start).isoformat()[:16]: at(then).isoformat()[:16]
        for start, then in compared.earlier(found).items()
    }


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ({"range": "7d", "compare": "before"}, "10-30 10-23", "11-05 10-29"),
        # 52 weeks, so that a Friday meets a Friday.
        ({"range": "7d", "compare": "year"}, "2026-10-30 2025-10-31", "2026-11-05 2025-11-06"),
        ({"range": "12m", "compare": "year"}, "2025-11-03 2024-11-04", "2026-11-02 2025-11-03"),
        ({"range": "25m", "compare": "year"}, "2024-10-01 2023-10-01", "2026-11-01 2025-11-01"),
        ({"range": "24h", "compare": "before"}, "11-04T13 11-03T13", "11-05T12 11-04T12"),
    ],
)
def test_which_time(asked: dict[str, str], first: str, last: str) -> None:
    """The time before has as many steps; a year before has the same weekdays or months."""
    found = list(pairs(chosen(**asked)).items())
    for shown, (start, then) in ((first, found[0]), (last, found[-1])):
        assert [part in whole for part, whole in zip(shown.split(), (start, then), strict=True)]
        one, other = shown.split()
        assert one in start
        assert other in then


def test_the_time_before_ends_where_the_range_begins() -> None:
    """No step is in both, whatever the range."""
    for span in choice.RANGES:
        found = chosen("America/St_Johns", range=span, compare="before")
        earlier = compared.earlier(found)
        assert len(set(earlier.values())) == len(compared.starts(found))
        assert found.days.following(max(earlier.values()), found.step) == min(earlier)


def test_the_clock_changes_in_between() -> None:
    """An hour is compared with the same time of the day, a day with a day."""
    days = LocalDays.of(time_zone("Europe/Berlin"), NOW)
    now = int(datetime(2026, 10, 25, 20, 20, tzinfo=UTC).timestamp())
    found = choice.read({"range": "24h", "compare": "before"}, [], now, days=days)
    shown = pairs(found)
    assert shown["2026-10-25T21:00"] == "2026-10-24T21:00"
    assert shown["2026-10-25T01:00"] == "2026-10-24T01:00"
    week = pairs(
        chosen("Europe/Berlin", compare="before", **{"from": "2026-10-25", "to": "2026-10-31"})
    )
    assert week["2026-10-25T00:00"] == "2026-10-18T00:00"


def test_hours_of_long_ago() -> None:
    """Of a year before no hours are kept: there is no line, and the note says so."""
    found = chosen(range="24h", compare="year")
    assert compared.earlier(found) == {}
    assert compared.note(found, {}).startswith("Hours are kept for 30 days only")


def test_drawn() -> None:
    """The line is thin and has rings and dots of its own; tooltips say what it is of."""
    points = [
        Point(NOW + at * DAY, 0.2, 0.1, 100, then=Then(NOW - DAY + at * DAY, 0.3, 50, at == 2))
        for at in range(3)
    ]
    drawn = lines(points, "day", 880, 300, "title")
    assert drawn.count('<path class="line then"') == 1
    assert drawn.count('<path class="line partial then"') == 1
    assert drawn.count('<circle class="then partial"') == 1
    text = words(points[0], "day", LocalDays())
    assert text.endswith(" · compared with 4 November 2026: 30.0 % blocked, of 50 measured views")
    assert "then" not in lines([Point(NOW, 0.2, 0.1, 100)], "day", 880, 300, "title")
    few = Point(NOW, 0.2, 0.1, 100, then=Then(NOW - DAY, None, 3))
    assert "compared" not in words(few, "day", LocalDays())


@pytest.fixture
def page(tmp_path: Path) -> Client:
    """Return a page of twenty days: half of the earlier views are blocked, then a fifth."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    today = int(time.time()) // DAY * DAY
    for day in range(-20, 1):
        counters = Counters("site", clock=lambda at=day: today + at * DAY + 60.0)  # type: ignore[misc]
        for view in range(20):
            counters.count("view")
            blocked = view % (2 if day < -6 else 5) == 0
            counters.count("verdict", "blocked" if blocked else "clear", kind="extension")
        store.add(counters.drain())
    store.close()
    return Client(app(str(tmp_path / "counts.sqlite"), allowed=lambda _: True))


def test_on_the_page(page: Client) -> None:
    """Links choose it; legend, tooltips, table and exports have it, and further links keep it."""
    plain = page.get("/?range=7d").text
    assert 'compare=before#h-time">the time before</a>' in plain
    assert "line then" not in plain
    assert "Blocked in the time before" not in plain
    text = page.get("/?range=7d&compare=before").text
    assert '<span class="then">blocked, compared with the time before</span>' in text
    assert text.count('<path class="line then"') == 2
    assert "; thin line: compared with the time before" in text
    assert "Blocked in the time before" in text
    assert "range=24h&amp;compare=before" in text
    assert '<input type="hidden" name="compare" value="before">' in text
    found = page.get("/export/time.csv?range=7d&compare=before").text
    rows = list(csv.DictReader(io.StringIO(found)))
    assert {row["then"] for row in rows} == {"0.5000"}
    assert {row["blocked"] for row in rows} == {"0.2000"}
    assert {row["then_whole"] for row in rows} == {"20"}


def test_nothing_to_compare_with(page: Client) -> None:
    """Where nothing was counted then, the note says so."""
    text = page.get("/?range=7d&compare=year").text
    assert "Nothing was measured in the time to compare with." in text
    assert "line then" not in text


def test_refused(page: Client) -> None:
    """Another word is refused with those that there are."""
    answer = page.get("/?compare=decade")
    assert answer.status_code == 400
    assert "The chart compares with the time before (before) or a year (year)." in answer.text
