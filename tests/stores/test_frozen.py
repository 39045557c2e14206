"""Servers that keep connections open without answering do not block anything."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from detector.core.counting.counters import Counters
from detector.core.counting.flusher import STOP_SECONDS, THROUGH_SECONDS, Flusher
from detector.core.counting.store import Store
from detector.core.counting.store_url import open_store
from detector.core.errors import StoreError
from detector.stores.postgres.store import PostgresStore
from detector.stores.redis.store import RedisStore
from tests.stores.conftest import VIEW, started
from tests.support.servers import Postgres, Redis, Server, until

STOP = 2.5
"""The seconds that a stop takes at most here, where a store has fewer to answer than on a site."""

START = """
    import os, signal, sys, threading, time
    from detector.core.counting import flusher
    flusher.STOP_SECONDS, flusher.THROUGH_SECONDS = 2.0, 1.0
    from detector.core.counting.counters import Counters
    from detector.core.counting.flusher import Flusher
    from detector.core.counting.store_url import open_store

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    counters = Counters("site", clock=lambda: 480_000 * 3600.0)
    stores = []

    def opened():
        stores.append(open_store(sys.argv[1]))
        return stores[-1]

    flusher = Flusher(counters, opened, interval=float(sys.argv[2]))
    counters.count("view")
    assert flusher.flush()
    print("connected", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(params=[Postgres, Redis, lambda: Redis(cluster=True)], ids=["pg", "redis", "cl"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Return a separate server that the test may freeze."""
    made = started(request.param)
    yield made
    made.thaw()
    made.remove()


@pytest.fixture
def alive() -> Callable[[], bool]:
    """Return a function: whether a flusher's thread runs that did not before this test."""
    before = set(threading.enumerate())

    def found() -> bool:
        new = set(threading.enumerate()) - before
        return any(thread.name.startswith("detector-flusher") for thread in new)

    return found


@pytest.fixture(autouse=True)
def stop_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait two seconds for a store that does not answer, here as in the script above."""
    monkeypatch.setattr("detector.core.counting.flusher.STOP_SECONDS", 2.0)
    monkeypatch.setattr("detector.core.counting.flusher.THROUGH_SECONDS", 1.0)


def test_a_stop_takes_five_seconds() -> None:
    """On a site a stop takes at most five seconds, and the end of an event loop half of that."""
    assert STOP_SECONDS + 0.5 <= 5.0
    assert THROUGH_SECONDS + 0.5 <= 2.5


def begin(script: str, server: Server, interval: float) -> subprocess.Popen[str]:
    """Run a script after the start above, and freeze the server once it is connected."""
    whole = textwrap.dedent(START) + textwrap.dedent(script)
    process = subprocess.Popen(
        [
            *(sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning"),
            *("-c", whole, server.url, str(interval)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    assert process.stdout.readline() == "connected\n"
    server.freeze()
    process.stdin.write("\n")
    process.stdin.flush()
    return process


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork_waits_for_no_write(server: Server) -> None:
    """A fork during a blocked write is not delayed; no count is lost or doubled."""
    script = """
        counters.count("view")
        thread = threading.Thread(target=flusher.flush, daemon=True)
        thread.start()
        while stores[0]._lock.acquire(blocking=False):  # until the write has it
            stores[0]._lock.release()
        began = time.monotonic()
        child = os.fork()
        if not child:
            counters.count("view")
            flusher.touch()
            print("child", time.monotonic() - began, flush=True)
            sys.stdin.close()
            while not flusher.flush():
                time.sleep(0.01)
            sys.exit(0)
        counters.count("view")
        print("parent", time.monotonic() - began, flush=True)
        assert os.waitpid(child, 0)[1] == 0
        thread.join()
        while not flusher.flush():
            time.sleep(0.01)
    """
    process = begin(script, server, 3600)
    assert process.stdout
    lines = [process.stdout.readline().split() for _ in range(2)]
    assert sorted(who for who, _ in lines) == ["child", "parent"]
    assert max(float(seconds) for _, seconds in lines) < 1
    server.thaw()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "Error" not in errors
    store = open_store(server.url)
    assert store.sums("all") == [(0, "", "", "view", 4)]
    store.close()


@pytest.mark.parametrize("interval", [0.01, 3600], ids=["amid a write", "before a write"])
def test_stop(server: Server, interval: float) -> None:
    """A stop takes at most `STOP` seconds, and logs the counts that could not be written."""
    script = """
        for _ in range(1234):
            counters.count("view", browser="firefox")
        flusher.touch()
        if flusher._interval < 1:
            while flusher._doubtful is None:
                time.sleep(0.001)
        print("counted", flush=True)
        while True:
            signal.pause()
    """
    process = begin(script, server, interval)
    assert process.stdout
    assert process.stdout.readline() == "counted\n"
    began = time.monotonic()
    process.terminate()
    _, errors = process.communicate(timeout=60)
    assert time.monotonic() - began < STOP + 1.5  # and the interpreter's exit on a busy machine
    assert process.returncode == 0
    assert "1,234 counts were not written" in errors


def test_close(server: Server, caplog: pytest.LogCaptureFixture, alive: Callable[[], bool]) -> None:
    """`close` takes at most `STOP` seconds, for the first time and again."""
    counters = Counters("site")
    flusher = Flusher(counters, lambda: open_store(server.url))
    counters.count("view")
    assert flusher.flush()
    server.freeze()
    counters.count("view")
    counters.count("view")
    began = time.monotonic()
    flusher.close()
    assert time.monotonic() - began < STOP
    assert caplog.messages[-1].startswith("2 counts were not written")
    server.thaw()
    until(lambda: not alive(), "the end of the write")


def test_close_of_several(server: Server) -> None:
    """At the exit of a process several sites take no longer than one."""
    script = """
        more = [Counters(f"site-{number}") for number in range(3)]
        for table in more:
            table.count("view")
            Flusher(table, opened, interval=3600).touch()
        print("counted", flush=True)
    """
    process = begin(script, server, 3600)
    assert process.stdout
    assert process.stdout.readline() == "counted\n"
    began = time.monotonic()
    _, errors = process.communicate(timeout=60)
    assert time.monotonic() - began < STOP + 1.5
    assert errors.count("1 counts were not written") == 3


def test_write_through(server: Server, alive: Callable[[], bool]) -> None:
    """Writing at every touch before the end of an event loop waits only once, and briefly."""
    counters = Counters("site")
    flusher = Flusher(counters, lambda: open_store(server.url), 3600, logging.getLogger("quiet"))
    counters.count("view")
    flusher.touch()
    assert flusher.flush()
    server.freeze()
    began = time.monotonic()
    counters.count("view")
    flusher.write_through()
    for _ in range(5):
        counters.count("view")
        flusher.touch()
    flusher.close()
    assert time.monotonic() - began < STOP
    server.thaw()
    until(lambda: not alive(), "the end of the write")


def test_write_ends(server: Server) -> None:
    """A write to a frozen server fails, and a later one works once the server resumes."""
    store: Store
    if isinstance(server, Postgres):
        store = PostgresStore(server.url, answer=1.0)
    else:
        store = RedisStore(server.url, timeout=1.0)
    store.add({VIEW: 1}, ("one", 1))
    server.freeze()
    began = time.monotonic()
    with pytest.raises(StoreError, match="cannot be used"):
        store.add({VIEW: 1}, ("one", 2))
    assert time.monotonic() - began < 15
    server.thaw()
    store.add({VIEW: 1}, ("one", 2))
    assert store.sums("all") == [(0, "", "", "view", 2)]
    store.close()


def test_dead_peers_are_noticed() -> None:
    """PostgreSQL's connections have TCP timeouts, for machines that disappear."""
    server = started(Postgres)
    store = PostgresStore(server.url)
    with store._using() as connection:
        assert isinstance(connection, psycopg.Connection)
        found = connection.info.get_parameters()
    store.close()
    server.remove()
    assert found["tcp_user_timeout"] == "10000"
    assert (found["keepalives_idle"], found["keepalives_interval"]) == ("30", "5")
    assert found["keepalives_count"] == "3"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_child_leaves_the_connection_of_its_parent(server: Server) -> None:
    """A child that exits does not end its parent's session."""
    script = """
        for _ in range(3):
            child = os.fork()
            if not child:
                counters.count("view")
                assert flusher.flush()
                flusher.close()
                sys.exit(0)
            assert os.waitpid(child, 0)[1] == 0
            before = stores[0]._connection if "psycopg" in sys.modules else stores[0]._client
            counters.count("view")
            assert flusher.flush()
            after = stores[0]._connection if "psycopg" in sys.modules else stores[0]._client
            assert before is after is not None
        flusher.close()
    """
    process = begin(script, server, 3600)
    server.thaw()
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    store = open_store(server.url)
    assert store.sums("all") == [(0, "", "", "view", 7)]
    store.close()
