"""Small counts are shown as they are: what is shown adds up, however it is asked for."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from detector.analytics.disputes import patterns
from detector.analytics.export import as_csv, as_dict
from detector.analytics.figures import LEAST, Share
from detector.analytics.query import query, summary
from detector.cli.main import main
from detector.core.counting.counters import Counters
from detector.dashboard import app
from detector.stores.sqlite.store import SqliteStore

DAY = 20_300
PAIR = "kind+browser"


def count(store: SqliteStore, day: int, views: int, seed: int) -> None:
    """Count a day's views of few values, most of them rare, as the report processor does."""
    dice = random.Random(seed)
    hours = [day * 24 + dice.randrange(24) for _ in range(views)]
    for hour in hours:
        counters = Counters("site", clock=partial(float, hour * 3600), pairs=[PAIR.split("+")])
        (browser,) = dice.choices(["chrome", "firefox", "opera"], [500, 12, 3])
        dims = {"browser": browser, "device": dice.choice(["phone", "desktop"])}
        counters.count("view", **dims)
        state = dice.choice(["blocked", "clear", "unreachable"])
        kind = "none" if state == "clear" else dice.choice(["extension", "network", "browser"])
        counters.count("verdict", state, kind=kind, **dims)
        if state == "blocked":
            counters.count("shown", state, kind=kind, mode="corner", **dims)
            if dice.random() < 0.2:
                counters.count("disputed", kind=kind, signals="ads", **dims)
        store.add(counters.drain())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """Return a store of two days: one busy, one with three views."""
    made = SqliteStore(tmp_path / "counts.sqlite")
    count(made, DAY, 150, 1)
    count(made, DAY + 1, 3, 2)
    yield made
    made.close()


def sizes(store: SqliteStore, **asked: Any) -> dict[tuple[Any, ...], Counter[str]]:
    """Return the counts of each cell of an answer."""
    found = {}
    for cell in query(store, **asked).cells:
        counts = Counter(cell.figures.verdicts) + Counter(cell.figures.actions)
        found[cell.start, *cell.values] = counts + Counter(views=cell.figures.views)
    return found


def test_a_pair_adds_up_to_its_parts(store: SqliteStore) -> None:
    """What a pair shows is what its two dimensions show, cell by cell: nothing is left to find."""
    pair = sizes(store, by=PAIR)
    for at, name in enumerate(PAIR.split("+")):
        alone = sizes(store, by=name)
        for (_, value), counts in alone.items():
            parts = [found for (_, *values), found in pair.items() if values[at] == value]
            whole = sum(parts, Counter[str]())
            assert {**whole, "views": 0} == {**counts, "views": 0}
    assert any(0 < counts.total() < LEAST for counts in pair.values())


@pytest.mark.parametrize("by", ["", "browser", "kind", PAIR])
def test_days_add_up_to_the_span(store: SqliteStore, by: str) -> None:
    """The days of a span, or its hours, add up to it, however few views one has."""
    whole = (
        sizes(store, by=by)
        if by
        else {(None,): sum(sizes(store, step="month").values(), Counter[str]())}
    )
    for step in ("hour", "day"):
        found: dict[tuple[Any, ...], Counter[str]] = {}
        for (_, *values), counts in sizes(store, by=by, step=step).items():
            found[None, *values] = found.get((None, *values), Counter()) + counts
        assert found == whole
    assert (DAY + 1) * 86_400 in {start for start, *_ in sizes(store, step="day")}


@pytest.mark.parametrize("form", [as_dict, as_csv], ids=["json", "csv"])
def test_exports_a_day_apart(store: SqliteStore, form: Callable[..., Any]) -> None:
    """Two exports differ by exactly the views that came between them."""

    def views() -> dict[str, int]:
        answer = query(store, by="browser")
        if form is as_dict:
            cells = json.loads(json.dumps(form(answer)))["cells"]
            return {cell["browser"]: cell["figures"]["views"] for cell in cells}
        return {
            row["browser"]: int(row["views"]) for row in csv.DictReader(io.StringIO(form(answer)))
        }

    before = views()
    one = Counters("site", clock=lambda: (DAY + 2) * 86_400.0)
    one.count("view", browser="opera")
    store.add(one.drain())
    assert views() == before | {"opera": before.get("opera", 0) + 1}


def test_kinds_of_one_answer_agree(store: SqliteStore, capsys: pytest.CaptureFixture[str]) -> None:
    """`kinds` and the cells by kind, in one JSON of `stats`, are the same numbers."""
    assert main(["stats", "--db", str(store.path), "--json", "--by", "kind"]) == 0
    found = json.loads(capsys.readouterr().out)
    accused = {
        cell["kind"]: sum(
            cell["figures"]["verdicts"][state] for state in ("blocked", "unreachable")
        )
        for cell in found["cells"]
    }
    assert {kind: n for kind, n in accused.items() if n} == found["kinds"]
    assert sum(found["kinds"].values()) == found["verdict_count"] - found["verdicts"]["clear"]
    assert found["disputed_by_signals"] == {"ads": found["actions"]["disputed"]}
    assert "hidden" not in found


def test_the_page_agrees_with_the_command(store: SqliteStore) -> None:
    """The dashboard's tables have every value, and the counts that `stats` has."""
    page = Client(app(store, allowed=lambda _: True))
    asked = "from=2025-07-31&to=2025-08-01"
    rows = {
        name: json.loads(page.get(f"/export/{name}.json?{asked}").text)["rows"]
        for name in ("kind", "browser", "time", "disputed", "disputed-signals")
    }
    found = summary(store)
    kinds = {"extension": "extension", "the browser itself": "browser", "network": "network"}
    assert {kinds[row["kind"]]: row["views"] for row in rows["kind"]} == found.kinds
    assert {row["browser"]: row["views"] for row in rows["browser"]} == {
        key[1]: counts["views"] for key, counts in sizes(store, by="browser").items()
    }
    assert sum(row["views"] for row in rows["time"]) == found.views
    seen = sum(row["disputed"] for row in rows["disputed-signals"])
    assert seen == found.actions["disputed"] == rows["disputed"][0]["disputed"]["part"]
    assert seen == sum(cell.figures.views for cell in patterns(store))


def test_few_are_marked() -> None:
    """A share of fewer than ten is marked as of few, and its interval shows how little it says."""
    few, enough = Share(1, LEAST - 1, "views"), Share(1, LEAST, "views")
    assert few.few and not enough.few and not Share(0, 0, "views").few
    assert few.as_dict()["few"] and not enough.as_dict()["few"]
    low, high = few.interval or (0, 0)
    assert high - low > 0.3
