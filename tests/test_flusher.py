"""Tests of detector.stats.flusher: counts reach the store once, whatever happens."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from detector.stats.counters import Counters, Key
from detector.stats.flusher import Flusher
from detector.stats.sqlite import SqliteStore
from detector.stats.store import Store, StoreError


def views(path: Path) -> int:
    """The page views in the file, 0 while there is none."""
    store = SqliteStore(path, readonly=True)
    try:
        return sum(n for key, n in store.rows() if key[2] == "all" and key[5] == "view")
    except StoreError:
        return 0
    finally:
        store.close()


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until the condition holds, or fail."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        pause.wait(0.01)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file for the counts."""
    return tmp_path / "counts.sqlite"


@pytest.fixture
def counters() -> Counters:
    """An empty table."""
    return Counters("site")


@pytest.fixture
def flusher(counters: Counters, path: Path) -> Iterator[Flusher]:
    """A flusher whose thread would wait an hour."""
    made = Flusher(counters, lambda: SqliteStore(path), interval=3600)
    yield made
    made.close()


def test_nothing_runs_before_the_first_touch(flusher: Flusher, path: Path) -> None:
    """Making a flusher starts no thread and opens no file."""
    names = [thread.name for thread in threading.enumerate()]
    assert "detector-flusher" not in names
    assert not path.exists()


