"""The flusher over the life of processes: exits, signals, forks and several processes."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from detector.stores.sqlite.store import SqliteStore
from tests.core.counting.flusher.conftest import views


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
    """A process that exits normally loses no count."""
    script = """
        import sys
        from detector.core.counting.counters import Counters
        from detector.core.counting.flusher import Flusher
        from detector.stores.sqlite.store import SqliteStore
        counters = Counters("site")
        flusher = Flusher(counters, lambda: SqliteStore(sys.argv[1]), interval=3600)
        flusher.touch()
        counters.count("view")
        sys.exit(0)
    """
    run(script, path)
    assert views(path) == 1


def test_sigterm(path: Path) -> None:
    """A server that calls sys.exit at SIGTERM, as the flusher's module asks, loses no count."""
    script = """
        import signal, sys
        from detector.core.counting.counters import Counters
        from detector.core.counting.flusher import Flusher
        from detector.stores.sqlite.store import SqliteStore
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
    from detector.core.counting.counters import Counters
    from detector.core.counting.flusher import Flusher
    from detector.stores.sqlite.store import SqliteStore

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
    """Counts from before a fork are written by the parent, later ones by their own process."""
    run(FORK, path, touched, written)
    assert views(path) == 10 + 4 * 1000 + 4 * 1000
    store = SqliteStore(path, readonly=True)
    assert sum(n for key, n in store.rows() if key[2] == "browser") == 8010
    store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork_amid_counting_and_writing(path: Path) -> None:
    """A fork while other threads count and write blocks no process and keeps totals exact."""
    script = """
        import os, sys, threading
        from detector.core.counting.counters import Counters
        from detector.core.counting.flusher import Flusher
        from detector.stores.sqlite.store import SqliteStore

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
    """Totals of processes that write to one file with their own flushers are exact."""
    script = """
        import sys
        from detector.core.counting.counters import Counters
        from detector.core.counting.flusher import Flusher
        from detector.stores.sqlite.store import SqliteStore
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
        # If waiting for another writer times out, it is logged; the next flush retries.
        assert not errors or "counts stay in memory" in errors
    assert views(path) == 200_000
