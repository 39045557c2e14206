"""Limits shared through each store: a report counts once, and clients are limited."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from detector.analytics.query import Summary, summary
from detector.core.config.loading import make_config
from detector.core.counting.store import Event, Store
from detector.core.counting.store_url import open_store
from detector.core.errors import StoreError
from detector.core.limits.shared_rate_limiter import MOST
from detector.core.site import Site
from detector.stores.claim_rows import HOURS
from tests.conftest import SECRET, Clock
from tests.stores.conftest import PHONE, VIEW
from tests.support.servers import Server
from tests.support.visiting import Visit

HOUR = VIEW[0]
REPEAT = (HOUR, "site", "reason", "repeat", "", "refused")
EVENT = Event((VIEW, PHONE), (REPEAT,))

Make = Callable[..., Site]


@pytest.fixture
def process(url: str) -> Iterator[Make]:
    """Yield a factory of sites that share the store, as processes do, and write on demand."""
    made: list[Site] = []

    def make(clock: Clock | None = None, **options: Any) -> Site:
        given = {"secret": SECRET, "store": url, "shared_limits": True, "flush_seconds": 3600}
        config = make_config(**{**given, **options})
        made.append(Site(config, clock) if clock else Site(config))
        return made[-1]

    yield make
    for site in made:
        site.close()


def flush(*sites: Site) -> None:
    """Flush these sites."""
    for site in sites:
        assert site.flusher and site.flusher.flush()


def counted(store: Store) -> Summary:
    """Return a store's summary."""
    return summary(store)


def claim(number: int, hour: int = HOUR) -> bytes:
    """Build a claim."""
    return hour.to_bytes(4, "big") + number.to_bytes(12, "big")


def test_claims(url: str, store: Store) -> None:
    """The first process to claim a report counts it; for later ones it is a repeat."""
    other = open_store(url)
    store.add_reports({claim(n): EVENT for n in range(3)}, ("one", 1))
    other.add_reports({claim(n): EVENT for n in (4, 2, 3)}, ("two", 1))
    other.add_reports({claim(2, HOUR + 1): Event((VIEW,), ())}, ("two", 2))
    store.add_reports({claim(2, HOUR + 1): Event((VIEW,), ())}, ("one", 2))
    assert dict(store.rows()) == {VIEW: 6, PHONE: 5, REPEAT: 1}
    other.close()


def test_a_batch_of_reports_counts_once(server: Server) -> None:
    """Retried reports, whose response was lost, count neither again nor as repeats."""
    store = open_store(server.url)
    store.add({VIEW: 1}, ("one", 1))
    for _ in range(2):
        store.add_reports({claim(1): EVENT, claim(2): EVENT}, ("one", 2))
    assert dict(store.rows()) == {VIEW: 3, PHONE: 2}
    store.close()


def test_baits_count_once(process: Make, store: Store) -> None:
    """The baits of a report that reaches two processes count as the report does: once."""
    one, two = process(), process()
    visits = [Visit(one), Visit(two)]
    control = visits[0].control()
    failed = [bait[1] for bait in control["b"][:2]]
    for visit in visits:
        visit.post({"t": control["t"], "p": visit.page, "s": "blocked", "i": "", "f": failed})
    flush(one, two)
    assert counted(store).verdicts["blocked"] == 1
    found = [(row.action, row.n) for row in store.sums("bait", step=24)]
    assert sorted(found) == [("asked", 1), ("asked", 1), ("missed", 1), ("missed", 1)]


