"""What an export does to days whose hours the store has joined."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.core.counting.store import Store
from detector.warehouse.days import Decision
from tests.warehouse.exporting import DAY, ask, days, late, rows, run
from tests.warehouse.sample import FIRST, fill


@pytest.mark.parametrize("again", [False, True])
def test_joined_days_replace_no_hours(store: Store, tmp_path: Path, again: bool) -> None:
    """What was exported by the hour stays so once the store has joined its hours."""
    out = tmp_path / "out"
    fill(store, sites=("news",), days=3)
    run(store, out)
    before = rows(out)
    fill(store, sites=("news",), first=FIRST + 3 * DAY, days=35, seed=2, each=1)
    store.compact(FIRST + 40 * DAY, again=True)
    done = run(store, out, until=FIRST + DAY, again=again)
    assert days(done, Decision.JOINED if again else Decision.SAME) == [0]
    late(store, FIRST)
    done = run(store, out, until=FIRST + DAY, again=again)
    assert days(done, Decision.JOINED) == [0]
    assert rows(out) == before


def test_joined_days_say_so(store: Store, tmp_path: Path) -> None:
    """A day that the store knows only as a whole has 24 hours, one by the hour has 1."""
    fill(store, sites=("news",), days=2)
    fill(store, sites=("news",), first=FIRST + 2 * DAY, days=38, seed=2, each=1)
    store.compact(FIRST + 40 * DAY, again=True)
    done = run(store, tmp_path / "out")
    found = ask(
        "SELECT day, min(hours), max(hours), sum(n) FILTER (dimension = 'all') "
        f"FROM read_parquet('{tmp_path}/out/*/*.parquet') GROUP BY day ORDER BY day"
    )
    assert [row[1:3] for row in found] == [(24, 24)] * 9 + [(1, 1)] * 29
    assert len(done.days[Decision.WRITE]) == 38
    assert sum(row[3] for row in found) == sum(
        row.n for row in store.sums("all", until=FIRST + 38 * DAY)
    )


def test_half_joined_days(store: Store, tmp_path: Path) -> None:
    """A day whose hours are joined in some dimensions only waits for the next run, and says so."""
    out = tmp_path / "out"
    fill(store, sites=("news",), days=2)
    fill(store, sites=("news",), first=FIRST + 2 * DAY, days=38, seed=2, each=1)
    store.compact(FIRST + 40 * DAY, again=True)
    key = (FIRST + 7, "news", "browser", "Firefox", "clear", "verdict")
    store.add({key: 1}, ("late", 1))
    done = run(store, out, until=FIRST + 2 * DAY)
    assert (days(done, Decision.JOINING), days(done, Decision.WRITE)) == ([0], [1])
    store.compact(FIRST + 40 * DAY, again=True)
    done = run(store, out, until=FIRST + 2 * DAY)
    assert (days(done, Decision.WRITE), days(done, Decision.SAME)) == ([0], [1])
    assert ask(f"SELECT DISTINCT hours FROM read_parquet('{out}/*/*.parquet')") == [(24,)]
    assert rows(out) == {k: n for k, n in store.rows() if k[0] < FIRST + 2 * DAY}
