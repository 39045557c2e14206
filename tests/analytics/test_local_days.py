"""Days, weeks and months of a time zone, over the hours and days that a store keeps."""

from __future__ import annotations

import csv
import io
import json
import random
import time
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.analytics.export import as_csv, as_dict
from detector.analytics.local_days import LocalDays
from detector.analytics.query import query
from detector.analytics.table import cells_table, span_line
from detector.analytics.whole import moment_of
from detector.cli.main import main
from detector.core.counting.counters import Counters
from detector.core.counting.store import borders
from detector.core.time_zone import time_zone
from detector.stores.sqlite.store import SqliteStore

ZONES = (
    *("Europe/Berlin", "America/St_Johns", "America/New_York", "Asia/Kolkata"),
    *("Pacific/Auckland", "Pacific/Chatham", "UTC"),
)
HOUR, DAY = 3600, 24 * 3600
AUTUMN, SPRING = datetime(2026, 11, 5, 12, tzinfo=UTC), datetime(2026, 4, 10, 12, tzinfo=UTC)


def days_of(zone: str, now: datetime) -> LocalDays:
    """Return the days of a zone at a time."""
    return LocalDays.of(time_zone(zone), now.timestamp())


def fill(store: SqliteStore, since: datetime, until: datetime) -> None:
    """Count one view an hour."""
    counters = Counters("site")
    for hour in range(int(since.timestamp()) // HOUR, int(until.timestamp()) // HOUR):
        counters.count_in(hour, "view", "", {"browser": "firefox"})
    store.add(counters.drain())


@pytest.mark.parametrize(
    ("zone", "now", "day", "hours"),
    [
        ("Europe/Berlin", AUTUMN, date(2026, 10, 25), 25),
        ("Europe/Berlin", AUTUMN, date(2026, 10, 26), 24),
        ("Europe/Berlin", SPRING, date(2026, 3, 29), 23),
        ("America/New_York", AUTUMN, date(2026, 11, 1), 25),
        ("America/St_Johns", AUTUMN, date(2026, 11, 1), 25),
        ("America/St_Johns", SPRING, date(2026, 4, 9), 24),
        ("Pacific/Auckland", SPRING, date(2026, 4, 5), 25),
        ("Asia/Kolkata", AUTUMN, date(2026, 11, 1), 24),
        ("UTC", AUTUMN, date(2026, 10, 25), 24),
    ],
)
def test_hours_of_a_day(
    store: SqliteStore, zone: str, now: datetime, day: date, hours: int
) -> None:
    """A day has 23 or 25 hours where the clock changes, in the figures too."""
    days = days_of(zone, now)
    since, until = days.start(day), days.following(days.start(day), "day")
    assert days.hours(since) == hours
    assert days.at(since).date() == day
    assert days.at(until - HOUR).date() == day
    fill(store, datetime.fromtimestamp(since - DAY, UTC), datetime.fromtimestamp(until + DAY, UTC))
    found = query(store, step="day", days=days)
    assert {cell.start: cell.figures.views for cell in found.cells}[since] == hours


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Asia/Kolkata", "2026-11-01T00:30:00+05:30"),
        ("America/St_Johns", "2026-11-01T00:30:00-02:30"),
        ("Europe/Berlin", "2026-11-01T00:00:00+01:00"),
        ("Pacific/Chatham", "2026-11-01T00:45:00+13:45"),
    ],
)
def test_half_hours(store: SqliteStore, zone: str, first: str) -> None:
    """An hour belongs to the day in which it begins, and answers give its real beginning."""
    days = days_of(zone, AUTUMN)
    start = days.start(date(2026, 11, 1))
    assert days.at(start).isoformat() == first
    assert days.day(start - HOUR) == date(2026, 10, 31)
    fill(store, datetime(2026, 10, 30, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC))
    shown = cells_table(query(store, step="day", days=days))
    told = "an hour of UTC belongs to the day in which it begins" in shown
    assert told == (zone != "Europe/Berlin")


