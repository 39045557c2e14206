"""`detector export --to clickhouse` over HTTP, and how it signs in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from detector.cli.main import main
from detector.core.counting.store_url import open_store
from detector.testing.machine import free_port
from detector.warehouse.clickhouse import ClickHouseDay
from detector.warehouse.clickhouse_server import PASSWORD, connect
from detector.warehouse.schema import Exported
from tests.support.clickhouse import is_installed
from tests.support.root import ROOT
from tests.warehouse.sample import FIRST, fill

RIGHT = "p@ss/w:rd 'ü%20"


class Server(NamedTuple):
    """A running server."""

    port: int
    log: Path
    process: subprocess.Popen[str]


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Run a server with ClickHouse's engine, whose tables are in a folder."""
    is_installed()
    command = [sys.executable, "-m", "tests.support.clickhouse_bridge", RIGHT, str(folder / "data")]
    with (
        (folder / "log").open("a") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT) as it,
    ):
        assert it.stdout
        try:
            yield Server(int(it.stdout.readline()), folder / "log", it)
        finally:
            it.terminate()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield a server with ClickHouse's engine."""
    with serving(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a store with four days of two sites, two days of them complete."""
    path = tmp_path_factory.mktemp("filled") / "counts.sqlite"
    store = open_store(str(path))
    fill(store, sites=("news", "shop"))
    store.close()
    return path


@pytest.fixture
def counts(filled: Path, tmp_path: Path) -> str:
    """Return the path of a copy of that store."""
    return str(shutil.copy(filled, tmp_path))


def command(counts: str, port: int, *more: str, database: str = "default") -> list[str]:
    """Return the arguments of an export."""
    into = f"http://counter@127.0.0.1:{port}/{database}"
    return ["export", "--to", "clickhouse", "--db", counts, "--into", into, *more]


def test_over_http(
    server: Server,
    counts: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An export over HTTP has each row; the next one writes nothing; the password is in a file."""
    (tmp_path / "password").write_text(f"{RIGHT}\n", "utf-8")
    monkeypatch.delenv(PASSWORD, raising=False)
    asked = command(counts, server.port, "--password-file", str(tmp_path / "password"))
    assert main(asked) == 0
    assert capsys.readouterr().out.count(": 2 days written, 2026-10-29 to 2026-10-30, ") == 2
    assert main(asked) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{site}: 0 days written; 2 unchanged; complete up to 2026-10-30"
        for site in ("news", "shop")
    ]
    client, _ = connect(f"http://counter@127.0.0.1:{server.port}", RIGHT)
    question = "SELECT count(), sum(n), min(hour), max(hour) FROM detector_counts"
    count, total, first, last = client.query(question).result_rows[0]
    client.close()
    store = open_store(counts, readonly=True)
    rows = dict(store.rows(None, None, FIRST + 48))
    store.close()
    assert (count, total) == (len(rows), sum(rows.values()))
    assert (first.hour, last.hour) == (0, 23)