def test_claims_are_let_go(url: str, store: Store, request: pytest.FixtureRequest) -> None:
    """A claim is deleted once the last token of its hour has expired, or with later reports."""
    store.add_reports({claim(1): EVENT})
    if "redis" in url:
        import redis

        server: Server = request.getfixturevalue(request.node.callspec.params["url"])
        with redis.Redis("127.0.0.1", server.port) as client:
            keys = list(client.scan_iter("*claims*"))
            assert len(keys) == 1
            assert HOURS * 3600 - 60 < client.ttl(keys[0]) <= HOURS * 3600
        return

    def pass_hours(*hours: int) -> None:
        for hour in hours:
            store.add({(HOUR + hour, "other", "all", "", "", "view"): 1})

    pass_hours(20, HOURS)
    store.add_reports({claim(2, HOUR + HOURS): EVENT})
    store.add_reports({claim(1): EVENT})
    assert dict(store.rows(site="site")) == {VIEW: 2, PHONE: 2, REPEAT: 1}
    pass_hours(HOURS + 1)
    store.add_reports({claim(3, HOUR + HOURS + 1): EVENT})
    store.add_reports({claim(1): EVENT})
    assert dict(store.rows(site="site")) == {VIEW: 4, PHONE: 4, REPEAT: 1}
    # A site that no longer shares limits has them deleted by the daily compaction.
    pass_hours(2 * HOURS - 1, 2 * HOURS + 20, 2 * HOURS + 24)
    store.compact(HOUR + 2 * HOURS + 24)
    store.add_reports({claim(3, HOUR + HOURS + 1): EVENT})
    assert sum(row.n for row in store.sums("all", site="site")) == 5


def test_drawers(url: str, store: Store) -> None:
    """Processes add to the same buckets; each site and each minute has its own."""
    other = open_store(url)
    assert store.tally("site", 100, {1: 10, 2: 5, 16383: 1}, 10) == set()
    assert other.tally("site", 100, {2: 6, 3: 1}, 10) == {2}
    assert store.tally("site", 100, {1: 1}, 10) == {1, 2}
    assert store.tally("site", 101, {1: 1}, 10) == set()
    assert store.tally("other", 100, {1: 1}, 10) == set()
    assert other.tally("site", 102, {1: 10, 2: 11}, 10) == {2}
    assert dict(store.rows()) == {}
    other.close()


def test_readers_do_not_claim(url: str, store: Store) -> None:
    """A read-only store is not written."""
    store.add({})
    reader = open_store(url, readonly=True)
    with pytest.raises(StoreError):
        reader.add_reports({claim(1): EVENT})
    with pytest.raises(StoreError):
        reader.tally("site", 100, {1: 1}, 10)
    reader.close()


def test_a_client_over_all(process: Make, store: Store, clock: Clock) -> None:
    """A client of four processes has the limit of one, and at most a flush more for each."""
    clock.now -= clock.now % 60
    visits = [Visit(process(clock)) for _ in range(4)]
    sent = 0
    for second in range(60):
        for visit in visits:
            visit.remote = "9.8.7.6"
            for _ in range(4):
                token = visit.site.tokens.view(f"{sent:020}")
                visit.post({"t": token, "p": visit.page, "s": "clear", "i": ""})
                sent += 1
        if second % 5 == 4:
            flush(*(visit.site for visit in visits))
        clock.now += 0.999
    found = counted(store)
    assert sent == 960
    assert MOST <= found.verdicts["clear"] <= MOST + 4 * 20
    assert found.verdicts["clear"] + found.refused["rate"] == sent
    assert set(found.refused) == {"rate"}


PROCESS = """
import sys
from detector.core.config.loading import make_config
from detector.core.site import Site
from tests.support.visiting import Visit
options = {"store": sys.argv[1], "shared_limits": True, "flush_seconds": float(sys.argv[2])}
site = Site(make_config(secret=sys.argv[3], **options))
visit = Visit(site)
print("ready", flush=True)
for line in sys.stdin:
    if line == "flush\\n":
        assert site.flusher.flush()
        print("flushed", flush=True)
        continue
    visit.post({"t": line.strip(), "p": visit.page, "s": "blocked", "i": "extension", "e": True})
site.close()
"""


Start = Callable[[float], "subprocess.Popen[str]"]


@pytest.fixture
def start(url: str) -> Iterator[Start]:
    """Yield a function that starts processes, which post the given tokens once all are ready."""
    workers: list[subprocess.Popen[str]] = []

    def started(seconds: float) -> subprocess.Popen[str]:
        worker = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PROCESS, url, str(seconds), SECRET],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        workers.append(worker)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        return worker

    yield started
    for worker in workers:
        if worker.poll() is None:
            worker.kill()
            worker.communicate(timeout=60)


