"""Fixtures of the tests of `detector watch`: a store in trouble, and servers that hear of it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from detector.cli.main import main
from detector.core.counting.dimensions import Key
from detector.stores.sqlite.store import SqliteStore


class Hook:
    """A web hook on this machine: what was posted to it, and how it answers."""

    def __init__(self) -> None:
        self.posted: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.status = 204
        self.location = ""
        self.done = threading.Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.posted.append(json.loads(body))
                hook.headers.append(dict(self.headers))
                if hook.status == 0:  # hangs until the test is over
                    hook.done.wait(60)
                    return
                self.send_response(hook.status)
                if hook.location:
                    self.send_header("Location", hook.location)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks/SECRET"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self.done.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    """Yield a web hook that answers 204."""
    made = Hook()
    yield made
    made.close()


class Counts:
    """A store that tests fill with hours, and what the command says of it."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.state = path.with_name("watch.json")
        self._capsys = capsys
        self.hour = int(time.time() // 3600)
        self.out = self.err = ""

    def hours(
        self, states: dict[str, int], since: int, until: int = 0, site: str = "news"
    ) -> Counts:
        """Add verdicts by state to every hour, from `since` to `until` hours ago."""
        rows: dict[Key, int] = {}
        for hour in range(self.hour - since, self.hour - until):
            for state, n in states.items():
                rows[hour, site, "all", "", state, "verdict"] = n
            rows[hour, site, "all", "", "", "view"] = sum(states.values())
        store = SqliteStore(self.path)
        store.add(rows)
        store.close()
        return self

    def watch(self, *options: str) -> int:
        """Run `detector watch`; keep what it prints."""
        self._capsys.readouterr()
        status = main(["watch", "--db", str(self.path), *options])
        self.out, self.err = self._capsys.readouterr()
        return status

    def told(self, *options: str) -> int:
        """Run it with the state file."""
        return self.watch("--state", str(self.state), *options)


@pytest.fixture
def counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Counts:
    """Return an empty store."""
    return Counts(tmp_path / "counts.sqlite", capsys)


@pytest.fixture
def calm(counts: Counts) -> Counts:
    """Return a store of four weeks in which nothing happens."""
    return counts.hours({"blocked": 20, "clear": 80}, 4 * 168 + 7)


@pytest.fixture
def jumped(counts: Counts) -> Counts:
    """Return a store in which the share of blocked views jumped in the last six hours."""
    counts.hours({"blocked": 20, "clear": 80}, 4 * 168 + 7, 6)
    return counts.hours({"blocked": 70, "clear": 30}, 6)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Callable[[], float]:
    """Limit every delivery to a second, and return how long ago the test began."""
    for module in ("webhook", "mail", "command"):
        monkeypatch.setattr(f"detector.watch.{module}.SECONDS", 1.0)
    began = time.monotonic()
    return lambda: time.monotonic() - began
