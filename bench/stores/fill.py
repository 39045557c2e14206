"""Fills an empty store with millions of rows by the fastest way that it has.

What the stores' own `add` would also keep (the present hour, revisions) is kept here too, so that
everything after it works as usual.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.stores.rows import NOW, Part, Shape, parts
from detector.core.counting.dimensions import Key
from detector.core.counting.store import Store
from detector.core.counting.store_url import open_store


def fill(url: str, store: Store, shape: Shape) -> int:
    """Fill the store at a URL; return the number of its rows."""
    every = itertools.chain.from_iterable(
        parts(shape, shape.hours(), site) for site in shape.site_names()
    )
    for name in "ab":
        # Two writers that agree: the hour is confirmed.
        row: Key = (NOW, shape.site_names()[0], "all", "", "", "unshared")
        store.add({row: 1}, (name, 1))
    return WAYS[url.partition(":")[0]](url, every)


def _sqlite(url: str, every: Iterator[Part]) -> int:
    connection = sqlite3.connect(Path(url.removeprefix("sqlite://")))
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    found = triggers.fetchall()
    for name, _ in found:
        connection.execute(f"DROP TRIGGER {name}")
    made = connection.executemany(
        "INSERT INTO counts (site, dimension, hour, value, state, action, n) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((site, dimension, hour, *row) for site, dimension, hour, rows in every for row in rows),
    ).rowcount
    for _, statement in found:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return made


def _postgres(url: str, every: Iterator[Part]) -> int:
    import psycopg

    made = 0
    with psycopg.connect(url) as connection:
        connection.execute("ALTER TABLE detector_counts DISABLE TRIGGER USER")
        columns = "site, dimension, hour, value, state, action, n"
        with connection.cursor().copy(f"COPY detector_counts ({columns}) FROM STDIN") as copy:
            for site, dimension, hour, rows in every:
                made += len(rows)
                head = f"{site}\t{dimension}\t{hour}\t"
                copy.write("".join(f"{head}{v}\t{s}\t{a}\t{n}\n" for v, s, a, n in rows))
        connection.execute("ALTER TABLE detector_counts ENABLE TRIGGER USER")
    with psycopg.connect(url, autocommit=True) as connection:
        # As autovacuum does in the life of a table.
        connection.execute("VACUUM ANALYZE detector_counts")
    return made


def _redis(url: str, every: Iterator[Part]) -> int:
    import redis

    from detector.stores.redis import keys

    made = 0
    with redis.Redis.from_url(url) as client:
        # Not each pipeline is written to the disk at once.
        client.config_set("appendfsync", "no")
        for some in _chunks(every, 500):
            asked: Any = client.pipeline(transaction=False)
            for site, dimension, hour, rows in some:
                made += len(rows)
                fields = {keys.APART.join(row[:3]): row[3] for row in rows}
                asked.hset(keys.hour(site, hour, dimension), mapping=fields)
                asked.zadd(keys.hours(site), {str(hour): hour})
                asked.sadd(keys.dimensions(site), dimension)
                asked.sadd(keys.SITES, site)
            asked.execute()
        client.config_set("appendfsync", "always")
    for site in open_store(url).sites():
        _confirm(url, site)
    return made


def _confirm(url: str, site: str) -> None:
    for name in "ab":
        open_store(url).add({(NOW, site, "all", "", "", "unshared"): 1}, (name, 2))


def _chunks(every: Iterator[Part], size: int) -> Iterator[list[Part]]:
    while some := list(itertools.islice(every, size)):
        yield some


WAYS: dict[str, Callable[[str, Iterator[Part]], int]] = {
    "sqlite": _sqlite,
    "postgresql": _postgres,
    "redis": _redis,
}
