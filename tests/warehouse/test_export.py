"""What an export does to days that are new, unchanged, late or emptied, in bounded memory."""

from __future__ import annotations

import contextlib
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pytest

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Store, Sum
from detector.stores.sqlite.store import SqliteStore
from detector.warehouse.days import Decision
from detector.warehouse.export import export
from detector.warehouse.parquet import ParquetFolder
from tests.warehouse.exporting import DAY, days, late, rows, run
from tests.warehouse.sample import FIRST, fill


def test_same_rows(store: Store, tmp_path: Path) -> None:
    """The files have each row of the complete days once, and no other; every store gives them."""
    fill(store, days=4)
    target = ParquetFolder(tmp_path / "out")
    done = list(export(store, target, sites=store.sites()))
    target.close()
    wanted = {key: n for key, n in store.rows() if key[0] < FIRST + 2 * DAY}
    assert rows(tmp_path / "out") == wanted
    assert sum(one.rows for one in done) == len(wanted) > 1000


def test_new_days_only(news: SqliteStore, tmp_path: Path) -> None:
    """The next export writes what is complete since, and leaves the files of other days alone."""
    out = tmp_path / "out"
    assert days(run(news, out), Decision.WRITE) == [0, 1, 2, 3]
    before = {path: path.stat().st_ino for path in out.rglob("*.parquet")}
    assert len(before) == 4
    late(news, FIRST + 6 * DAY)
    assert days(run(news, out), Decision.WRITE) == []
    late(news, FIRST + 6 * DAY + 1, 101)
    done = run(news, out)
    assert (days(done, Decision.WRITE), days(done, Decision.SAME)) == ([4], [0, 1, 2, 3])
    assert {path: path.stat().st_ino for path in before} == before
    done = run(news, out, again=True)
    assert days(done, Decision.WRITE) == [0, 1, 2, 3, 4]
    assert {path: path.stat().st_ino for path in before} != before


def test_some_days(news: SqliteStore, tmp_path: Path) -> None:
    """A span chooses among the complete days, and adds none."""
    out = tmp_path / "out"
    assert days(run(news, out, since=FIRST + DAY, until=FIRST + 2 * DAY), Decision.WRITE) == [1]
    assert days(run(news, out, since=FIRST + 3 * DAY, until=FIRST + 99 * DAY), Decision.WRITE) == [
        3
    ]


def test_a_wrong_clock_completes_no_day(news: SqliteStore, tmp_path: Path) -> None:
    """A writer whose clock is weeks ahead does not make the present day complete."""
    late(news, FIRST + 30 * DAY)
    assert days(run(news, tmp_path / "out"), Decision.WRITE) == [0, 1, 2, 3]


def test_late_counts(news: SqliteStore, tmp_path: Path) -> None:
    """A day that got more counts since is written anew, and no other."""
    out = tmp_path / "out"
    run(news, out)
    before = rows(out)
    late(news, FIRST + DAY + 7)
    done = run(news, out)
    assert (days(done, Decision.WRITE), days(done, Decision.SAME)) == ([1], [0, 2, 3])
    key = (FIRST + DAY + 7, "news", "all", "", "", "view")
    assert rows(out) == before + Counter({key: 1})


@pytest.mark.parametrize("again", [False, True])
def test_emptied_days_replace_nothing(tmp_path: Path, again: bool) -> None:
    """What the store has deleted, in part or whole, stays exported."""
    out = tmp_path / "out"
    full, part = SqliteStore(tmp_path / "full.sqlite"), SqliteStore(tmp_path / "part.sqlite")
    fill(full, sites=("news",), days=4)
    run(full, out)
    before = rows(out)
    # The second day has lost half of its counts, and the first all.
    fill(part, sites=("news",), days=4, each=20)
    done = run(part, out, since=FIRST + DAY, again=again)
    assert days(done, Decision.EMPTIED) == [1]
    assert rows(out) == before
    full.close()
    part.close()


class Large(SqliteStore):
    """One day of many groups, made up while it is read: each dimension repeats all events."""

    groups = 0

    def newest_hour(self, site: str) -> int | None:
        """Return an hour by which the day is complete."""
        return FIRST + 60

    def rows(self, *asked: Any) -> Iterator[tuple[Key, int]]:
        """Yield each group under some actions in each hour."""
        for hour in range(24):
            for group in range(self.groups):
                for action in ("page", "view", "verdict", "shown", "allowed"):
                    yield (FIRST + hour, "news", "group", f"/group/{group}", "", action), 1
            yield (FIRST + hour, "news", "all", "", "", "view"), self.groups * 5

    def sums(self, dimension: str, **asked: Any) -> list[Sum]:
        """Return the totals."""
        return [Sum(FIRST if asked.get("step") else 0, "", "", "view", 24 * self.groups * 5)]

    def snapshot(self) -> Any:
        """Return itself."""
        return contextlib.nullcontext(self)


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times the rows need no more memory: a few batches are held, never a day."""
    monkeypatch.setattr("detector.warehouse.export.BATCH", 1000)
    peaks = []
    for groups in (50, 150):
        store = Large(tmp_path / "none.sqlite")
        store.groups = groups
        pool = pyarrow.proxy_memory_pool(pyarrow.default_memory_pool())
        before = pyarrow.default_memory_pool()
        pyarrow.set_memory_pool(pool)
        tracemalloc.start()
        try:
            done = run(store, tmp_path / str(groups))
            peaks.append((tracemalloc.get_traced_memory()[1], pool.max_memory()))
        finally:
            tracemalloc.stop()
            pyarrow.set_memory_pool(before)
        assert done.rows == 24 * (groups * 5 + 1) > 6000
    (python, arrow), (python_3, arrow_3) = peaks
    assert python_3 < 1.3 * python
    assert arrow_3 < 1.3 * arrow
