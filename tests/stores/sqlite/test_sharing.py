"""One SQLite file shared by threads, a fork and processes."""

from __future__ import annotations

import gc
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from detector.stores.sqlite import connection as sqlite_file
from detector.stores.sqlite.store import SqliteStore
from tests.stores.sqlite.conftest import PHONE, VIEW


def test_threads(store: SqliteStore) -> None:
    """Several threads on one store add exactly."""

    def work() -> None:
        for _ in range(50):
            store.add({VIEW: 1, PHONE: 2})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(store.rows()) == [(VIEW, 200), (PHONE, 400)]


def test_made_by_another_between_two_looks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file created by another process during this one's check is accepted."""
    number = sqlite_file.number
    others = iter([SqliteStore(path)])

    def slowly(connection: Any, question: str) -> int:
        found = number(connection, question)
        for other in others:
            other.add({VIEW: 1})
            other.close()
        return found

    monkeypatch.setattr(sqlite_file, "number", slowly)
    store = SqliteStore(path)
    store.add({VIEW: 1})
    assert list(store.rows()) == [(VIEW, 2)]
    store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork_inherits_no_connection(path: Path) -> None:
    """A forked child inherits no open connection; parent and child use their own."""
    script = """
import os, sys
from detector.stores.sqlite.store import SqliteStore
key = (480_000, "site", "all", "", "", "view")
store = SqliteStore(sys.argv[1])
store.add({key: 1})
assert store._connection is not None
child = os.fork()
assert store._connection is None
store.add({key: 1})
store.close()
if child:
    assert os.waitpid(child, 0)[1] == 0
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    store = SqliteStore(path, readonly=True)
    assert list(store.rows()) == [(VIEW, 3)]
    store.close()


PROCESS = """
import sys
from detector.stores.sqlite.store import SqliteStore
key = (480_000, "site", "all", "", "", "view")
store = SqliteStore(sys.argv[1], timeout=60)
sys.stdin.readline()
for number in range(60):
    store.add({key: 1, (number, "site", "all", "", "", "view"): 1})
    if number % 20 == 0:
        store.close()
"""


def test_processes(path: Path) -> None:
    """Five processes that open a new file at once and add to it neither lose nor double counts."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PROCESS, str(path)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(5)
    ]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        _, errors = worker.communicate(timeout=120)
        assert (worker.returncode, errors) == (0, "")
    store = SqliteStore(path, readonly=True)
    rows = dict(store.rows())
    store.close()
    assert rows.pop(VIEW) == 300
    assert rows == {(number, "site", "all", "", "", "view"): 5 for number in range(60)}


def test_collected(path: Path) -> None:
    """A store that nobody closed, as a dashboard's, closes its file when it is collected."""
    store = SqliteStore(path)
    store.add({VIEW: 1})
    connection = store._connection
    assert connection is not None
    del store
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
