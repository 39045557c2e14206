"""The dashboard shows the same for every store, and says when the store is down."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from werkzeug.test import Client

from detector.core.counting.store_url import open_store
from detector.dashboard import app
from detector.demo.traffic import fill
from tests.support.servers import Server

PAIRS = [("browser", "device")]
TABLES = (
    *("time", "kind", "browser", "device", "group"),
    *("funnel", "variants", "health", "refused"),
)
CHOICES = {
    "range=7d": TABLES,
    "range=24h": ("time", "group"),
    "range=90d&site=site": ("time", "kind"),
    "by=variant": ("funnel",),
    "by=kind": ("funnel",),
    "by=browser%2Bdevice": ("funnel",),
}


@contextmanager
def owner(url: str) -> Iterator[Client]:
    """Yield a client that the site's own log-in accepts."""
    store = open_store(url, readonly=True)
    try:
        yield Client(app(store, allowed=lambda _: True, pairs=PAIRS))
    finally:
        store.close()


@contextmanager
def filled(url: str, now: float) -> Iterator[Client]:
    """Fill a store with four days of views, the same for every store."""
    store = open_store(url)
    assert fill(store, now, days=4, views=15.0, pairs=PAIRS) > 500
    store.close()
    with owner(url) as client:
        yield client


def tables(client: Client, choice: str, names: Iterable[str]) -> dict[str, Any]:
    """Return tables of a choice, as they are exported."""
    found = {name: client.get(f"/export/{name}.json?{choice}").text for name in names}
    return {name: json.loads(text)["rows"] for name, text in found.items()}


def test_says_the_same(url: str, tmp_path: Path) -> None:
    """Every table has the same rows as with SQLite."""
    now = time.time()
    with filled(url, now) as found, filled(str(tmp_path / "same.sqlite"), now) as wanted:
        assert found.get("/").status_code == 200
        for choice, names in CHOICES.items():
            there = tables(wanted, choice, names)
            assert all(there.values())
            assert tables(found, choice, names) == there, choice


def test_store_away(server: Server) -> None:
    """While a store does not answer a page says so; later the figures are shown again."""
    with filled(server.url, time.time()) as client:
        server.stop()
        try:
            answer = client.get("/")
            assert (answer.status_code, "The counts cannot be read" in answer.text) == (503, True)
        finally:
            server.start()
        assert client.get("/").status_code == 200


def test_new_store(url: str) -> None:
    """With an empty store the page says so, and exports have no rows."""
    store = open_store(url)
    store.add({})
    store.close()
    with owner(url) as client:
        assert "Nothing was counted in this time" in client.get("/").text
        assert json.loads(client.get("/export/browser.json").text)["rows"] == []
        assert len(client.get("/export/browser.csv").text.splitlines()) == 1
