"""Servers that stop under load, restart, or never existed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from detector.analytics.query import summary
from detector.core.config.loading import make_config
from detector.core.counting.counters import Counters
from detector.core.counting.flusher import Flusher
from detector.core.counting.store_url import open_store
from detector.core.errors import StoreError
from detector.core.site import Site
from detector.testing.machine import free_port
from tests.conftest import SECRET
from tests.stores.conftest import VIEW, started
from tests.support.servers import Postgres, Redis, Server, until
from tests.support.visiting import Visit

# A crashed PostgreSQL loses claims: a report from before may then count again.
SHARED = [(Postgres, "stop"), (Redis, "stop"), (Redis, "crash")]
PASSWORD = "correct-horse"


@pytest.mark.parametrize("scheme", ["postgresql", "redis", "redis+cluster"])
def test_no_server(scheme: str) -> None:
    """The error for an unreachable server names it without the password."""
    url = f"{scheme}://user:{PASSWORD}@127.0.0.1:{free_port()}/0"
    store = open_store(url, readonly=True)
    with pytest.raises(
        StoreError, match=r"option store: .*//user@127\.0\.0\.1:\d+.*is the server running"
    ) as found:
        list(store.rows())
    assert PASSWORD not in str(found.value)
    store.close()


def test_wrong_password(redis: Server) -> None:
    """A rejected password is not printed."""
    store = open_store(redis.url.replace("//", f"//user:{PASSWORD}@"))
    with pytest.raises(StoreError, match="check user and password") as found:
        store.add({VIEW: 1})
    assert PASSWORD not in str(found.value)
    store.close()


@pytest.fixture(params=[Postgres, Redis])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Yield a separate server that the test may stop."""
    made = started(request.param)
    yield made
    made.remove()


@pytest.mark.parametrize("how", ["stop", "crash"])
def test_stopped_under_load(server: Server, how: str) -> None:
    """Counting continues during stops and crashes of the server, and no count is lost."""
    counters = Counters("site")
    quiet = logging.getLogger("quiet")
    flusher = Flusher(counters, lambda: open_store(server.url), 0.002, quiet)
    done = threading.Event()
    counted = [0, 0]

    def work(slot: int) -> None:
        while not done.wait(0.0005):
            counters.count("view", group=f"/{counted[slot] % 5}")
            counted[slot] += 1
            flusher.touch()

    threads = [threading.Thread(target=work, args=(slot,)) for slot in (0, 1)]
    for thread in threads:
        thread.start()
    reader = open_store(server.url)

    def grows() -> Callable[[], bool]:
        before = sum(row.n for row in reader.sums("all"))
        return lambda: sum(row.n for row in reader.sums("all")) > before

    try:
        for _ in range(2):
            until(grows(), "a write")
            reader.close()
            server.stop() if how == "stop" else server.crash()
            now = sum(counted)
            until(lambda now=now: sum(counted) > now + 20, "counting")  # type: ignore[misc]
            server.start()
        until(grows(), "a write")
    finally:
        done.set()
        for thread in threads:
            thread.join()
        flusher.close()
    assert counters.snapshot() == {}
    assert reader.sums("all") == [(0, "", "", "view", sum(counted))]
    assert sum(row.n for row in reader.sums("group")) == sum(counted)
    reader.close()


@pytest.mark.parametrize(("server", "how"), SHARED, indirect=["server"])
def test_stopped_while_limits_are_shared(server: Server, how: str) -> None:
    """Reports sent to two processes count once each while the server stops and restarts."""
    config = make_config(secret=SECRET, store=server.url, shared_limits=True, flush_seconds=0.1)
    sites = [Site(config) for _ in range(2)]
    for site in sites:
        assert site.flusher
        site.flusher._log = logging.getLogger("quiet")
    visits = [Visit(site) for site in sites]
    done = threading.Event()
    sent = [0]

    def work() -> None:
        while not done.wait(0.0005):
            token = sites[0].tokens.view(f"{sent[0]:020}")
            for visit in visits[:: 1 if sent[0] % 2 else -1]:
                visit.post({"t": token, "p": visit.page, "s": "clear", "i": ""})
            sent[0] += 1

    thread = threading.Thread(target=work)
    thread.start()
    reader = open_store(server.url)
    try:
        for _ in range(2):
            before = sent[0]
            until(lambda n=before: summary(reader).verdicts["clear"] > n, "a write")  # type: ignore[misc]
            reader.close()
            server.stop() if how == "stop" else server.crash()
            before = sent[0]
            until(lambda n=before: sent[0] > n + 200, "reports")  # type: ignore[misc]
            server.start()
    finally:
        done.set()
        thread.join()
        for site in sites:
            site.close()
    found = summary(reader)
    assert (found.verdicts["clear"], found.refused) == (sent[0], {"repeat": sent[0]})
    assert (found.unshared, found.dropped) == (0, 0)
    reader.close()
