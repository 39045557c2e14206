"""What an export does to days that are new, unchanged, late, joined, emptied or being changed."""

from __future__ import annotations

import contextlib
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pytest

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Store, Sum
from detector.core.errors import StoreError
from detector.stores.sqlite.store import SqliteStore
from detector.warehouse.days import Decision
from detector.warehouse.export import SiteExport, export
from detector.warehouse.parquet import ParquetFolder
from detector.warehouse.target import ExportError
from tests.warehouse.sample import FIRST, fill

DAY = 24


def run(store: Store, folder: Path, **asked: Any) -> SiteExport:
    """Export the site "news" to a folder."""
    target = ParquetFolder(folder)
    try:
        (done,) = export(store, target, sites=["news"], **asked)
    finally:
        target.close()
    return done


def days(done: SiteExport, decision: Decision) -> list[int]:
    """Return the days with a decision, counted from the first."""
    return [(day - FIRST) // DAY for day in done.days[decision]]


def ask(text: str) -> list[tuple[Any, ...]]:
    """Return DuckDB's answer."""
    with duckdb.connect() as engine:
        return engine.execute(text).fetchall()


def rows(folder: Path) -> Counter[Key]:
    """Return what the files hold, in the form of a store's rows."""
    text = (
        "SELECT epoch(hour)::BIGINT // 3600, site, dimension, value, state, action, n "
        f"FROM read_parquet('{folder}/*/*.parquet')"
    )
    found: Counter[Key] = Counter()
    for *key, count in ask(text):
        assert tuple(key) not in found
        found[tuple(key)] = count
    return found


def late(store: Store, hour: int, batch: int = 100) -> None:
    """Add a view at an hour."""
    store.add({(hour, "news", "all", "", "", "view"): 1}, ("late", batch))


@pytest.fixture
def news(tmp_path: Path) -> Iterator[SqliteStore]:
    """Yield a SQLite store with six days of one site, four of them complete."""
    made = SqliteStore(tmp_path / "counts.sqlite")
    fill(made, sites=("news",), days=6)
    yield made
    made.close()


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


class Changing(SqliteStore):
    """A store in which something happens when it is read for the `at`th time."""

    at = 1

    def rows(self, *asked: Any) -> Iterator[tuple[Key, int]]:
        """Yield the rows; in their midst, let it happen."""
        for number, row in enumerate(super().rows(*asked)):
            yield row
            if number == 10 and self.at:
                self.at -= 1
                self.happens()

    def happens(self) -> None:
        """Do it."""


def test_a_day_that_changes_while_it_is_read(tmp_path: Path) -> None:
    """It is read again, and what is exported is what the store has at one moment."""

    class Late(Changing):
        def happens(self) -> None:
            late(self, FIRST + self.at, 100 + self.at)

    store = Late(tmp_path / "counts.sqlite")
    fill(store, sites=("news",), days=3)
    store.at = 3
    run(store, tmp_path / "out")
    store.at = 0
    wanted = {key: n for key, n in store.rows() if key[0] < FIRST + DAY}
    assert rows(tmp_path / "out") == wanted
    store.close()


def test_a_day_that_never_rests(tmp_path: Path) -> None:
    """A day that changes at each reading ends the export with an error, and no file."""

    class Late(Changing):
        def happens(self) -> None:
            late(self, FIRST + 1, 1000 - self.at)

    store = Late(tmp_path / "counts.sqlite")
    fill(store, sites=("news",), days=3)
    store.at = 99
    with pytest.raises(ExportError, match="2026-10-29 change while they are read"):
        run(store, tmp_path / "out")
    assert list((tmp_path / "out/news").iterdir()) == []
    store.close()


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


def test_joining_in_the_midst(tmp_path: Path) -> None:
    """Hours that are joined while a day is read again are neither lost nor doubled."""

    class Joining(Changing):
        at = 0

        def happens(self) -> None:
            late(self, FIRST + 3)
            self.compact(FIRST + 60 * DAY, again=True)

    store, out = Joining(tmp_path / "counts.sqlite"), tmp_path / "out"
    fill(store, sites=("news",), days=2)
    fill(store, sites=("news",), first=FIRST + 2 * DAY, days=36, seed=2, each=1)
    store.compact(FIRST + 60 * DAY, again=True)
    store.at = 1
    run(store, out, until=FIRST + DAY)
    assert store.at == 0
    assert rows(out) == {k: n for k, n in store.rows() if k[0] < FIRST + DAY}
    store.close()


def test_deleting_in_the_midst(tmp_path: Path) -> None:
    """A day that the store deletes while it is read does not replace what was exported."""

    class Deleting(Changing):
        at = 0

        def happens(self) -> None:
            with self._using() as connection:
                connection.execute("DELETE FROM counts WHERE hour < ?", (FIRST + DAY,))

    store, out = Deleting(tmp_path / "counts.sqlite"), tmp_path / "out"
    fill(store, sites=("news",), days=3)
    run(store, out)
    before = rows(out)
    store.at = 1
    done = run(store, out, again=True)
    assert days(done, Decision.EMPTIED) == [0]
    assert rows(out) == before
    store.close()


def test_goes_on_after_an_error(tmp_path: Path) -> None:
    """A store that goes away leaves the days before as they are; the next run writes the rest."""

    class Gone(Changing):
        def happens(self) -> None:
            if not self.at:
                raise StoreError("gone")

    store, out = Gone(tmp_path / "counts.sqlite"), tmp_path / "out"
    fill(store, sites=("news",), days=5)
    store.at = 2
    with pytest.raises(StoreError, match="gone"):
        run(store, out)
    assert [path.name for path in (out / "news").iterdir()] == ["2026-10-29.parquet"]
    done = run(store, out)
    assert (days(done, Decision.SAME), days(done, Decision.WRITE)) == ([0], [1, 2])
    store.close()


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
