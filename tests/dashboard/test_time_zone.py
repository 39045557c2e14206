"""The dashboard in the owner's time zone: its days, what it says of them, and its exports."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

from detector.analytics.local_days import LocalDays
from detector.cli.main import main
from detector.core.counting.annotations import Annotation
from detector.core.counting.counters import Counters
from detector.core.time_zone import time_zone
from detector.dashboard import app, choice, formats
from detector.dashboard.api_tokens import create
from detector.dashboard.charts import Point, filled, lines
from detector.dashboard.flask import init_app
from detector.dashboard.weekly import digest
from detector.dashboard.zone_notes import zone_note
from detector.flask import Detector
from detector.stores.sqlite.store import SqliteStore

HOUR, DAY = 3600, 24 * 3600
NOW = int(datetime(2026, 11, 5, 2, 20, tzinfo=UTC).timestamp())


def days_of(zone: str, now: float = NOW) -> LocalDays:
    """Return the days of a zone."""
    return LocalDays.of(time_zone(zone), now)


def chosen(zone: str, **asked: str) -> choice.Choice:
    """Return a choice of the owner."""
    return choice.read(asked, [], NOW, days=days_of(zone))


@pytest.fixture
def recent(tmp_path: Path) -> str:
    """Return a store with twelve blocked views an hour, for 40 days up to now."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    now = int(datetime.now(UTC).timestamp()) // HOUR
    for hour in range(now - 40 * 24, now + 1):
        counters = Counters("site", clock=lambda at=hour: at * 3600.0)  # type: ignore[misc]
        for _ in range(12):
            counters.count("view")
            counters.count("verdict", "blocked", kind="extension")
        store.add(counters.drain())
    store.close()
    return str(tmp_path / "counts.sqlite")


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("UTC", "2026-10-30T00:00:00+00:00", date(2026, 11, 5)),
        ("Europe/Berlin", "2026-10-30T00:00:00+01:00", date(2026, 11, 5)),
        # There it is still the day before.
        ("America/New_York", "2026-10-29T00:00:00-04:00", date(2026, 11, 4)),
        ("America/St_Johns", "2026-10-29T00:30:00-02:30", date(2026, 11, 4)),
        ("Asia/Kolkata", "2026-10-30T00:30:00+05:30", date(2026, 11, 5)),
        ("Pacific/Auckland", "2026-10-30T00:00:00+13:00", date(2026, 11, 5)),
    ],
)
def test_seven_days(zone: str, first: str, last: date) -> None:
    """A range ends with the owner's today, and begins with the midnight of its first day."""
    found = chosen(zone, range="7d")
    assert found.days.at(found.since).isoformat() == first
    assert found.last == last
    assert (found.last - found.first).days == 6
    before = found.before
    assert before[1] == found.since
    assert found.days.day(before[0]) == found.first - timedelta(days=7)


def test_the_clock_changes_in_between() -> None:
    """A week with a long day is 169 hours, its steps are days, and the address keeps its dates."""
    found = chosen("Europe/Berlin", **{"from": "2026-10-19", "to": "2026-10-25"})
    assert (found.until - found.since) // HOUR == 169
    assert found.step == "day"
    assert "from=2026-10-19&to=2026-10-25" in found.query()
    hundred = chosen("Europe/Berlin", **{"from": "2026-07-19", "to": "2026-10-26"})
    assert hundred.step == "day"


def test_each_day_has_a_point() -> None:
    """No day is drawn twice or left out where one has 25 hours."""
    found = chosen("Europe/Berlin", **{"from": "2026-10-23", "to": "2026-10-27"})
    some = [Point(found.since, 0.2, 0.1, 100)]
    points = filled(some, found.since, found.until, "day", found.days)
    shown = [found.days.at(point.start).isoformat() for point in points]
    assert shown == [
        *(f"2026-10-{day}T00:00:00+02:00" for day in (23, 24, 25)),
        *(f"2026-10-{day}T00:00:00+01:00" for day in (26, 27)),
    ]


def test_the_day_at_the_border_is_not_complete() -> None:
    """Its hours belong to two kinds of days, so it is drawn as partial, and the note says why."""
    found = chosen("Europe/Berlin", **{"from": "2026-09-20", "to": "2026-10-20"})
    partial = [
        found.days.at(start).isoformat()
        for start in (found.days.start(date(2026, 10, day)) for day in range(1, 20))
        if not found.is_complete(start)
    ]
    assert partial == ["2026-10-06T02:00:00+02:00"]
    note = zone_note(found)
    assert note == (
        "Time zone: Europe/Berlin. Days before 6 October 2026 are those of UTC: old counts are "
        "kept by its days. 6 October 2026 lies at that border and has 22 hours."
    )
    west = zone_note(chosen("America/New_York", **{"from": "2026-09-20", "to": "2026-10-20"}))
    assert "5 October 2026 lies at that border and has 28 hours." in west


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "Time zone: UTC."),
        ("Europe/Berlin", "Time zone: Europe/Berlin."),
        (
            "Asia/Kolkata",
            "Time zone: Asia/Kolkata. Counts are kept by the hour: an hour is in the day in which "
            "it begins.",
        ),
    ],
)
def test_notes_of_recent_days(zone: str, words: str) -> None:
    """Recent days need no word but the zone, and one where days begin within an hour."""
    assert zone_note(chosen(zone, range="7d")) == words
    assert "hour" not in zone_note(chosen(zone, range="24h"))


