"""The flusher within one process: its thread, its errors, its end."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from detector.core.counting.counters import Counters
from detector.core.counting.dimensions import Key
from detector.core.counting.flusher import Flusher
from detector.core.counting.store import Batch, Store
from detector.core.errors import StoreError
from detector.stores.sqlite.store import SqliteStore
from tests.core.counting.flusher.conftest import views


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until the condition holds, or fail."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        pause.wait(0.01)


def flushing() -> set[threading.Thread]:
    """Return the threads of flushers."""
    return {thread for thread in threading.enumerate() if thread.name == "detector-flusher"}


@pytest.fixture
def others() -> set[threading.Thread]:
    """Return the threads of flushers that other tests left running."""
    return flushing()


@pytest.fixture
def counters() -> Counters:
    """Return an empty table."""
    return Counters("site")


@pytest.fixture
def flusher(counters: Counters, path: Path) -> Iterator[Flusher]:
    """Yield a flusher whose thread would wait an hour."""
    made = Flusher(counters, lambda: SqliteStore(path), interval=3600)
    yield made
    made.close()


def test_nothing_runs_before_the_first_touch(
    others: set[threading.Thread], flusher: Flusher, path: Path
) -> None:
    """Creating a flusher starts no thread and opens no file."""
    assert flushing() == others
    assert not path.exists()


def test_touches_write_nothing(counters: Counters, flusher: Flusher, path: Path) -> None:
    """Requests only start the thread, however many there are: it alone opens the store."""
    for _ in range(3):
        counters.count("view")
        flusher.touch()
    assert not path.exists()


def test_touch_starts_one_thread(others: set[threading.Thread], flusher: Flusher) -> None:
    """Many touches from many threads start one daemon thread."""
    threads = [threading.Thread(target=flusher.touch) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (found,) = flushing() - others
    assert found.daemon


def test_flushes_by_itself(counters: Counters, path: Path) -> None:
    """After one touch, counts keep reaching the store without a further call."""
    flusher = Flusher(counters, lambda: SqliteStore(path), interval=0.02)
    try:
        for total in (1, 2, 3):
            counters.count("view")
            flusher.touch()
            until(lambda total=total: views(path) == total)  # type: ignore[misc]
    finally:
        flusher.close()


def test_flush_and_close(
    others: set[threading.Thread], counters: Counters, flusher: Flusher, path: Path
) -> None:
    """`flush` writes at once; `close` writes the rest, stops the thread and may be repeated."""
    flusher.touch()
    counters.count("view")
    assert flusher.flush()
    assert views(path) == 1
    assert counters.snapshot() == {}
    counters.count("view")
    flusher.close()
    flusher.close()
    assert views(path) == 2
    flusher.touch()
    assert flushing() == others


def test_nothing_to_write(flusher: Flusher, path: Path) -> None:
    """Without counts, a flush does not open the store."""
    assert flusher.flush()
    assert not path.exists()


def test_unwritable_store(
    counters: Counters, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Counts that cannot be written stay in memory, with one log line, and are written later."""
    blocker = tmp_path / "file"
    blocker.write_text("in the way")
    path = blocker / "counts.sqlite"
    flusher = Flusher(counters, lambda: SqliteStore(path), interval=3600)
    with caplog.at_level(logging.INFO, "detector"):
        for number in range(5):
            counters.count("view")
            assert not flusher.flush()
            assert [n for key, n in counters.snapshot().items()] == [number + 1]
    assert len(caplog.records) == 1
    assert "counts.sqlite" in caplog.text
    blocker.unlink()
    assert flusher.flush()
    flusher.close()
    assert views(path) == 5


