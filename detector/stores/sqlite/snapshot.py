"""Reads a SQLite file within one transaction, so that all answers belong to one moment."""

from __future__ import annotations

import sqlite3
from collections import Counter

from detector.core.counting.store import Sum
from detector.stores.sqlite import rollups
from detector.stores.sqlite.schema import SITES

_LAST = 2**62


class Snapshot:
    """The counts of a file as they are in the transaction of a connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def sums(
        self,
        dimension: str,
        *,
        site: str | None = None,
        since: int | None = None,
        until: int | None = None,
        step: int = 0,
        value: str | None = None,
    ) -> list[Sum]:
        """Sum one dimension; see `Store.sums`."""
        hours = (since or 0, _LAST if until is None else until)
        found: Counter[tuple[int, str, str, str]] = Counter()
        for name in [site] if site else [row[0] for row in self._connection.execute(SITES)]:
            found.update(rollups.add_up(self._connection, name, dimension, hours, step, value))
        return [Sum(*key, count) for key, count in sorted(found.items())]