def test_processes(start: Start, process: Make, store: Store) -> None:
    """The same reports sent to four processes at once count once each, all others as repeats."""
    tokens = [process().tokens.view(f"{number:020}") + "\n" for number in range(300)]
    workers = [start(0.1) for _ in range(4)]
    for number, token in enumerate(tokens):
        for worker in workers[number % 4 :] + workers[: number % 4]:
            assert worker.stdin is not None
            worker.stdin.write(token if number % 50 else f"{token}flush\n")
            worker.stdin.flush()
    for worker in workers:
        _, errors = worker.communicate(timeout=120)
        assert worker.returncode == 0
        # A timed-out wait for another writer is logged, and repeated at the next flush.
        assert not errors or "counts stay in memory" in errors
    found = counted(store)
    assert (found.verdicts["blocked"], found.refused) == (300, {"repeat": 900})
    assert (found.unshared, found.dropped, found.errors) == (0, 0, 0)
    assert sum(row.n for row in store.sums("kind") if row.action == "verdict") == 300


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill so")
def test_killed(start: Start, process: Make, store: Store) -> None:
    """A killed process loses its unwritten data, claims and counts alike."""
    site = process()
    tokens = [site.tokens.view(f"{number:020}") for number in range(20)]
    worker = start(3600)
    assert worker.stdin and worker.stdout
    worker.stdin.write("\n".join([*tokens[:10], "flush", *tokens[10:], "flush", ""]))
    worker.stdin.flush()
    assert worker.stdout.readline() == "flushed\n"
    assert worker.stdout.readline() == "flushed\n"
    more = [site.tokens.view(f"{number:020}") for number in range(20, 30)]
    worker.stdin.write("\n".join([*more, ""]))
    worker.stdin.flush()
    worker.send_signal(signal.SIGKILL)
    worker.communicate(timeout=60)
    visit = Visit(site)
    for token in tokens + more:
        visit.post({"t": token, "p": visit.page, "s": "blocked", "i": "extension", "e": True})
    flush(site)
    found = counted(store)
    assert (found.verdicts["blocked"], found.refused) == (30, {"repeat": 20})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_forked(process: Make, store: Store) -> None:
    """A child of a process with shared limits shares them too, with its own connections."""
    site = process()
    visit = Visit(site)
    visit.report(visit.control(f"{0:020}"))
    flush(site)
    visit.report(visit.control(f"{1:020}"))
    first = [site.tokens.view(f"{number:020}") for number in (0, 1, 2)]
    child = os.fork()
    if not child:
        try:
            site.recent_views.__init__()  # type: ignore[misc]  # as a process that knows none of them
            for token in first:
                visit.post({"t": token, "p": visit.page, "s": "clear", "i": ""})
            site.close()
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    flush(site)
    found = counted(store)
    assert (found.verdicts["clear"], found.refused) == (3, {"repeat": 2})


def test_beside_an_older_program(url: str, process: Make, store: Store) -> None:
    """A program without shared limits keeps using the same store, with the same schema version."""
    store.add({})
    version = version_of(url)
    one, older = process(), process(shared_limits=False)
    for site in (one, older):
        visit = Visit(site)
        visit.report(visit.control())
    flush(one, older, one)
    assert counted(store).verdicts["clear"] == 2
    assert version_of(url) == version
    late = open_store(url)
    late.add({VIEW: 1})
    late.close()


def version_of(url: str) -> int:
    """Return the schema version of a store."""
    if url.startswith("sqlite"):
        import sqlite3

        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.close()
        return int(found)
    if "redis" in url:
        import redis

        from detector.stores.redis.sites import VERSION

        with redis.Redis("127.0.0.1", int(url.rpartition(":")[2].partition("/")[0])) as client:
            return int(client.get("detector:{site}:schema") or VERSION)
    import psycopg

    with psycopg.connect(url) as connection_:
        row = connection_.execute("SELECT version FROM detector_schema").fetchone()
        return int(row[0]) if row else 0
