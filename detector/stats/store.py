"""What every store of counters can do, and how one is opened from the option `store`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Protocol

from detector.stats.counters import Key


class StoreError(Exception):
    """The store cannot be used; the text names it and says how to mend that."""


class Store(Protocol):
    """A table of counts to which any number of processes add."""

    def add(self, rows: Mapping[Key, int]) -> None:
        """Add all counts or none; StoreError when they could not be written."""

    def rows(
        self, since_hour: int | None = None, site: str | None = None
    ) -> Iterator[tuple[Key, int]]:
        """Give the rows from that hour on (unix seconds // 3600) and of that site, in order."""

    def close(self) -> None:
        """Let go of files and connections; the next use opens them again."""


_ALLOWED = "allowed are a file path, sqlite:///relative/path and sqlite:////absolute/path"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def open_store(url: str, *, readonly: bool = False) -> Store:
    """Make the store that the option `store` names, without touching the disk yet.

    ValueError for another scheme or no path. A read-only one never makes a missing file.
    """
    path = url
    if scheme := _SCHEME.match(url):
        if scheme[1].lower() != "sqlite":
            raise ValueError(f"option store: no store is known for {url!r}; {_ALLOWED}")
        if not url[scheme.end() :].startswith("/"):
            raise ValueError(f"option store: {url!r} needs three slashes or four; {_ALLOWED}")
        path = url[scheme.end() + 1 :]
    if not path.strip() or "\0" in path or path == ":memory:":
        raise ValueError(f"option store: {url!r} names no file; {_ALLOWED}")
    from detector.stats.sqlite import SqliteStore

    return SqliteStore(path, readonly=readonly)
