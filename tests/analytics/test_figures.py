"""Tests of detector.analytics.query: figures and their denominators."""

from __future__ import annotations

from typing import Any, cast

import pytest

from detector.analytics.export import as_dict
from detector.analytics.figures import Share, Unheard
from detector.analytics.price import Price
from detector.analytics.query import query, summary
from detector.analytics.table import summary_table
from detector.core.counting.counters import Counters
from detector.core.counting.store import Store, Sum
from detector.stores.sqlite.store import SqliteStore
from tests.analytics.sample import DAY, fill


def test_total(store: SqliteStore) -> None:
    """The total has every figure with the whole of which it is a share."""
    fill(store, DAY * 24, 2, browser="firefox")
    found = query(store).total
    assert (found.views, found.measured) == (20, 16)
    assert found.verdicts == {
        "blocked": 8,
        "unreachable": 2,
        "clear": 6,
        "unknown": 0,
        "partial": 0,
    }
    assert found.state("blocked") == Share(8, 16, "measured views")
    assert found.state("blocked").value == 0.5
    assert found.reach == Share(16, 20, "views")
    assert [(step.name, step.count, step.share.whole) for step in found.funnel()] == [
        ("seen", 20, 20),
        ("shown", 6, 20),
        ("steps", 0, 6),
        ("recheck", 0, 6),
        ("allowed", 2, 6),
        ("dismissed", 0, 6),
        ("support", 0, 6),
    ]
    income = found.income(4.5)
    assert (income.views, income.lost) == (10, 0.045)
    assert (income.recovered, income.won) == (4, 0.018)


def test_of_nothing(store: SqliteStore) -> None:
    """An empty store has no shares, and no figure is negative."""
    store.add({})
    answer = query(store, by="browser", step="day")
    assert answer.cells == ()
    assert answer.total.state("blocked").value is None
    assert answer.total.income(1).lost == 0


def test_by_one_dimension_and_by_a_pair(store: SqliteStore) -> None:
    """Cells hold the figures of one value, or of two where the pair was counted together."""
    fill(store, DAY * 24, 3, browser="firefox")
    fill(store, DAY * 24, 5, browser="chrome")
    one = {cell.values: cell.figures for cell in query(store, by="browser").cells}
    assert {key: cell.views for key, cell in one.items() if cell} == {
        ("chrome",): 50,
        ("firefox",): 30,
    }
    two = query(store, by=["browser", "kind"])
    assert two.by == ("kind", "browser")
    cells = {cell.values: cell.figures for cell in two.cells}
    extension = cells["extension", "chrome"]
    assert extension and extension.verdicts["blocked"] == 20


@pytest.mark.parametrize(
    ("step", "starts"),
    [
        ("hour", ["2025-07-31T05", "2025-07-31T06", "2025-08-01T05", "2025-08-04T05"]),
        ("day", ["2025-07-31T00", "2025-08-01T00", "2025-08-04T00"]),
        ("week", ["2025-07-28T00", "2025-08-04T00"]),
        ("month", ["2025-07-01T00", "2025-08-01T00"]),
    ],
)
def test_over_time(store: SqliteStore, step: str, starts: list[str]) -> None:
    """Spans begin at calendar boundaries in UTC, and include all events within them."""
    first = DAY * 24 + 5
    for hour in (first, first + 1, first + 24, first + 96):
        fill(store, hour)
    answer = query(store, step=step)
    found = as_dict(answer)["cells"]
    assert [cell["start"][:13] for cell in found] == starts
    assert sum(cell["figures"]["views"] for cell in found) == 40


def test_months_are_asked_for_whole(store: SqliteStore) -> None:
    """Months are asked for one by one, since stores have their sums; the parts at the ends too."""
    asked: list[tuple[int, int, int]] = []

    class Asked:
        def sums(self, dimension: str, **span: Any) -> list[Sum]:
            asked.append((span["since"], span["until"], span.get("step", 0)))
            return store.sums(dimension, **span)

    fill(store, DAY * 24 + 5)
    july, august = 1751328000 // 3600, 1754006400 // 3600
    since, until = (july - 48) * 3600, (august + 24) * 3600
    found = query(cast(Store, Asked()), step="month", since=since, until=until, pages=False)
    assert (july, august, 0) in asked
    assert (july - 48, july, 0) in asked
    assert (august, august + 24, 0) in asked
    assert not [step for *_, step in asked if step]
    assert [cell.start for cell in found.cells] == [july * 3600]