def test_touch_starts_one_thread(flusher: Flusher) -> None:
    """Many touches from many threads start one daemon thread."""
    threads = [threading.Thread(target=flusher.touch) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [thread for thread in threading.enumerate() if thread.name == "detector-flusher"]
    assert len(found) == 1
    assert found[0].daemon


def test_flushes_by_itself(counters: Counters, path: Path) -> None:
    """After a touch counts reach the store with no further call, again and again."""
    flusher = Flusher(counters, lambda: SqliteStore(path), interval=0.02)
    try:
        for total in (1, 2, 3):
            counters.count("view")
            flusher.touch()
            until(lambda total=total: views(path) == total)  # type: ignore[misc]
    finally:
        flusher.close()


def test_flush_and_close(counters: Counters, flusher: Flusher, path: Path) -> None:
    """A flush writes at once, a close writes the rest, stops the thread and may be repeated."""
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
    assert "detector-flusher" not in [thread.name for thread in threading.enumerate()]


def test_nothing_to_write(flusher: Flusher, path: Path) -> None:
    """Without counts a flush does not even open the store."""
    assert flusher.flush()
    assert not path.exists()


def test_unwritable_store(
    counters: Counters, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be written stays in memory, with one log line, and goes out once it can."""
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
    """A failure that lasts is logged again after a minute, on one line whatever it holds."""

    def refuse() -> Store:
        raise StoreError("first\nsecond\x1b[31m\u2028")

    now = 1000.0
    monkeypatch.setattr("detector.stats.flusher.time.monotonic", lambda: now)
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


def test_no_error_reaches_the_caller(counters: Counters) -> None:
    """An error of any kind in the store is kept from the caller, and loses nothing."""

    class Broken:
        def add(self, rows: Mapping[Key, int]) -> None:
            raise MemoryError

        def rows(
            self, since_hour: int | None = None, site: str | None = None
        ) -> Iterator[tuple[Key, int]]:
            return iter(())

        def close(self) -> None:
            raise RuntimeError("cannot even close")

    flusher = Flusher(counters, Broken, log=logging.getLogger("quiet"))
    counters.count("view")
    assert not flusher.flush()
    flusher.close()
    assert list(counters.snapshot().values()) == [1]


@pytest.mark.parametrize("interval", [0, -1, float("nan")])
def test_bad_interval(counters: Counters, interval: float) -> None:
    """An interval that is not above 0 is refused by its option's name."""
    with pytest.raises(ValueError, match="option flush_seconds"):
        Flusher(counters, lambda: SqliteStore("never"), interval=interval)


def test_many_threads(counters: Counters, path: Path) -> None:
    """Counts of many threads with flushes in between arrive exactly once."""
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


def run(script: str, *arguments: object) -> str:
    """Run a script in a fresh process, where warnings are errors but the one for a fork."""
    done = subprocess.run(
        [
            *(sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning"),
            *("-c", textwrap.dedent(script), *map(str, arguments)),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_flush_at_exit(path: Path) -> None:
    """A process that ends by itself leaves no count behind."""
    script = """
        import sys
        from detector.stats.counters import Counters
        from detector.stats.flusher import Flusher
        from detector.stats.sqlite import SqliteStore
        counters = Counters("site")
        flusher = Flusher(counters, lambda: SqliteStore(sys.argv[1]), interval=3600)
        flusher.touch()
        counters.count("view")
        sys.exit(0)
    """
    run(script, path)
    assert views(path) == 1


def test_sigterm(path: Path) -> None:
    """A server that answers SIGTERM by sys.exit, as the flusher's module says, loses nothing."""
    script = """
        import signal, sys
        from detector.stats.counters import Counters
        from detector.stats.flusher import Flusher
        from detector.stats.sqlite import SqliteStore
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        counters = Counters("site")
        flusher = Flusher(counters, lambda: SqliteStore(sys.argv[1]), interval=3600)
        flusher.touch()
        counters.count("view")
        print("counted", flush=True)
        while True:
            signal.pause()
    """
    worker = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script), str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "counted\n"
    worker.terminate()
    _, errors = worker.communicate(timeout=60)
    assert (worker.returncode, errors) == (0, "")
    assert views(path) == 1


FORK = """
    import os, sys
    from detector.stats.counters import Counters
    from detector.stats.flusher import Flusher
    from detector.stats.sqlite import SqliteStore

    path, touched, written = sys.argv[1], sys.argv[2] == "touched", sys.argv[3] == "written"
    counters = Counters("site")
    flusher = Flusher(counters, lambda: SqliteStore(path, timeout=60), interval=0.01)

    def count(views):
        for _ in range(views):
            counters.count("view", browser="firefox")
            flusher.touch()

    for _ in range(10):
        counters.count("view", browser="firefox")
    if touched:
        flusher.touch()
    if written:
        flusher.flush()
    children = []
    for _ in range(4):
        child = os.fork()
        if not child:
            count(1000)
            sys.exit(0)
        children.append(child)
        count(1000)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    flusher.touch()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("touched", ["touched", "untouched"])
@pytest.mark.parametrize("written", ["written", "unwritten"])
def test_fork(path: Path, touched: str, written: str) -> None:
    """Counts from before a fork are written by the parent alone, later ones by who counted them."""
    run(FORK, path, touched, written)
    assert views(path) == 10 + 4 * 1000 + 4 * 1000
    store = SqliteStore(path, readonly=True)
    assert sum(n for key, n in store.rows() if key[2] == "browser") == 8010
    store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork_amid_counting_and_writing(path: Path) -> None:
    """A fork while other threads count and write hangs nobody and leaves exact totals."""
    script = """
        import os, sys, threading
        from detector.stats.counters import Counters
        from detector.stats.flusher import Flusher
        from detector.stats.sqlite import SqliteStore

        counters = Counters("site")
        flusher = Flusher(counters, lambda: SqliteStore(sys.argv[1], timeout=60), interval=0.001)
        counted = [0, 0]
        done = threading.Event()

        def work(slot):
            while not done.is_set():
                counters.count("view")
                flusher.touch()
                counted[slot] += 1
                if counted[slot] % 50 == 0:
                    flusher.flush()

        threads = [threading.Thread(target=work, args=(slot,)) for slot in range(2)]
        for thread in threads:
            thread.start()
        children = []
        for _ in range(15):
            child = os.fork()
            if not child:
                for _ in range(20):
                    counters.count("view")
                    flusher.touch()
                flusher.close()
                os._exit(0)
            children.append(child)
        for child in children:
            assert os.waitpid(child, 0)[1] == 0
        done.set()
        for thread in threads:
            thread.join()
        flusher.close()
        print(sum(counted) + 15 * 20)
    """
    expected = int(run(script, path))
    assert views(path) == expected


def test_several_processes(path: Path) -> None:
    """Processes that share one file through their own flushers add up exactly."""
    script = """
        import sys
        from detector.stats.counters import Counters
        from detector.stats.flusher import Flusher
        from detector.stats.sqlite import SqliteStore
        counters = Counters("site")
        flusher = Flusher(counters, lambda: SqliteStore(sys.argv[1]), interval=0.005)
        for _ in range(50_000):
            counters.count("view")
            flusher.touch()
    """
    workers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(script), str(path)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for worker in workers:
        _, errors = worker.communicate(timeout=120)
        assert worker.returncode == 0
        # A wait for another writer that took too long is told, and made good at the next flush.
        assert not errors or "counts stay in memory" in errors
    assert views(path) == 200_000
