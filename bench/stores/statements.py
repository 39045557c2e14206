"""Times every statement, transaction or script that this process has a store execute."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def longest(url: str) -> Iterator[list[float]]:
    """Yield a list that grows by the seconds of each statement meanwhile.

    On SQLite these are transactions: what counts there is how long other writers wait for one.
    """
    found: list[float] = []
    where, name = _place(url)
    plain = getattr(where, name)

    def timed(*given: Any, **more: Any) -> Any:
        began = time.perf_counter()
        try:
            return plain(*given, **more)
        finally:
            found.append(time.perf_counter() - began)

    setattr(where, name, timed)
    try:
        yield found
    finally:
        setattr(where, name, plain)


def _place(url: str) -> tuple[Any, str]:
    """Return the function by which a store executes a statement: its object and name."""
    if url.startswith("postgres"):
        import psycopg

        return psycopg.Cursor, "execute"
    if url.startswith("redis"):
        import redis

        return redis.Redis, "execute_command"
    from detector.stores.sqlite.store import SqliteStore

    return SqliteStore, "_step"
