"""Fixtures of the tests of the stores: an empty store of each kind, its server, and writers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Store
from detector.core.counting.store_url import open_store
from detector.testing.machine import missing
from tests.support.servers import Missing, Postgres, Redis, Server
from tests.support.writers import Writer

KINDS = ("sqlite", "postgres", "redis", "cluster")
VIEW: Key = (480_000, "site", "all", "", "", "view")
PHONE: Key = (480_000, "site", "device", "phone", "", "view")


def started(make: Callable[[], Server]) -> Server:
    """Start a server; if it is not installed, skip, or fail where CI is set."""
    try:
        server = make()
        server.start()
    except Missing as error:
        missing(error)
    return server


def _kept(make: Callable[[], Server]) -> Iterator[Server]:
    server = started(make)
    yield server
    server.remove()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Yield a running PostgreSQL."""
    yield from _kept(Postgres)


@pytest.fixture(scope="session")
def redis() -> Iterator[Server]:
    """Yield a running Redis."""
    yield from _kept(Redis)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Server]:
    """Yield a running Redis Cluster of one server."""
    yield from _kept(lambda: Redis(cluster=True))


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty store of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'counts.sqlite'}"
    server: Server = request.getfixturevalue(request.param)
    empty(server)
    return server.url


@pytest.fixture(params=KINDS[1:])
def server(request: pytest.FixtureRequest) -> Server:
    """Return an empty server of each kind."""
    found: Server = request.getfixturevalue(request.param)
    empty(found)
    return found


def empty(server: Server) -> None:
    """Delete all data of a server."""
    if isinstance(server, Postgres):
        import psycopg

        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return
    import redis as driver

    with driver.Redis("127.0.0.1", server.port) as client:
        client.flushall()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Yield an empty store."""
    made = open_store(url)
    yield made
    made.close()


@pytest.fixture
def one(url: str) -> Iterator[Writer]:
    """Return a process."""
    made = Writer(url, "one")
    yield made
    made.store.close()


@pytest.fixture
def two(url: str) -> Iterator[Writer]:
    """Return another process."""
    made = Writer(url, "two")
    yield made
    made.store.close()