def test_an_hour_that_comes_twice() -> None:
    """Where the clock goes back, both hours of one name are told apart."""
    days = days_of("Europe/Berlin")
    first = int(datetime(2026, 10, 25, 0, tzinfo=UTC).timestamp())
    shown = [formats.moment(days.at(first + at * HOUR), "hour") for at in range(3)]
    assert shown == ["25 Oct 02:00 (UTC+02:00)", "25 Oct 02:00 (UTC+01:00)", "25 Oct 03:00"]


def test_an_annotation_stands_on_its_day() -> None:
    """A note at midnight is on that day of the chart, also where that is one of UTC."""
    found = chosen("Europe/Berlin", **{"from": "2026-09-01", "to": "2026-09-03"})
    starts = [found.days.start(date(2026, 9, day)) for day in (1, 2, 3)]
    points = [Point(start, 0.2, 0.1, 100) for start in starts]
    at = int(datetime(2026, 9, 1, 22, tzinfo=UTC).timestamp())  # the 2nd in Berlin
    drawn = lines(points, "day", 880, 300, "t", [Annotation(at, "x")], days=found.days)
    assert '<text x="456.0" y="10" class="mid">1</text>' in drawn


def test_annotations_of_old_days() -> None:
    """The range has the notes of its days in the time zone, also where counts are of UTC's days."""
    found = chosen("Europe/Berlin", **{"from": "2026-09-02", "to": "2026-09-03"})
    assert found.since == int(datetime(2026, 9, 2, tzinfo=UTC).timestamp())
    first, end = (datetime.fromtimestamp(at, UTC).isoformat()[:16] for at in found.noted)
    assert (first, end) == ("2026-09-01T22:00", "2026-09-03T22:00")
    day = chosen("Asia/Kolkata", range="24h")
    assert day.noted == (day.since, day.until)


def test_page_and_exports(recent: str) -> None:
    """The page names the zone, and each row of an export has it, or UTC."""
    page = Client(app(recent, allowed=lambda _: True, time_zone="America/St_Johns"))
    text = page.get("/?range=90d").text
    assert "Time zone: America/St_Johns." in text
    assert "are those of UTC: old counts are kept by its days." in text
    rows = list(csv.DictReader(io.StringIO(page.get("/export/time.csv?range=90d").text)))
    assert (rows[0]["start"][-14:], rows[0]["time_zone"]) == ("00:00:00+00:00", "UTC")
    assert rows[-1]["time_zone"] == "America/St_Johns"
    assert rows[-1]["start"][11:19] == "00:30:00"
    found = json.loads(page.get("/export/time.json?range=90d").text)
    assert found["rows"][-1]["time_zone"] == "America/St_Johns"
    assert "Time zone: America/St_Johns." in found["note"]
    assert sum(row["views"] for row in found["rows"]) == 12 * (40 * 24 + 1)
    assert "those of UTC" not in page.get("/?range=7d").text


def test_mounts(recent: str) -> None:
    """Flask's mount takes the site's option."""
    site = Flask("site")
    Detector(site, secret="a secret for tests, long enough", store=recent, time_zone="Asia/Tokyo")
    init_app(site, recent, allowed=lambda _: True)
    assert "Time zone: Asia/Tokyo." in site.test_client().get("/ads/").text
    site.extensions["detector"].close()


def test_a_wrong_name(recent: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused at the start, by the name of the option."""
    with pytest.raises(ValueError, match="option time_zone: 'Europe/Berlim' is no time zone; did"):
        app(recent, open=True, time_zone="Europe/Berlim")
    asked = ["dashboard", "--db", recent, "--open", "--time-zone", "Europe/Berlim"]
    assert main(asked) == 2
    assert "--time-zone: 'Europe/Berlim' is no time zone; did you mean Europe/Berlin?" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("ago", [1, 60])
def test_notes_near_midnight_in_api_and_mail(tmp_path: Path, ago: int, quick: str) -> None:
    """In the API and the mail a note belongs to its day of the zone, also where days are UTC's."""
    zone, now = time_zone("Asia/Tokyo"), datetime.now(UTC).timestamp()
    days = LocalDays.of(zone, now)
    day = days.local(int(now)).date() - timedelta(days=ago)
    day -= timedelta(days=day.weekday())
    first, last = days.midnight(day), days.midnight(day + timedelta(days=7)) - 1
    store = SqliteStore(tmp_path / "counts.sqlite")
    for at, text in ((first - 1, "before"), (first, "first"), (last, "last"), (last + 1, "after")):
        store.annotate(Annotation(at, text))
    token, hashed = create()
    client = Client(app(store, password=quick, api_tokens=[hashed], time_zone="Asia/Tokyo"))
    answer = client.get(
        f"/api/v1/annotations?since={day}&until={day + timedelta(days=7)}",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert [one["text"] for one in answer.json["annotations"]] == ["first", "last"]  # type: ignore[index]
    found = digest(store, day, now=now, days=days)
    said = " ".join(found.notes)
    assert "last" in said and "after" not in said
    store.close()
