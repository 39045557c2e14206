"""Annotations on the dashboard: marks with numbers on the chart, and a list below it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from werkzeug.test import Client

from detector.analytics.local_days import LocalDays
from detector.core.counting.annotations import Annotation
from detector.core.counting.counters import Counters
from detector.dashboard import app
from detector.dashboard.marks import buckets, marks
from detector.stores.sqlite.store import SqliteStore
from tests.dashboard.conftest import EVIL

DAY = 24 * 3600


@pytest.fixture
def pages(tmp_path: Path) -> Client:
    """Return a client of two sites with annotations; one is older than the usual range."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    for site in ("news", "shop"):
        counters = Counters(site)
        for _ in range(20):
            counters.count("view")
            counters.count("verdict", "blocked", kind="extension")
        store.add(counters.drain())
    now = int(time.time())
    store.annotate(Annotation(now - 2 * DAY, EVIL))
    store.annotate(Annotation(now - DAY, "New prices", "shop"))
    store.annotate(Annotation(now - 90 * DAY, "Long ago"))
    store.close()
    return Client(app(str(tmp_path / "counts.sqlite"), allowed=lambda environ: True))


def test_on_the_page(pages: Client) -> None:
    """The annotations of the range are on both charts and in the list, escaped."""
    text = pages.get("/").text
    assert EVIL not in text
    assert text.count("&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;") == 3
    # On the slim chart both are so close that they share a mark.
    assert text.count('<g class="mark">') == 3
    assert text.count("New prices") == 3
    assert text.count("· see note 2") == 2
    assert "Long ago" not in text.partition("1 note of another time")[0]
    assert "another time" not in pages.get("/?range=12m").text


def test_of_a_site(pages: Client) -> None:
    """A site's page has its own and those of all sites."""
    text = pages.get("/?site=news").text
    assert "New prices" not in text
    assert text.count('<g class="mark">') == 2


def test_marks() -> None:
    """A mark stands in its bucket; those too close for two numbers share one, which names both."""
    notes = [Annotation(at, text) for at, text in ((5, "a"), (12, "b"), (13, "c"), (99, "d<"))]
    places = buckets([0, 10, 20, 30], notes, "hour", LocalDays())
    assert places == [0, 1, 1, 3]
    drawn = marks([(100.0, 200.0, 300.0, 400.0)[place] for place in places], notes, 10, 200)
    assert [part.partition("</title>")[0].partition("<title>")[2] for part in drawn] == [
        "a",
        "b; c",
        "d&lt;",
    ]
    assert '<text x="200.0" y="10" class="mid">2–3</text>' in drawn[1]
    assert 'x1="400.0"' in drawn[2]
    assert buckets([], notes, "hour", LocalDays()) == []
    assert marks([], notes, 10, 200) == []