def test_says_nothing_about_this_machine(
    server: Server, counts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server learns the client's version, and no user of this machine."""
    monkeypatch.setenv(PASSWORD, RIGHT)
    assert main(command(counts, server.port)) == 0
    agents = set(server.log.read_text().splitlines())
    assert agents
    assert all(one.startswith("detector clickhouse-connect/") for one in agents), agents
    assert not [one for one in agents if "os_user" in one or "pandas" in one]


@pytest.mark.parametrize("password", ["", "wrong-password"])
def test_wrong_password(
    server: Server,
    counts: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    password: str,
) -> None:
    """A wrong password ends with 2 and where it comes from, and is not printed."""
    monkeypatch.setenv(PASSWORD, password)
    assert main(command(counts, server.port)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "Authentication failed" in told.err
    assert "the password in CLICKHOUSE_PASSWORD or --password-file" in told.err
    assert "wrong-password" not in told.err
    assert len(told.err.splitlines()) == 1


def test_missing_database(
    server: Server,
    counts: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A database that does not exist is to be created, or another to be named."""
    monkeypatch.setenv(PASSWORD, RIGHT)
    assert main(command(counts, server.port, database="nothing")) == 2
    assert "create the database, or name another one (--into)" in capsys.readouterr().err


def test_server_that_ends_in_the_midst(
    counts: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Days before the end of a server stay; the next run writes the one in its midst, whole."""
    monkeypatch.setenv(PASSWORD, RIGHT)
    commit, left = ClickHouseDay.commit, 1
    with serving(tmp_path) as server:

        def ending(day: ClickHouseDay, noted: Exported) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                server.process.kill()
                server.process.wait()
            commit(day, noted)

        monkeypatch.setattr(ClickHouseDay, "commit", ending)
        assert main(command(counts, server.port, "--site", "news")) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert "is the server running" in told.err
    monkeypatch.setattr(ClickHouseDay, "commit", commit)
    with serving(tmp_path) as server:
        assert main(command(counts, server.port, "--site", "news")) == 0
        client, _ = connect(f"http://counter@127.0.0.1:{server.port}", RIGHT)
        found = client.query("SELECT count(), sum(n) FROM detector_counts").result_rows[0]
        held = client.query("SELECT count() FROM detector_rows").result_rows[0]
        client.close()
    line = capsys.readouterr().out
    assert line.startswith("news: 1 day written, 2026-10-30, ")
    assert "; 1 unchanged;" in line
    store = open_store(counts, readonly=True)
    rows = dict(store.rows(None, "news", FIRST + 48))
    store.close()
    assert tuple(found) == (len(rows), sum(rows.values()))
    assert held[0] > found[0]


class Proxy(BaseHTTPRequestHandler):
    """A proxy or site in the place of ClickHouse."""

    status = 200

    def do_POST(self) -> None:
        """Answer with a page that is none of ClickHouse's."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, format: str, *arguments: Any) -> None:
        """Log nothing."""


def refused(counts: str, port: int) -> str:
    """Return the only line that the command prints for a server, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "detector.cli", *command(counts, port)],
        env={**os.environ, PASSWORD: RIGHT},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert RIGHT not in done.stderr
    (line,) = done.stderr.splitlines()
    return line


def test_server_that_is_away(counts: str) -> None:
    """A server that does not answer ends with 2 and one line, without the password."""
    port = free_port()
    line = refused(counts, port)
    assert line.startswith(f"detector export: http://127.0.0.1:{port}/default cannot be used: ")
    assert line.endswith("; is the server running, and is --into correct?")


@pytest.mark.parametrize("status", [200, 302, 404, 502])
def test_something_else_answers(counts: str, status: int) -> None:
    """A proxy, a site or a redirection in the place of the server is named in one line."""
    handler = type("Answering", (Proxy,), {"status": status})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            line = refused(counts, server.server_port)
        finally:
            server.shutdown()
            thread.join()
    assert "/default cannot be used: " in line
    assert line.endswith(("is --into correct?", "see the server's log"))


@pytest.mark.parametrize(
    "into",
    [
        *("folder", "clickhouse://host/db", "http://", "https://host:0/db", "https://host:x/db"),
        *("https://host/a/b", "https://host/db?password=x", "https://host/db#x", "https://[::1"),
    ],
)
def test_bad_urls(counts: str, capsys: pytest.CaptureFixture[str], into: str) -> None:
    """What names no database is refused with an example."""
    arguments = ["export", "--to", "clickhouse", "--db", counts, "--into", into]
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert "--into: it is no URL of a ClickHouse database: write https://user@host" in error
    assert "password=x" not in error


@pytest.mark.parametrize("user", ["user:hunter2", "user:", "user:hun/ter2", "user:hunt#er2"])
def test_passwords_in_urls(counts: str, capsys: pytest.CaptureFixture[str], user: str) -> None:
    """A password in the URL is refused, and not printed."""
    into = f"https://{user}@host/db"
    assert main(["export", "--to", "clickhouse", "--db", counts, "--into", into]) == 2
    error = capsys.readouterr().err
    assert "--into: a URL with a password is seen by everybody on this machine" in error
    assert "hun" not in error


def test_password_file_that_is_missing(
    counts: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that cannot be read is named."""
    for path, reason in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory")):
        assert main(command(counts, 1, "--password-file", str(path))) == 2
        assert f"--password-file: {path} cannot be read: {reason}" in capsys.readouterr().err
    (tmp_path / "bytes").write_bytes(b"\xff")
    assert main(command(counts, 1, "--password-file", str(tmp_path / "bytes"))) == 2
    assert "cannot be read: it is no text" in capsys.readouterr().err
