"""Damaged files of a running site are set aside, and counting continues."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from detector.core.counting.dimensions import Key
from detector.core.errors import StoreError
from detector.stores.sqlite.store import SqliteStore
from tests.stores.sqlite.conftest import VIEW


def filled(path: Path) -> SqliteStore:
    """Return a closed store with many rows."""
    store = SqliteStore(path)
    rows: dict[Key, int] = {(n, "site", "group", f"/{n}", "", "view"): 1 for n in range(5000)}
    store.add({**rows, VIEW: 1})
    store.close()
    return store


def overwrite(path: Path, start: int) -> bytes:
    """Overwrite the file with garbage from an offset on; return its content."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"nonsense" * ((size - start) // 8))
    return path.read_bytes()


@pytest.mark.parametrize("start", [0, 100, 4096])
def test_moved_aside(path: Path, start: int, caplog: pytest.LogCaptureFixture) -> None:
    """A damaged file is renamed, with a message; new counts are written to a new file."""
    store = filled(path)
    damaged = overwrite(path, start)
    store.add({VIEW: 5})
    assert dict(store.rows()) == {VIEW: 5}
    store.close()
    (aside,) = path.parent.glob("*.damaged-*")
    assert aside.read_bytes() == damaged
    assert f"is kept as {aside.name}, and counting continues" in caplog.text


def test_damaged_under_an_open_connection(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Damage hidden by SQLite's cache is found when the file is reopened, every minute."""
    store = filled(path)
    store.add({VIEW: 1})
    for part in (path, Path(f"{path}-wal")):
        overwrite(part, 0)
    monkeypatch.setattr("detector.stores.sqlite.connection._REOPEN_AFTER", 0.0)
    store.add({VIEW: 7})
    assert dict(store.rows()) == {VIEW: 7}
    store.close()
    assert len(list(path.parent.glob("*.damaged-*[0-9]"))) == 1


def test_found_by_another_process(path: Path) -> None:
    """A file without its header is recognised by the log next to it."""
    running = filled(path)
    running.add({VIEW: 1})
    for part in (path, Path(f"{path}-wal")):
        overwrite(part, 0)
    store = SqliteStore(path)
    store.add({VIEW: 2})
    running.add({VIEW: 3})
    assert dict(store.rows()) == {VIEW: 5}
    store.close()
    running.close()


def test_twice(path: Path) -> None:
    """A second damaged file in the same second does not replace the first."""
    store = filled(path)
    overwrite(path, 4096)
    store.add({(n, "site", "group", f"/{n}", "", "view"): 1 for n in range(5000)})
    store.close()
    overwrite(path, 4096)
    store.add({VIEW: 1})
    store.close()
    assert len(list(path.parent.glob("*.damaged-*"))) == 2


def test_reader_moves_nothing(path: Path) -> None:
    """A reader reports a damaged file, and does not move it."""
    filled(path)
    overwrite(path, 4096)
    reader = SqliteStore(path, readonly=True)
    with pytest.raises(StoreError, match="damaged: the next write moves it aside"):
        list(reader.rows())
    reader.close()
    assert list(path.parent.glob("*.damaged-*")) == []


def test_many_find_it_at_once(path: Path) -> None:
    """Of several processes that find the damage one moves the file, and none the new one."""
    filled(path)
    overwrite(path, 4096)
    stores = [SqliteStore(path) for _ in range(6)]
    ready = threading.Barrier(len(stores))

    def work(store: SqliteStore) -> None:
        ready.wait()
        store.add({VIEW: 1})

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dict(stores[0].rows()) == {VIEW: 6}
    assert len(list(path.parent.glob("*.damaged-*"))) == 1
    for store in stores:
        store.close()


def test_full(store: SqliteStore) -> None:
    """If the file cannot grow, a flush writes nothing and logs it; counting resumes later."""
    store.add({VIEW: 1})
    assert store._connection is not None
    # Emulates SQLite's behaviour on a full disk.
    store._connection.execute("PRAGMA max_page_count = 1")
    rows: dict[Key, int] = {(n, "site", "group", f"/{n}", "", "view"): 1 for n in range(5000)}
    with pytest.raises(StoreError, match="full; free some disk space"):
        store.add(rows)
    assert dict(store.rows()) == {VIEW: 1}
    store.add(rows)
    assert dict(store.rows()) == {VIEW: 1, **rows}
