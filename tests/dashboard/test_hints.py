"""A dashboard without counts says what to check, and when each site was last heard from."""

from __future__ import annotations

import html
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from werkzeug.test import Client

from detector.analytics.last_heard import last_heard
from detector.analytics.local_days import LocalDays
from detector.core.counting.counters import Counters
from detector.dashboard import app
from detector.dashboard.pages import hour
from detector.stores.sqlite.store import SqliteStore

NOW = time.time()


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    """Return an empty store."""
    return SqliteStore(tmp_path / "counts.sqlite")


def count(store: SqliteStore, *actions: str, site: str = "news", ago: float = 0) -> None:
    """Count three of each of these events of a site, a time ago."""
    counters = Counters(site, clock=lambda: NOW - ago)
    for _ in range(3):
        for action in actions:
            if action == "refused":
                counters.count(action, reason="origin")
            else:
                counters.count(action, "clear" if action == "verdict" else "", group="/")
    store.add(counters.drain())


def page(store: SqliteStore, query: str = "") -> str:
    """Return the page's text."""
    with_hints = Client(app(store, allowed=lambda _: True)).get(f"/?{query}").text
    return html.unescape(with_hints)


def test_nothing_at_all(store: SqliteStore) -> None:
    """An empty store: the tag, how to check it, and whether this is the store of the site."""
    found = page(store)
    assert "Nothing has come in yet" in found
    assert '<code dir="ltr">detector doctor https://your-site.example/</code>' in found
    assert "Its option store must name the same file or server" in found
    assert "Last verdict" not in found


def test_nothing_in_this_time(store: SqliteStore) -> None:
    """Where only other times have counts, the page says which site was heard when."""
    count(store, "page", "view", "verdict", ago=60 * 86400)
    count(store, "page", site="shop", ago=2 * 86400)
    found = page(store, "range=24h&lang=en")
    assert "Nothing was counted in this time" in found
    row = found.partition("<bdi>news</bdi>")[2].partition("</tr>")[0]
    assert row.count("<time") == 3
    row = found.partition("<bdi>shop</bdi>")[2].partition("</tr>")[0]
    assert row.count("<time") == 1
    assert 'href="./?site=news&range=25m&lang=en"' in found


def test_pages_but_no_script(store: SqliteStore) -> None:
    """Pages with the tag whose script is not heard point at what stops it."""
    count(store, "page", "refused")
    found = page(store)
    assert "Pages sent with the tag: 3, but no script of theirs was heard." in found
    assert "Refused reports: 3, most of them: from a page of another site." in found


def test_views_but_no_verdicts(store: SqliteStore) -> None:
    """Views without a verdict point at the way of the reports."""
    count(store, "page", "view")
    found = page(store)
    assert "no verdict has come in this time" in found
    assert "connect-src" in found


def test_members_only(store: SqliteStore) -> None:
    """Where all views are of members nothing is wrong, and nothing is to be checked."""
    count(store, "ad-free")
    found = page(store)
    assert "All views in this time are of members" in found
    assert "detector doctor" not in found


def test_no_hints_with_verdicts(store: SqliteStore) -> None:
    """With verdicts, or under a filter, there is nothing to check."""
    count(store, "page", "view", "verdict")
    assert "h-hints" not in page(store)
    assert "h-hints" not in page(store, "group=/nowhere")


def test_wrong_site(store: SqliteStore) -> None:
    """A wrong name of a site is answered with the nearest names; it stays text."""
    asked = Client(app(store, allowed=lambda _: True)).get("/?site=nwes")
    assert asked.status_code == 400
    assert "no site has written to this store" in asked.text
    for site in ("news", "shop"):
        count(store, "view", "verdict", site=site)
    assert "no site “nwes” in this store: choose one from the list, such as news." in page(
        store, "site=nwes"
    )
    assert "such as news, shop." in page(store, "site=%22%3E%3Cimg%20src=x%3E")
    hostile = Client(app(store, allowed=lambda _: True)).get("/?site=%3Cimg%20src=x%3E").text
    assert "<img" not in hostile


def test_last_hours(store: SqliteStore) -> None:
    """The hours are the latest of each kind of event."""
    count(store, "page", "view", "verdict", ago=5 * 3600)
    count(store, "page", "view", ago=3 * 3600)
    count(store, "page", ago=3600)
    found = last_heard(store, "news")
    ago = [int(NOW // 3600) - (at or 0) // 3600 for at in (found.page, found.view, found.verdict)]
    assert ago == [1, 3, 5]
    assert last_heard(store, "shop").page is None


def test_last_heard_in_the_time_zone(filled: str) -> None:
    """When a site was last heard is in the time zone; an old day is one of UTC."""
    days = LocalDays(ZoneInfo("Asia/Tokyo"), 24 * 3600)
    assert hour(3600, days) == "1 January 1970, 01:00"
    assert hour(24 * 3600, days) == "2 January 1970, 09:00"
    text = Client(app(filled, allowed=lambda _: True, time_zone="Asia/Tokyo"))
    assert "Time zone: Asia/Tokyo." in text.get("/?from=2001-01-01&to=2001-01-02").text
