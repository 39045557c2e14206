"""Tests of detector.stats.sqlite and of opening a store by its option."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.stats.counters import Key
from detector.stats.sqlite import SqliteStore
from detector.stats.store import StoreError, open_store

VIEW: Key = (480_000, "site", "all", "", "", "view")
PHONE: Key = (480_000, "site", "device", "phone", "", "view")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet, in a folder that is not there yet."""
    return tmp_path / "new" / "folder" / "counts ?#%41.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """An open store at `path`."""
    made = SqliteStore(path)
    yield made
    made.close()


def test_adds(store: SqliteStore, path: Path) -> None:
    """Adding makes folder and file, and adds to the counts that are there."""
    store.add({VIEW: 2, PHONE: 1})
    store.add({VIEW: 3})
    assert list(store.rows()) == [(VIEW, 5), (PHONE, 1)]
    assert path.is_file()


def test_settings(store: SqliteStore, path: Path) -> None:
    """The file is in WAL mode and carries our mark and schema version."""
    store.add({VIEW: 1})
    other = sqlite3.connect(path)
    try:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert other.execute("PRAGMA user_version").fetchone() == (1,)
        assert other.execute("PRAGMA application_id").fetchone() == (0x61646264,)
    finally:
        other.close()
    assert store._connection is not None
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (1,)
    assert store._connection.execute("PRAGMA busy_timeout").fetchone() == (5000,)


def test_rows_of_an_hour_and_a_site(store: SqliteStore) -> None:
    """Rows can be asked from an hour on and of one site."""
    rows: dict[Key, int] = {
        (hour, site, "all", "", "", "view"): 1 for hour in (1, 2, 3) for site in ("a", "b")
    }
    store.add(rows)
    assert dict(store.rows()) == rows
    assert [key[:2] for key, _ in store.rows(since_hour=2)] == [
        (2, "a"),
        (2, "b"),
        (3, "a"),
        (3, "b"),
    ]
    assert [key[:2] for key, _ in store.rows(2, "b")] == [(2, "b"), (3, "b")]
    assert list(store.rows(site="c")) == []


def test_many_rows(store: SqliteStore) -> None:
    """Rows beyond one page of reading come once each and in order, while the store is written."""
    rows: dict[Key, int] = {(n, "site", "all", "", "", "view"): n + 1 for n in range(12_000)}
    store.add(rows)
    seen = []
    for number, row in enumerate(store.rows()):
        if number == 0:
            store.add({(11_999, "site", "all", "", "", "view"): 5})
        seen.append(row)
    rows[(11_999, "site", "all", "", "", "view")] += 5
    assert seen == sorted(rows.items())


def test_all_or_nothing(store: SqliteStore) -> None:
    """If one row cannot be written, none is, and the store works afterwards."""
    store.add({VIEW: 1})
    with pytest.raises(StoreError, match="cannot be used"):
        store.add({VIEW: 1, (480_001, "\ud800", "all", "", "", "view"): 1})
    with pytest.raises(StoreError, match="cannot be used"):
        store.add({VIEW: 1, (480_001, "site", "all", "", "", "view"): 2**70})
    store.add({PHONE: 1})
    assert list(store.rows()) == [(VIEW, 1), (PHONE, 1)]


def test_usable_after_close(store: SqliteStore) -> None:
    """A closed store opens again at its next use."""
    store.add({VIEW: 1})
    store.close()
    store.close()
    store.add({VIEW: 1})
    assert list(store.rows()) == [(VIEW, 2)]


def test_deleted_file(store: SqliteStore, path: Path) -> None:
    """When the file is deleted under a running site, counting goes on in a new one."""
    store.add({VIEW: 1})
    path.unlink()
    store.add({VIEW: 7})
    reader = SqliteStore(path, readonly=True)
    assert list(reader.rows()) == [(VIEW, 7)]
    reader.close()


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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork_inherits_no_connection(path: Path) -> None:
    """A forked child inherits no open connection, and both sides go on with their own."""
    script = """
import os, sys
from detector.stats.sqlite import SqliteStore
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
from detector.stats.sqlite import SqliteStore
key = (480_000, "site", "all", "", "", "view")
store = SqliteStore(sys.argv[1], timeout=60)
sys.stdin.readline()
for number in range(60):
    store.add({key: 1, (number, "site", "all", "", "", "view"): 1})
    if number % 20 == 0:
        store.close()
