"""Tests of detector.analytics.query: the figures for owners."""

from __future__ import annotations

import json

from detector.analytics.query import summary
from detector.core.counting.counters import Counters
from detector.stores.sqlite.store import SqliteStore

HOUR = 480_000


def at(hour: int, site: str = "site") -> Counters:
    """Counters with a frozen clock."""
    return Counters(site, clock=lambda: hour * 3600.0)


def test_empty(store: SqliteStore) -> None:
    """Without a verdict there is no share, and every figure is zero."""
    found = summary(store)
    assert found.as_dict() == {
        "views": 0,
        "verdicts": {"blocked": 0, "unreachable": 0, "clear": 0, "unknown": 0, "partial": 0},
        "verdict_count": 0,
        "blocked_share": None,
        "kinds": {},
        "actions": dict.fromkeys(
            ["shown", "steps", "recheck", "allowed", "dismissed", "support", "disputed"], 0
        ),
        "refused": {},
        "corrected": 0,
        "recovered": 0,
        "ad_free": 0,
        "dropped": 0,
        "errors": 0,
        "unshared": 0,
    }


def test_all_figures(store: SqliteStore) -> None:
    """Each figure comes from its own rows, each event once however many dimensions it had."""
    counters = at(HOUR)
    for _ in range(10):
        counters.count("view", browser="firefox", device="phone", group="/")
    for _ in range(3):
        counters.count("verdict", "blocked", kind="extension", browser="firefox", device="phone")
    counters.count("verdict", "unreachable", kind="network")
    for _ in range(3):
        counters.count("verdict", "clear", kind="none")
    counters.count("verdict", "unknown", kind="none")
    counters.count("corrected", "unknown")
    counters.count("shown", "blocked", mode="corner", kind="extension")
    counters.count("shown", "blocked", mode="modal", kind="extension")
    counters.count("dismissed", mode="corner")
    counters.count("refused", reason="token")
    counters.count("refused", reason="rate")
    counters.count("refused", reason="rate")
    counters.count("dropped")
    counters.count("error")
    store.add(counters.drain())
    found = summary(store)
    assert found.views == 10
    assert found.verdicts == {
        "blocked": 3,
        "unreachable": 1,
        "clear": 3,
        "unknown": 1,
        "partial": 0,
    }
    assert found.verdict_count == 8
    assert found.blocked_share == 3 / 8
    assert found.kinds == {"extension": 3, "network": 1}
    assert found.actions == {
        **dict.fromkeys(["steps", "recheck", "allowed", "support", "disputed"], 0),
        "shown": 2,
        "dismissed": 1,
    }
    assert found.refused == {"token": 1, "rate": 2}
    assert (found.corrected, found.dropped, found.errors) == (1, 1, 1)
    assert json.loads(json.dumps(found.as_dict())) == found.as_dict()


def test_recovered(store: SqliteStore) -> None:
    """Clear views after allowing ads are counted apart from the other clear ones."""
    counters = Counters("site")
    for recovered in (True, False, False):
        counters.count("verdict", "clear", browser="firefox")
        if recovered:
            counters.count("recovered", browser="firefox")
    store.add(counters.drain())
    assert (summary(store).recovered, summary(store).verdicts["clear"]) == (1, 3)


def test_hour_and_site(store: SqliteStore) -> None:
    """A summary can begin at an hour and be limited to one site."""
    for hour in (HOUR, HOUR + 1):
        for site in ("a", "b", "b"):
            counters = at(hour, site)
            counters.count("view")
            store.add(counters.drain())
    assert summary(store).views == 6
    assert summary(store, since_hour=HOUR + 1).views == 3
    assert summary(store, site="b").views == 4
    assert summary(store, HOUR + 1, "b").views == 2
