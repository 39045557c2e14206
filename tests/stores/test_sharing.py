"""One store shared by processes, a fork and two versions, and retried batches."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
from typing import Any

import pytest

from detector.core.counting.counters import Counters
from detector.core.counting.flusher import Flusher
from detector.core.counting.store import Store
from detector.core.counting.store_url import open_store
from detector.core.errors import StoreError
from tests.stores.conftest import PHONE, VIEW
from tests.support.servers import Postgres, Redis, Server

PROCESS = """
import sys
from detector.core.counting.store_url import open_store
key = (480_000, "site", "all", "", "", "view")
store = open_store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for number in range(40):
    rows = {key: 1, (number, "site", "all", "", "", "view"): 1}
    store.add(rows if number % 2 else dict(reversed(rows.items())), (sys.argv[2], number))
    if number % 20 == 0:
        store.close()
    if number % 10 == 0:
        store.compact(40, again=True)
store.close()
"""


def test_processes(url: str, store: Store) -> None:
    """Processes that create the tables at once and add to the same rows count exactly."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PROCESS, url, f"w{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        _, errors = worker.communicate(timeout=120)
        assert (worker.returncode, errors) == (0, "")
    rows = dict(store.rows())
    assert rows.pop(VIEW) == 160
    assert rows == {(number, "site", "all", "", "", "view"): 4 for number in range(40)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork(url: str, store: Store) -> None:
    """A forked child inherits no connection; parent and child use their own."""
    script = """
import os, sys
from detector.core.counting.store_url import open_store
key = (480_000, "site", "all", "", "", "view")
store = open_store(sys.argv[1])
store.add({key: 1})
child = os.fork()
for _ in range(20):
    store.add({key: 1})
store.close()
if child:
    assert os.waitpid(child, 0)[1] == 0
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, url],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert list(store.rows()) == [(VIEW, 41)]


def test_a_batch_counts_once(server: Server) -> None:
    """A retried batch is not added again; the outcome of a write to SQLite is always known."""
    store, other = open_store(server.url), open_store(server.url)
    store.add({VIEW: 1}, ("one", 1))
    store.add({VIEW: 1}, ("one", 1))
    store.add({VIEW: 1}, ("one", 2))
    store.add({VIEW: 1}, ("two", 1))
    store.add({VIEW: 1}, ("one", 1))
    other.add({VIEW: 1, PHONE: 1}, ("one", 2))
    assert dict(store.rows()) == {VIEW: 3}
    store.close()
    other.close()


@pytest.mark.parametrize("error", [SystemExit(0), MemoryError()], ids=repr)
def test_interrupted_while_it_waits(
    server: Server, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """A process that is interrupted before it has read the answer repeats the same batch."""
    store: Any = open_store(server.url)
    counters = Counters("site", clock=lambda: 480_000 * 3600.0)
    flusher = Flusher(counters, lambda: store, 3600, logging.getLogger("quiet"))
    counters.count("view")
    with store._using() as connection:
        name = "commit" if isinstance(server, Postgres) else "eval"
        ask = getattr(connection, name)

        def interrupted(*given: Any) -> None:
            ask(*given)
            raise error

        monkeypatch.setattr(connection, name, interrupted)
    with contextlib.suppress(SystemExit):
        assert not flusher.flush()
    assert flusher.flush()
    assert dict(store.rows()) == {VIEW: 1}
    flusher.close()


def test_newer_schema(server: Server) -> None:
    """A store of a newer release is refused with both versions, and is unchanged."""
    store = open_store(server.url)
    store.add({VIEW: 1})
    make_newer(server)
    store.add({VIEW: 1})  # open connections keep working, as during a deploy
    for readonly in (False, True):
        later = open_store(server.url, readonly=readonly)
        with pytest.raises(
            StoreError, match=r"schema version 99.* knows \d at most.*newer release"
        ):
            list(later.rows())
        later.close()
    later = open_store(server.url)
    with pytest.raises(StoreError, match="schema version 99"):
        later.add({VIEW: 1})
    later.close()
    make_newer(server, 1)
    assert dict(store.rows()) == {VIEW: 2}
    store.close()


def make_newer(server: Server, version: int = 99) -> None:
    """Change a server's data to look as if another release had written it."""
    if isinstance(server, Redis):
        import redis

        with redis.Redis("127.0.0.1", server.port) as client:
            client.set("detector:{site}:schema", version)
        return
    import psycopg

    with psycopg.connect(server.url) as connection:
        connection.execute("UPDATE detector_schema SET version = %s", (version,))


def test_nothing_to_read(url: str) -> None:
    """A reader of an empty store creates nothing, and says so or returns nothing."""
    reader = open_store(url, readonly=True)
    try:
        assert list(reader.rows()) == []
        assert "redis" in url
    except StoreError as error:
        assert "start the site once" in str(error) or "there is no file" in str(error)
    reader.close()
    made = open_store(url)
    made.add({})
    made.close()