"""


def test_processes(path: Path) -> None:
    """Five processes that open a new file at once and add to it lose and double nothing."""
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


def test_newer_schema(store: SqliteStore, path: Path) -> None:
    """A file of a newer release is refused with both versions, and left as it is."""
    store.add({VIEW: 1})
    store.close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 2")
    other.close()
    before = path.read_bytes()
    for readonly in (False, True):
        later = SqliteStore(path, readonly=readonly)
        with pytest.raises(StoreError, match="schema version 2, this adblock-detector knows 1"):
            list(later.rows())
        later.close()
    with pytest.raises(StoreError, match="newer release"):
        store.add({VIEW: 1})
    store.close()
    assert path.read_bytes()[100:] == before[100:]


def test_foreign_database(tmp_path: Path) -> None:
    """Another program's SQLite file is refused, and gets no table of ours."""
    path = tmp_path / "theirs.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE notes (text)")
    for readonly in (False, True):
        store = SqliteStore(path, readonly=readonly)
        with pytest.raises(StoreError, match=r"database of another program.*--db"):
            store.add({VIEW: 1})
        store.close()
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("notes",)]
    other.close()


def test_not_a_database(tmp_path: Path) -> None:
    """A file that is no database is refused with a hint, and kept."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, this is no database at all. " * 40)
    before = path.read_bytes()
    store = SqliteStore(path)
    with pytest.raises(StoreError, match="no SQLite file: move it aside"):
        store.add({VIEW: 1})
    assert path.read_bytes() == before


def test_locked(store: SqliteStore, path: Path) -> None:
    """A lock that outlasts the timeout is an error that says so; afterwards the store works."""
    store.add({VIEW: 1})
    store.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    hasty = SqliteStore(path, timeout=0.05)
    try:
        with pytest.raises(StoreError, match="locked; another program holds a lock"):
            hasty.add({VIEW: 1})
    finally:
        other.close()
    hasty.add({VIEW: 1})
    assert list(hasty.rows()) == [(VIEW, 2)]
    hasty.close()


def test_unwritable_place(tmp_path: Path) -> None:
    """A folder that cannot be made is an error that names the option and the path."""
    (tmp_path / "file").write_text("")
    store = SqliteStore(tmp_path / "file" / "counts.sqlite")
    with pytest.raises(StoreError, match=r"option store: .*counts\.sqlite cannot be used"):
        store.add({VIEW: 1})


def test_a_folder_as_path(tmp_path: Path) -> None:
    """A folder in the place of the file is an error that says what is needed."""
    with pytest.raises(StoreError, match="unable to open database file; let the site's user"):
        SqliteStore(tmp_path).add({VIEW: 1})


def test_reading_makes_no_file(path: Path) -> None:
    """A read-only store at a missing file says so, names --db, and makes nothing."""
    store = SqliteStore(path, readonly=True)
    with pytest.raises(StoreError, match=r"there is no file .*--db"):
        list(store.rows())
    assert not path.parent.exists()


def test_reading_an_empty_file(tmp_path: Path) -> None:
    """A read-only store at an empty file says that it holds no counters."""
    path = tmp_path / "empty"
    path.touch()
    store = SqliteStore(path, readonly=True)
    with pytest.raises(StoreError, match="holds no counters"):
        list(store.rows())
    assert path.stat().st_size == 0


def test_reading_cannot_write(store: SqliteStore, path: Path) -> None:
    """A read-only store refuses to add."""
    store.add({VIEW: 1})
    reader = SqliteStore(path, readonly=True)
    with pytest.raises(StoreError, match="readonly"):
        reader.add({VIEW: 1})
    assert list(reader.rows()) == [(VIEW, 1)]
    reader.close()


def test_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path stays where it was meant when the process changes its folder later."""
    monkeypatch.chdir(tmp_path)
    store = open_store("counts.sqlite")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    store.add({VIEW: 1})
    store.close()
    assert (tmp_path / "counts.sqlite").is_file()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("counts.db", "counts.db"),
        ("/var/lib/counts.db", "/var/lib/counts.db"),
        ("sqlite:///counts.db", "counts.db"),
        ("sqlite:////var/lib/counts.db", "/var/lib/counts.db"),
        ("SQLite:///counts.db", "counts.db"),
        ("odd:name", "odd:name"),
    ],
)
def test_open_store(url: str, path: str) -> None:
    """A plain path and both kinds of sqlite URL open a SQLite store at that path."""
    store = open_store(url)
    assert isinstance(store, SqliteStore)
    assert store.path == Path(path).absolute()


@pytest.mark.parametrize(
    "url",
    [
        *("", " ", "a\0b", ":memory:", "sqlite:///", "sqlite:///:memory:"),
        *("sqlite://counts.db", "mysql://host/db", "https://host/db"),
    ],
)
def test_open_store_refuses(url: str) -> None:
    """Another scheme, or no path, is refused with the option's name and what is allowed."""
    with pytest.raises(ValueError, match=r"option store: .*allowed are a file path, sqlite:///"):
        open_store(url)
