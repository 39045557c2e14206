"""Fixtures: a store with an invented month, and clients of the dashboard that keep cookies."""

from __future__ import annotations

import base64
import hashlib
import time

import pytest
from werkzeug.test import Client

from detector.core.counting.counters import Counters
from detector.dashboard import app
from detector.dashboard.password import make
from detector.demo.traffic import fill
from detector.stores.sqlite.store import SqliteStore

PASSWORD = "correct horse battery"
EVIL = '<script>alert("x")</script>'


@pytest.fixture(scope="session")
def hashed() -> str:
    """Return the hash of the tests' password."""
    return make(PASSWORD)


@pytest.fixture(scope="session")
def quick() -> str:
    """Return a hash of the tests' password that is fast to check."""
    return quick_hash()


def quick_hash() -> str:
    """Make such a hash."""
    salt = b"salt of the tests"
    found = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=2, r=1, p=1, dklen=32)
    words = [base64.urlsafe_b64encode(raw).decode() for raw in (salt, found)]
    return ":".join(["scrypt", "2", "1", "1", *words])


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a store of a month, with a hostile path group and one with few views."""
    path = tmp_path_factory.mktemp("filled") / "counts.sqlite"
    store = SqliteStore(path)
    assert fill(store, time.time(), days=30, views=12.0, pairs=[("browser", "device")]) > 4000
    counters = Counters("site")
    for group, views in ((EVIL, 40), ("=cmd", 30), ("/rare", 3)):
        for _ in range(views):
            counters.count("view", group=group)
            counters.count("verdict", "blocked", group=group, kind="extension")
    store.add(counters.drain())
    store.close()
    return str(path)


@pytest.fixture
def client(filled: str, quick: str) -> Client:
    """Return a client that has not signed in."""
    return Client(app(filled, password=quick))


@pytest.fixture(scope="module")
def owner(filled: str) -> Client:
    """Return a client whom the site's own log-in accepts."""
    return Client(app(filled, allowed=lambda _: True))


def token_of(page: str) -> str:
    """Find the token of a page's form."""
    return page.partition('name="token" value="')[2].partition('"')[0]


def sign_in(client: Client, at: str = "") -> None:
    """Sign in as the owner does."""
    form = {"token": token_of(client.get(f"{at}/sign-in").text), "password": PASSWORD}
    answer = client.post(f"{at}/sign-in", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "./")
