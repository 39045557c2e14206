"""The end of a flusher: how long it waits for a store that does not answer, and what it logs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise

import pytest

from detector.core.counting import flusher as module
from detector.core.counting.counters import Counters
from detector.core.counting.dimensions import Key
from detector.core.counting.flusher import Flusher
from detector.core.counting.store import Batch
from detector.core.errors import StoreError
from tests.support.servers import until

UNWRITTEN = "counts were not written: the store does not answer in time, or refuses them"


class Frozen:
    """A store that answers once it is thawed; knows which threads wrote and how often it ended."""

    def __init__(self) -> None:
        self.thawed = threading.Event()
        self.threads: list[str] = []
        self.closed = 0

    def __call__(self) -> Frozen:
        """Return itself, as a factory of stores does."""
        return self

    def add(self, rows: Mapping[Key, int], batch: Batch | None = None) -> None:
        """Wait."""
        self.threads.append(threading.current_thread().name)
        self.thawed.wait()

    def compact_some(self, now_hour: int) -> bool:
        """Return that nothing is left."""
        return True

    def close(self) -> None:
        """Note it."""
        self.closed += 1


@pytest.fixture
def store() -> Iterator[Frozen]:
    """Yield a frozen store, and thaw it at the end; sites of other tests may still have threads."""
    before = set(threading.enumerate())
    made = Frozen()
    yield made
    made.thawed.set()

    def ended() -> bool:
        return not any("flusher" in one.name for one in set(threading.enumerate()) - before)

    until(ended, "the end of the flusher's threads")


@pytest.fixture
def counters() -> Counters:
    """Return a table with two counts."""
    made = Counters("site")
    made.count("view")
    made.count("view", device="phone")
    return made


@pytest.fixture(autouse=True)
def stop_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a moment for a store that does not answer, with no flusher of another test."""
    monkeypatch.setattr(module, "_open", set())
    monkeypatch.setattr(module, "STOP_SECONDS", 0.3)
    monkeypatch.setattr(module, "THROUGH_SECONDS", 0.2)


@pytest.mark.parametrize("running", [False, True])
def test_close_waits_briefly(
    store: Frozen, counters: Counters, caplog: pytest.LogCaptureFixture, running: bool
) -> None:
    """A stop waits for the thread that writes, or for one of its own, and logs what is lost."""
    flusher = Flusher(counters, store, interval=0.001 if running else 3600)  # type: ignore[arg-type]
    if running:
        flusher.touch()
        until(lambda: bool(store.threads), "nothing was written")
    began = time.monotonic()
    flusher.close()
    assert 0.25 < time.monotonic() - began < 5
    assert caplog.messages == [f"2 {UNWRITTEN}"]
    assert {record.name for record in caplog.records} == {"detector"}
    assert store.threads == ["detector-flusher" if running else "detector-flusher-end"]
    assert flusher not in module._open
    store.thawed.set()
    until(lambda: store.closed == 1, "the store was not closed")


def test_close_waits_no_longer_than_it_must(store: Frozen, counters: Counters) -> None:
    """A stop ends with the write, which is whole, and closes the store."""
    flusher = Flusher(counters, store)  # type: ignore[arg-type]
    store.thawed.set()
    flusher.close()
    assert (store.threads, store.closed) == (["detector-flusher-end"], 1)
    assert counters.snapshot() == {}


def test_waits_share_one_budget(
    store: Frozen, counters: Counters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an event loop has waited for is not waited for again, neither there nor at the end."""
    monkeypatch.setattr(module, "STOP_SECONDS", 9.0)
    flusher = Flusher(counters, store, interval=3600)  # type: ignore[arg-type]
    patience = [flusher._patience]
    for _ in range(3):
        flusher.write_through()
        patience.append(flusher._patience)
    waited = [before - after for before, after in pairwise(patience)]
    assert 0.15 < waited[0] < 5
    assert max(waited[1:]) < 0.15
    flusher._patience = 0.1
    began = time.monotonic()
    flusher.close()
    assert time.monotonic() - began < 6
    assert flusher._patience < 0.1


def test_write_through_tells_what_waits(
    store: Frozen, counters: Counters, caplog: pytest.LogCaptureFixture
) -> None:
    """A write that does not end in time is logged, and is not tried at the next touch."""
    flusher = Flusher(counters, store, interval=3600)  # type: ignore[arg-type]
    flusher.touch()
    flusher.write_through()
    assert caplog.messages == [f"2 {UNWRITTEN}"]
    flusher.touch()
    assert len(store.threads) == 1
    flusher.close()
    flusher.write_through()
    assert len(store.threads) == 1


def test_all_are_closed_at_exit(
    store: Frozen, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """At the end of a process all flushers together wait as long as one, and each loses its own."""
    deadlines: list[float] = []

    def join(self: Flusher, thread: threading.Thread, deadline: float) -> bool:
        deadlines.append(deadline)
        return False

    tables = [Counters(f"site-{number}") for number in range(3)]
    for table in tables:
        table.count("view")
        Flusher(table, store, interval=3600).touch()  # type: ignore[arg-type]
    monkeypatch.setattr(Flusher, "_join", join)
    began = time.monotonic()
    module._close_all()
    assert len(set(deadlines)) == 1
    assert 0.2 < deadlines[0] - began < 5
    assert caplog.messages == [f"1 {UNWRITTEN}"] * 3
    assert not module._open


def test_where_no_thread_can_be_started(
    store: Frozen,
    counters: Counters,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Counts are then written by the stop itself; the log says that no thread could be started."""

    def refuses(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    store.thawed.set()
    flusher = Flusher(counters, store, interval=3600)  # type: ignore[arg-type]
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuses)
        flusher.touch()
        assert caplog.messages == [
            "counts stay in memory, next try in 3600 s: can't start new thread"
        ]
        flusher.close()
    assert store.threads == ["MainThread"]
    assert len(caplog.messages) == 1


def test_a_store_that_cannot_be_closed(
    store: Frozen, counters: Counters, caplog: pytest.LogCaptureFixture
) -> None:
    """An error at the very end is logged."""

    class Stuck(Frozen):
        def close(self) -> None:
            raise StoreError("stuck")

    stuck = Stuck()
    stuck.thawed.set()
    Flusher(counters, stuck).close()  # type: ignore[arg-type]
    assert caplog.messages == ["counts stay in memory, next try in 5 s: stuck"]
