"""What one round of a flusher does: reports in batches, the shared limit, the day's work."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from detector.core.counting import sigterm
from detector.core.counting.counters import Counters
from detector.core.counting.dimensions import Key
from detector.core.counting.flusher import Flusher
from detector.core.counting.store import Batch, Store
from detector.core.errors import StoreError
from detector.stores.sqlite.store import SqliteStore


@pytest.fixture
def made() -> Iterator[list[Flusher]]:
    """Yield a list of flushers to close at the end."""
    flushers: list[Flusher] = []
    yield flushers
    for flusher in flushers:
        flusher.close()


class Reports:
    """Some reports that are written as one batch, unless the store refuses them."""

    def __init__(self, number: int, full: bool, refused: str = "") -> None:
        self.reports = {bytes([n]): None for n in range(number)}
        self.full, self.refused = full, refused
        self.written: list[Batch] = []
        self.restored = 0

    def size(self) -> int:
        """Return how many there are."""
        return len(self.reports)

    def add(self, store: Store, batch: Batch) -> None:
        """Note the batch."""
        self.written.append(batch)
        if self.refused:
            raise StoreError(self.refused, doubtful=True)

    def restore(self) -> None:
        """Note it."""
        self.restored += 1

    def is_full(self) -> bool:
        """Whether more may wait."""
        return self.full


class Source:
    """Batches of reports, one after the other."""

    def __init__(self, *batches: Reports) -> None:
        self.batches = list(batches)
        self.size = 5

    def take(self) -> Reports:
        """Return the next batch."""
        return self.batches.pop(0)


def test_reports_are_written_until_a_batch_is_not_full(path: Path, made: list[Flusher]) -> None:
    """Each batch has the writer's name and the next number; nothing is written for no reports."""
    counters = Counters("site")
    full, last, later = Reports(3, True), Reports(2, False), Reports(0, False)
    source = Source(full, last, later, Reports(0, False))
    numbers: list[Batch | None] = []

    class Noted(SqliteStore):
        def add(self, rows: Mapping[Key, int], batch: Batch | None = None) -> None:
            numbers.append(batch)
            super().add(rows, batch)

    made.append(Flusher(counters, lambda: Noted(path), 3600, claims=source))
    counters.count("view")
    assert made[0].flush()
    assert source.batches[0] is later
    assert made[0].flush()
    (name, number), *others = numbers[0] or ("", 0), *full.written, *last.written
    assert others == [(name, number + 1), (name, number + 2)]
    assert later.written == []
    assert len(name) >= 16


def test_what_is_not_written_is_told(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The last line counts the reports that wait, the doubtful batch and the rows in memory."""
    counters = Counters("site")
    doubtful = Reports(3, False, "no answer")
    source = Source(doubtful, *(Reports(0, False) for _ in range(3)))
    flusher = Flusher(counters, lambda: SqliteStore(path), 3600, claims=source)
    assert not flusher.flush()
    assert caplog.messages == ["counts stay in memory, next try in 3600 s: no answer"]
    counters.count("view")
    flusher.close()
    assert caplog.messages[1].startswith("9 counts were not written")
    assert doubtful.restored == 0
    assert doubtful.written[0] == doubtful.written[1]


def test_the_shared_limit_is_told(path: Path, made: list[Flusher]) -> None:
    """It is told after each write, with the store, and not before there is one."""
    counters = Counters("site")
    told: list[object] = []
    rate = SimpleNamespace(tell=told.append)
    made.append(Flusher(counters, lambda: SqliteStore(path), 3600, rate=rate))
    assert made[0].flush()
    assert told == []
    counters.count("view")
    assert made[0].flush() and made[0].flush()
    assert told == [made[0]._store] * 2


def test_the_work_of_a_day(
    path: Path, made: list[Flusher], caplog: pytest.LogCaptureFixture
) -> None:
    """It gets the store and the hour, is done once a day, and again where it failed."""
    now = [20_000 * 86_400.0]
    counters = Counters("site", clock=lambda: now[0])
    done: list[tuple[object, int]] = []

    def daily(store: Store, hour: int) -> None:
        done.append((store, hour))
        if len(done) == 1:
            raise StoreError("not now")

    made.append(Flusher(counters, lambda: SqliteStore(path), 3600, daily=daily))
    flusher = made[0]
    flusher._compact()
    assert done == []
    counters.count("view")
    assert flusher.flush()
    for _ in range(3):
        flusher._compact()
    assert done == [(flusher._store, 480_000)] * 2
    assert caplog.messages == ["counts stay in memory, next try in 3600 s: not now"]
    now[0] += 86_399
    flusher._compact()
    assert len(done) == 2
    now[0] += 1
    flusher._compact()
    assert done[2] == (flusher._store, 480_024)


class Stop:
    """An event that is set after some waits, whose seconds it notes."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        """Return whether the rounds are over."""
        self.waits.append(seconds)
        return len(self.waits) > self.rounds

    def set(self) -> None:
        """Do nothing: it ends by itself."""


def test_rounds(path: Path, made: list[Flusher]) -> None:
    """A round comes every interval, give or take a fifth; the site's random numbers stay its own.

    After the last one the store is closed.
    """
    counters = Counters("site")
    days: list[int] = []
    flusher = Flusher(
        counters, lambda: SqliteStore(path), 10, daily=lambda store, hour: days.append(hour)
    )
    made.append(flusher)
    stop: Any = Stop(200)
    flusher._stop = stop
    counters.count("view")
    before = random.getstate()
    flusher._run()
    assert random.getstate() == before
    assert all(8 <= seconds <= 12 for seconds in stop.waits)
    assert min(stop.waits) < 8.5 and max(stop.waits) > 11.5
    assert len(days) == 1
    assert flusher._store is None
    assert counters.snapshot() == {}


def test_a_round_that_fails_tidies_nothing_up(path: Path, made: list[Flusher]) -> None:
    """While a store refuses counts it is not compacted either."""
    counters = Counters("site")
    asked: list[int] = []

    class Refusing(SqliteStore):
        def add(self, rows: Mapping[Key, int], batch: Batch | None = None) -> None:
            raise StoreError("full")

        def compact_some(self, now_hour: int) -> bool:
            asked.append(now_hour)
            return True

    flusher = Flusher(counters, lambda: Refusing(path), 10)
    stop: Any = Stop(2)
    flusher._stop = stop
    counters.count("view")
    flusher._run()
    assert asked == []
    counters.drain()


@pytest.mark.parametrize("close_comes", [False, True])
def test_signals_are_heard_where_no_close_comes(
    path: Path, made: list[Flusher], monkeypatch: pytest.MonkeyPatch, close_comes: bool
) -> None:
    """In an event loop the first touch asks to be told of the end, unless `close` comes."""
    heard: list[object] = []
    monkeypatch.setattr(sigterm, "hear", heard.append)
    made.append(Flusher(Counters("site"), lambda: SqliteStore(path), 3600))
    if close_comes:
        made[0].will_close()
    for _ in range(2):
        made[0].touch()
    assert heard == ([] if close_comes else [made[0].write_through])
