"""Parses the option `store` and opens the store that it names, by the dotted name of its class."""

from __future__ import annotations

import importlib.util
import re
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from detector.core.counting.store import Store

__all__ = ["KINDS", "check_url", "load_driver", "open_store", "scheme_of"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


class StoreKind(NamedTuple):
    """A kind of store: the schemes of its URLs, its class by dotted name, and what it needs."""

    schemes: tuple[str, ...]
    store: str
    examples: tuple[str, ...]
    driver: str = ""
    extra: str = ""
    one_host: bool = False
    """Whether a URL names one host and port; then the last @ ends the password."""


STORES = (
    StoreKind(
        ("sqlite",),
        "detector.stores.sqlite.store:SqliteStore",
        ("sqlite:///relative/path", "sqlite:////absolute/path"),
    ),
    StoreKind(
        ("postgresql", "postgres"),
        "detector.stores.postgres.store:PostgresStore",
        ("postgresql://user@host/database",),
        *("psycopg", "postgres"),
    ),
    StoreKind(
        ("redis", "rediss", "redis+cluster", "rediss+cluster"),
        "detector.stores.redis.store:RedisStore",
        ("redis://host:6379/0", "redis+cluster://host:6379"),
        *("redis", "redis"),
        one_host=True,
    ),
)
"""The stores; each is imported when it is opened."""

KINDS = {scheme: kind for kind in STORES for scheme in kind.schemes}
SERVERS = tuple(kind.examples[0] for kind in STORES if kind.driver)
"""A URL of each store that is a server, to show."""

_URLS = tuple(url for kind in STORES for url in kind.examples)
_ALLOWED = f"allowed are a file path, {', '.join(_URLS[:-1])} and {_URLS[-1]}"


def scheme_of(url: str) -> str:
    """Return a store's kind: "sqlite" for files, else the scheme of its URL in lower case."""
    found = _SCHEME.match(url)
    return found[1].lower() if found else "sqlite"


def check_url(url: str) -> None:
    """Raise ValueError for a URL that names no store, or one whose driver is not installed."""
    scheme = scheme_of(url)
    if scheme == "sqlite":
        _path(url)
        return
    if scheme not in KINDS:
        raise ValueError(f"option store: no store is known for {_shown(url)!r}; {_ALLOWED}")
    kind = KINDS[scheme]
    # A SQLite file needs none of the rules for servers.
    from detector.core.counting.server_url import check_server_url

    check_server_url(url, kind.one_host, _ALLOWED)
    if importlib.util.find_spec(kind.driver) is None:
        raise ValueError(
            f"option store: {_shown(url)!r} needs {kind.driver}: "
            f"pip install 'adblock-detector[{kind.extra}]'"
        )


def open_store(url: str, *, readonly: bool = False) -> Store:
    """Return the store that the option `store` names, without touching disk or network yet.

    ValueError for what `check_url` refuses. A read-only store creates no file and no table.
    """
    check_url(url)
    scheme = scheme_of(url)
    module, _, name = KINDS[scheme].store.partition(":")
    make = getattr(import_module(module), name)
    store: Store = make(_path(url) if scheme == "sqlite" else url, readonly=readonly)
    return store


def load_driver(url: str) -> None:
    """Import a server's driver, which an ending process could not: some register exit functions."""
    kind = KINDS[scheme_of(url)]
    if kind.driver:
        with suppress(Exception):  # the first flush logs it
            import_module(kind.store.partition(":")[0])


def may_hold_password(text: str) -> bool:
    """Whether a text has a sign without which no form of a store's name carries a password."""
    return "@" in text or "=" in text


def _shown(url: str) -> str:
    # Errors alone show a URL, so the rules for it are loaded when there is one.
    from detector.core.counting.masking import masked

    return masked(url)


def _path(url: str) -> str:
    if may_hold_password(url) and _shown(url) != url:
        raise ValueError(
            f"option store: {_shown(url)!r} holds a password and names no store; {_ALLOWED}"
        )
    path = url
    if scheme := _SCHEME.match(url):
        if not url[scheme.end() :].startswith("/"):
            raise ValueError(
                f"option store: {_shown(url)!r} needs three slashes or four; {_ALLOWED}"
            )
        path = url[scheme.end() + 1 :]
    if not path.strip() or "\0" in path or path == ":memory:":
        raise ValueError(f"option store: {_shown(url)!r} names no file; {_ALLOWED}")
    return path
