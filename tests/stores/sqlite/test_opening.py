"""Opening a store by its option: paths, URLs, and refused values."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.core.counting.store_url import open_store
from detector.stores.sqlite.store import SqliteStore
from tests.stores.sqlite.conftest import VIEW


def test_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path is resolved at the start, also if the process changes its folder later."""
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
    """Another scheme, or no path, is refused with the option's name and the allowed values."""
    with pytest.raises(ValueError, match=r"option store: .*allowed are a file path, sqlite:///"):
        open_store(url)
