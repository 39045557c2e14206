"""Exports from a store that changes, or goes away, while it is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from detector.core.counting.dimensions import Key
from detector.core.errors import StoreError
from detector.stores.sqlite.store import SqliteStore
from detector.warehouse.days import Decision
from detector.warehouse.target import ExportError
from tests.warehouse.exporting import DAY, days, late, rows, run
from tests.warehouse.sample import FIRST, fill


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