def test_span_and_site(store: SqliteStore) -> None:
    """A query can be limited to some hours and to one site."""
    for hour in range(3):
        for site in ("a", "b"):
            fill(store, DAY * 24 + hour, site=site)
    at = DAY * 86400
    assert query(store, since=at + 3600).total.views == 40
    assert query(store, until=at + 3600).total.views == 20
    assert query(store, since=at + 3600, until=at + 7200, site="a").total.views == 10


@pytest.mark.parametrize(
    ("by", "step", "message"),
    [
        ("mood", "", "'mood' is none of: kind, browser"),
        ("reason", "", "'reason' is none of"),
        ("kind+kind", "", "is not a pair of two of"),
        ("kind+browser+device", "", "is not a pair of two of"),
        ("", "year", "step 'year' is none of: hour, day, week, month"),
    ],
)
def test_no_question(store: SqliteStore, by: str, step: str, message: str) -> None:
    """An invalid query is refused with the allowed values."""
    with pytest.raises(ValueError, match=message):
        query(store, by=by, step=step)


def test_unheard(store: SqliteStore) -> None:
    """Pages without a view are counted only where no cache can have served other pages."""
    counters = Counters("site")
    for _ in range(30):
        counters.count("page", group="/account")
    for _ in range(20):
        counters.count("view", group="/account")
    counters.count("passed", group="/account", reason="share")
    counters.count("page", group="/changes-in-place")
    for _ in range(5):
        counters.count("view", group="/changes-in-place")
    for _ in range(7):
        counters.count("page-shared", group="/article")
    counters.count("page", group="/article")
    store.add(counters.drain())
    found = query(store).unheard
    assert found == Unheard(pages=31, missing=9, not_measurable=8, passed=1)
    assert query(store, pages=False).unheard is None
    assert found and found.share == Share(9, 31, "pages with a tag that no cache may keep")


def test_lost_income_of_all_views(store: SqliteStore) -> None:
    """Where a tenth of the views is probed, each one lost or won stands for ten."""
    fill(store, DAY * 24, 10, browser="firefox")
    counters = Counters("site", clock=lambda: DAY * 24 * 3600.0)
    for _ in range(900):
        counters.count("passed", group="/", reason="share")
    for reason in ("bot", "consent"):
        counters.count("passed", group="/", reason=reason)
    store.add(counters.drain())
    answer = query(store, by="browser")
    assert answer.total.views == 100
    for found in (answer.total, answer.cells[0].figures):
        assert found
        income = found.income(2.0)
        assert (income.views, income.weight) == (50, 10)
        assert (income.lost, income.won) == (1.0, 0.4)
    found = as_dict(answer, Price(2.0, "EUR"))["total"]["income"]
    assert (found["lost"], found["currency"]) == (1.0, "EUR")
    lines = summary_table(summary(store), answer, Price(2.0, "EUR"))
    assert "Lost income: 1.00 EUR, for 50 blocked or unreachable views at 2 per thousand" in lines
    assert "each for 10 views of all" in lines


def test_health(store: SqliteStore) -> None:
    """Refused and lost events are shown with the figures, by reason."""
    counters = Counters("site")
    for reason in ("rate", "rate", "token"):
        counters.count("refused", reason=reason)
    counters.count("passed", group="/", reason="bot")
    counters.count("error")
    store.add(counters.drain())
    found = query(store)
    assert found.health == {
        **dict.fromkeys(["dropped", "unshared", "corrected"], 0),
        **{"refused": 3, "error": 1, "passed": 1},
    }
    assert found.refused == {"rate": 2, "token": 1}


def test_intervals_of_shares() -> None:
    """Each share has Wilson's interval; one of nothing has none."""
    assert Share(81, 263, "views").interval == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert Share(0, 0, "views").interval is None
    assert Share(0, 0, "views").as_dict()["interval"] is None