def test_old_days_are_those_of_utc(store: SqliteStore) -> None:
    """Whether the store has joined old hours or not: such days are UTC's, and all answers say so.

    The day at the border has the hours between both.
    """
    fill(store, datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC))
    days = days_of("Europe/Berlin", AUTUMN)
    before = query(store, step="day", days=days)
    store.compact(int(AUTUMN.timestamp()) // HOUR)
    found = query(store, step="day", days=days)
    assert [(c.start, c.figures.views) for c in found.cells] == [
        (c.start, c.figures.views) for c in before.cells
    ]
    shown = {days.at(cell.start or 0).isoformat(): cell.figures.views for cell in found.cells}
    assert shown["2026-10-05T00:00:00+00:00"] == 24
    assert shown["2026-10-06T02:00:00+02:00"] == 22
    assert shown["2026-10-07T00:00:00+02:00"] == 24
    assert as_dict(found)["utc_days_until"] == "2026-10-06T00:00:00+00:00"
    text = cells_table(found)
    assert "2026-10-05 00:00 UTC " in text
    assert "2026-10-07 00:00 CEST" in text
    assert "before 2026-10-06 they are those of UTC" in text
    assert "2026-10-06 lies at that border and has 22 hours" in text


def test_west_of_greenwich(store: SqliteStore) -> None:
    """There the last old day has the hours up to the first midnight."""
    fill(store, datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC))
    days = days_of("America/New_York", AUTUMN)
    found = query(store, step="day", days=days)
    shown = {days.at(cell.start or 0).isoformat(): cell.figures.views for cell in found.cells}
    assert shown["2026-10-05T00:00:00+00:00"] == 28
    assert shown["2026-10-06T00:00:00-04:00"] == 24
    assert "2026-10-05 lies at that border and has 28 hours" in cells_table(found)


def test_recent_days_need_no_word(store: SqliteStore) -> None:
    """Without old days the answer does not speak of them; in UTC it says nothing at all."""
    fill(store, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC))
    found = query(store, step="day", days=days_of("Europe/Berlin", AUTUMN))
    assert as_dict(found)["utc_days_until"] is None
    assert "UTC" not in cells_table(found)
    assert "days, weeks and months are those of Europe/Berlin" in cells_table(found)
    assert "those of" not in cells_table(query(store, step="day"))


def test_weeks_and_months(store: SqliteStore) -> None:
    """They begin on the time zone's Monday and first day."""
    fill(store, datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC))
    days = days_of("Europe/Berlin", AUTUMN)
    for step, start, views in (
        ("week", "2026-10-26T00:00:00+01:00", 7 * 24),
        ("month", "2026-11-01T00:00:00+01:00", 97),
    ):
        found = query(store, step=step, days=days)
        shown = {days.at(cell.start or 0).isoformat(): cell.figures.views for cell in found.cells}
        assert shown[start] == views


@given(
    st.sampled_from(ZONES),
    st.sampled_from(["hour", "day", "week", "month"]),
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)),
)
def test_every_hour_has_one_bucket(zone: str, step: str, moment: datetime) -> None:
    """Buckets follow each other without gap or overlap, whatever the clock does."""
    now = moment.replace(tzinfo=UTC)
    days = days_of(zone, now)
    last = int(now.timestamp()) // HOUR
    start = days.bucket((last - 40 * 24) * HOUR, step)
    for hour in range(last - 40 * 24, last + 24):
        if hour * HOUR >= (end := days.following(start, step)):
            start = end
        assert days.bucket(hour * HOUR, step) == start <= hour * HOUR


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("now", [AUTUMN, SPRING])
def test_the_days_sum_up_to_the_span(store: SqliteStore, zone: str, now: datetime) -> None:
    """The sums of hours, days, weeks and months are that of the span, for any span of days."""
    chance = random.Random(zone)
    last = int(now.timestamp()) // HOUR
    counters = Counters("site")
    for hour in range(last - 70 * 24, last + 1):
        for _ in range(chance.randrange(3)):
            counters.count_in(hour, "view", "", {"browser": chance.choice(["firefox", "chrome"])})
    store.add(counters.drain())
    store.compact(last)
    days = days_of(zone, now)
    for _ in range(6):
        first, second = sorted(chance.sample(range(last - 70 * 24, last), 2))
        since, until = (days.bucket(hour * HOUR, "day") for hour in (first, second))
        for step in ("hour", "day", "week", "month"):
            for by in ("", "browser"):
                found = query(store, by=by, step=step, since=since, until=until, days=days)
                assert sum(cell.figures.views for cell in found.cells) == found.total.views
    assert query(store, step="day", days=days).total.views == query(store).total.views


