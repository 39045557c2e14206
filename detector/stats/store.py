"""What every store of counters can do, and how one is opened from the option `store`."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from detector.core.errors import StoreError
from detector.stats.counters import Key
from detector.stats.masking import masked

Batch = tuple[str, int]
"""A writer's random name and the running number of what it adds."""


class Event(NamedTuple):
    """What a report adds: 1 to each of the first rows where it is new, else to the others."""

    new: tuple[Key, ...]
    again: tuple[Key, ...]


Reports = Mapping[bytes, Event]
"""Reports of one site by their claim, of which a store takes each once (see `shared/`)."""

HOURLY_DAYS = 30
KEPT_DAYS = 761
"""Rows stand by the hour for 30 days, then by the day; after 25 months they go."""

_MOST = 2**62


class Sum(NamedTuple):
    """Counts of one dimension added up: `hour` is the start of its step."""

    hour: int
    value: str
    state: str
    action: str
    n: int


class Store(Protocol):
    """A table of counts to which any number of processes add."""

    def add(self, rows: Mapping[Key, int], batch: Batch | None = None) -> None:
        """Add all counts or none; StoreError when they could not be written.

        A batch is added once, however often it is tried, while its writer's numbers only grow.
        """

    def add_reports(self, reports: Reports, batch: Batch | None = None) -> None:
        """Keep the claims of reports and add their counts, all or none, as `add` does."""

    def tally(self, site: str, minute: int, drawers: Mapping[int, int], most: int) -> set[int]:
        """Add to the drawers of a minute; give all of the site that then hold more than `most`."""

    def rows(
        self, since_hour: int | None = None, site: str | None = None
    ) -> Iterator[tuple[Key, int]]:
        """Give the rows from that hour on (unix seconds // 3600) and of that site."""

    def sums(
        self,
        dimension: str,
        *,
        site: str | None = None,
        since: int | None = None,
        until: int | None = None,
        step: int = 0,
    ) -> list[Sum]:
        """Add up one dimension over the hours from `since` to before `until`.

        By steps of so many hours, counted from 1970, or without steps (0) in one, whose hour is 0.
        """

    def sites(self) -> list[str]:
        """Give the names of the sites that have counts, in order."""

    def compact(self, now_hour: int, *, again: bool = False) -> int:
        """Join the hours of old days, let go of what is too old; give how many rows went.

        Once for each day, whoever asks, unless `again`.
        """

    def close(self) -> None:
        """Let go of files and connections; the next use opens them again."""


def check_rows(rows: Mapping[Key, int]) -> None:
    """Refuse what not every store can hold, before any of it is sent; StoreError."""
    for key, count in rows.items():
        hour, *words = key
        if not 0 <= hour < _MOST or not 0 <= count < _MOST:
            raise StoreError(f"a count cannot be used: {count!r} in {key!r}")
        if not all(word.isprintable() for word in words):
            raise StoreError(f"a count cannot be used: {key!r} holds unprintable signs")


def borders(now_hour: int) -> tuple[int, int]:
    """Give the hour before which rows stand by the day, and the one before which they go."""
    day = now_hour - now_hour % 24
    return day - HOURLY_DAYS * 24, day - KEPT_DAYS * 24


_ALLOWED = (
    "allowed are a file path, sqlite:///relative/path, sqlite:////absolute/path, "
    "postgresql://user@host/database, redis://host:6379/0 and redis+cluster://host:6379"
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_DRIVERS = {
    **dict.fromkeys(("postgresql", "postgres"), ("psycopg", "postgres")),
    **dict.fromkeys(("redis", "rediss", "redis+cluster", "rediss+cluster"), ("redis", "redis")),
}


def scheme_of(url: str) -> str:
    """Give a store's kind: "sqlite" for files, else the scheme of its URL in lower case."""
    found = _SCHEME.match(url)
    return found[1].lower() if found else "sqlite"


def check_url(url: str) -> None:
    """Refuse what names no store, or one whose driver is not installed; ValueError."""
    scheme = scheme_of(url)
    if scheme == "sqlite":
        _path(url)
        return
    if scheme not in _DRIVERS:
        raise ValueError(f"option store: no store is known for {masked(url)!r}; {_ALLOWED}")
    authority, apart, rest = _parts(url)
    twice = "redis" not in scheme and authority.count("@") > 1
    if twice or (apart != "?" and "@" in rest.partition("?")[0]):
        raise ValueError(
            f"option store: {masked(url)!r} holds signs that must be escaped: write @ / # ? of "
            "user and password as %40 %2F %23 %3F"
        )
    if "redis" in scheme:
        try:
            parts = urlsplit(url)
            good = bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            good = False
        if not good:
            raise ValueError(f"option store: {masked(url)!r} names no host and port; {_ALLOWED}")
    driver, extra = _DRIVERS[scheme]
    if importlib.util.find_spec(driver) is None:
        raise ValueError(
            f"option store: {masked(url)!r} needs {driver}: pip install 'adblock-detector[{extra}]'"
        )


def open_store(url: str, *, readonly: bool = False) -> Store:
    """Make the store that the option `store` names, without touching disk or network yet.

    ValueError for what `check_url` refuses. A read-only one makes no file and no table.
    """
    check_url(url)
    scheme = scheme_of(url)
    if scheme == "sqlite":
        from detector.stats.sqlite import SqliteStore

        return SqliteStore(_path(url), readonly=readonly)
    if "redis" in scheme:
        from detector.stats.redis import RedisStore

        return RedisStore(url, readonly=readonly)
    from detector.stats.postgres import PostgresStore

    return PostgresStore(url, readonly=readonly)


def _parts(url: str) -> tuple[str, str, str]:
    """Split a URL into user and host, the sign that ends them, and the rest."""
    found = re.match(r"[^:]*://([^/?#]*)([/?#]?)(.*)", url, re.DOTALL)
    return (found[1], found[2], found[3]) if found else ("", "", "")


def _path(url: str) -> str:
    if masked(url) != url:
        raise ValueError(
            f"option store: {masked(url)!r} holds a password and names no store; {_ALLOWED}"
        )
    path = url
    if scheme := _SCHEME.match(url):
        if not url[scheme.end() :].startswith("/"):
            raise ValueError(
                f"option store: {masked(url)!r} needs three slashes or four; {_ALLOWED}"
            )
        path = url[scheme.end() + 1 :]
    if not path.strip() or "\0" in path or path == ":memory:":
        raise ValueError(f"option store: {masked(url)!r} names no file; {_ALLOWED}")
    return path