def test_one_line_a_minute(
    counters: Counters, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A lasting failure is logged again after a minute, on one line whatever its message is."""

    def refuse() -> Store:
        raise StoreError("first\nsecond\x1b[31m\u2028")

    now = 1000.0
    monkeypatch.setattr("detector.core.counting.flusher.time.monotonic", lambda: now)
    flusher = Flusher(counters, refuse)
    counters.count("view")
    for seconds, lines in ((0, 1), (59, 1), (60, 2), (119, 2), (121, 3)):
        now = 1000.0 + seconds
        assert not flusher.flush()
        assert len(caplog.records) == lines
    assert caplog.messages[0] == (
        r"counts stay in memory, next try in 5 s: first\nsecond\x1b[31m\u2028"
    )
    counters.drain()


def test_no_error_reaches_the_caller(counters: Counters, path: Path) -> None:
    """No error of the store reaches the caller or loses counts."""

    class Broken(SqliteStore):
        def __init__(self) -> None:
            super().__init__(path)

        def add(self, rows: Mapping[Key, int], batch: Batch | None = None) -> None:
            raise MemoryError

        def close(self) -> None:
            raise RuntimeError("cannot even close")

    flusher = Flusher(counters, Broken, log=logging.getLogger("quiet"))
    counters.count("view")
    assert not flusher.flush()
    flusher.close()
    assert list(counters.snapshot().values()) == [1]


@pytest.mark.parametrize("interval", [0, -1, float("nan")])
def test_bad_interval(counters: Counters, interval: float) -> None:
    """An interval that is not above 0 is refused, and the error names the option."""
    with pytest.raises(ValueError, match="option flush_seconds"):
        Flusher(counters, lambda: SqliteStore("never"), interval=interval)


def test_many_threads(counters: Counters, path: Path) -> None:
    """Counts of many threads with flushes in between are written exactly once."""
    flusher = Flusher(counters, lambda: SqliteStore(path), interval=0.005)

    def work() -> None:
        for number in range(1500):
            counters.count("view", group=f"/{number % 5}")
            flusher.touch()
            if number % 500 == 0:
                flusher.flush()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    flusher.close()
    assert views(path) == 12_000


def test_a_doubtful_batch_stays_one(counters: Counters, path: Path) -> None:
    """A batch that the store may have written is retried unchanged, whatever was counted since."""
    tried: list[tuple[dict[Key, int], Batch | None]] = []

    class Wavering(SqliteStore):
        def add(self, rows: Mapping[Key, int], batch: Batch | None = None) -> None:
            tried.append((dict(rows), batch))
            if len(tried) < 4:
                # The first try may have been written; the second's failure does not settle that.
                raise StoreError("no answer", doubtful=len(tried) == 1)

    flusher = Flusher(counters, lambda: Wavering(path), log=logging.getLogger("quiet"))
    for done in (False, False, False, True):
        counters.count("view")
        assert flusher.flush() is done
    first, second, third, fourth, fifth = tried
    assert first == second == third == fourth
    assert list(first[0].values()) == [1]
    assert list(fifth[0].values()) == [3]
    assert first[1] and fifth[1] and first[1][0] == fifth[1][0] and first[1][1] < fifth[1][1]
    flusher.close()


def test_tidies_up_once_a_day(path: Path) -> None:
    """The flusher compacts its store after the first write, and again on the next day."""
    now = [20_000 * 86_400.0]
    asked: list[int] = []

    class Asked(SqliteStore):
        def compact_some(self, now_hour: int) -> bool:
            asked.append(now_hour)
            return super().compact_some(now_hour)

    counters = Counters("site", clock=lambda: now[0])
    flusher = Flusher(counters, lambda: Asked(path), interval=0.01)
    for day in range(2):
        counters.count("view")
        flusher.touch()
        until(lambda day=day: len(asked) > day)  # type: ignore[misc]
        now[0] += 86_400
    flusher.close()
    assert asked == [480_000, 480_024]


def test_goes_on_with_what_was_left(counters: Counters, path: Path) -> None:
    """An unfinished compaction goes on after each write, and the daily work waits for it."""
    left = [False, False, True]
    daily: list[int] = []

    class Slow(SqliteStore):
        def compact_some(self, now_hour: int) -> bool:
            return left.pop(0)

    flusher = Flusher(counters, lambda: Slow(path), daily=lambda store, hour: daily.append(hour))
    counters.count("view")
    assert flusher.flush()
    for _ in range(2):
        flusher._compact()
        assert daily == []
    for _ in range(2):
        flusher._compact()
        assert len(daily) == 1
    assert left == []
    flusher.close()