def test_exports_name_the_zone(store: SqliteStore) -> None:
    """JSON has the time zone and its offsets, and CSV has a column of it."""
    fill(store, datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC))
    days = days_of("Europe/Berlin", AUTUMN)
    found = query(store, step="day", since=days.start(date(2026, 10, 5)), days=days)
    told = as_dict(found)
    assert told["time_zone"] == "Europe/Berlin"
    assert told["since"] == "2026-10-05T00:00:00+00:00"
    assert told["cells"][-1]["start"] == "2026-11-05T00:00:00+01:00"
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert (rows[0]["start"], rows[0]["time_zone"]) == ("2026-10-05T00:00:00+00:00", "UTC")
    last = ("2026-11-05T00:00:00+01:00", "Europe/Berlin")
    assert (rows[-1]["start"], rows[-1]["time_zone"]) == last
    assert span_line(found) == "From 2026-10-05 00:00 UTC, in whole hours\n"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-01", "2026-10-31T23:00"),
        ("2026-11-01T10:00", "2026-11-01T09:00"),
        ("2026-11-01T10:00Z", "2026-11-01T10:00"),
        ("2026-10-25", "2026-10-24T22:00"),
        # Of such a day only that of UTC is kept.
        ("2026-09-01", "2026-09-01T00:00"),
        ("2026-09-01T10:00", "2026-09-01T08:00"),
        ("24h", "2026-11-04T12:00"),
    ],
)
def test_times_are_read_in_the_zone(text: str, utc: str) -> None:
    """A day and a time without an offset are those of the time zone."""
    found = moment_of(text, AUTUMN.timestamp(), days_of("Europe/Berlin", AUTUMN))
    assert datetime.fromtimestamp(found, UTC).isoformat()[:16] == utc


def test_the_border_is_that_of_the_stores() -> None:
    """Old days are those whose hours a store may have joined."""
    days = days_of("Europe/Berlin", AUTUMN)
    assert days.border == borders(int(AUTUMN.timestamp()) // HOUR)[0] * HOUR
    assert days_of("UTC", AUTUMN).border == 0


def test_command(
    store: SqliteStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`detector stats` takes the zone from its argument, else from the option, else UTC's."""
    now = int(time.time()) // HOUR * HOUR
    fill(store, datetime.fromtimestamp(now - 3 * DAY, UTC), datetime.fromtimestamp(now, UTC))
    file = tmp_path / "site.toml"
    file.write_text('time_zone = "Asia/Kolkata"\n')
    asked = ["stats", "--db", str(store.path), "--step", "day", "--json"]

    def zone(*more: str) -> tuple[str, str]:
        assert main([*asked, *more]) == 0
        found = json.loads(capsys.readouterr().out)
        assert sum(cell["figures"]["views"] for cell in found["cells"]) == 72
        return found["time_zone"], found["cells"][-1]["start"][-14:]

    assert zone() == ("UTC", "00:00:00+00:00")
    assert zone("--file", str(file)) == ("Asia/Kolkata", "00:30:00+05:30")
    assert zone("--file", str(file), "--time-zone", "UTC") == ("UTC", "00:00:00+00:00")
    monkeypatch.setenv("DETECTOR_TIME_ZONE", "Asia/Tokyo")
    assert zone() == ("Asia/Tokyo", "00:00:00+09:00")
    assert main([*asked, "--time-zone", "Asia/Tokio"]) == 2
    assert "--time-zone: 'Asia/Tokio' is no time zone; did you mean Asia/Tokyo?" in (
        capsys.readouterr().err
    )
    monkeypatch.setenv("DETECTOR_TIME_ZONE", "Tokyo")
    assert main(asked) == 2
    assert "DETECTOR_TIME_ZONE (environment): 'Tokyo' is no time zone" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("europe/berlin", "did you mean Europe/Berlin?"),
        ("Europe/Berlim", "did you mean Europe/Berlin?"),
        ("Europe", "did you mean"),
        ("", "write a name such as Europe/Berlin"),
        ("../../etc/passwd", "no time zone"),
        ("/etc/localtime", "no time zone"),
        ("x" * 9999, "write a name such as Europe/Berlin"),
        ("Europe/Ber\0lin", "no time zone"),
        (7, "no time zone"),
    ],
)
def test_a_wrong_name(name: object, hint: str) -> None:
    """It is refused with the name that was probably meant, and no file of that name is opened."""
    with pytest.raises(ValueError, match="is no time zone") as caught:
        time_zone(name)
    assert hint in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_machine_without_time_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    """There the error says what to install; UTC needs nothing."""
    monkeypatch.setattr("detector.core.time_zone.available_timezones", set)
    with pytest.raises(ValueError, match="pip install tzdata"):
        time_zone("Europe/Berlin")
    assert time_zone("UTC") is UTC
    assert ZoneInfo("Europe/Berlin")
