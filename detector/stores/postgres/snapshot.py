"""Reads PostgreSQL within one transaction, so that all answers belong to one moment."""

from __future__ import annotations

from collections import Counter
from typing import Any, LiteralString

import psycopg

from detector.core.counting.store import Sum
from detector.stores.postgres.schema import SITES

_LAST = 2**62
_SUM: LiteralString = """SELECT CASE WHEN %(step)s > 0 THEN hour - hour %% %(step)s ELSE 0 END,
    value, state, action, sum(n)::bigint FROM detector_counts
    WHERE site = %(site)s AND dimension = %(dimension)s
    AND hour >= %(since)s AND hour < %(until)s GROUP BY 1, 2, 3, 4"""


class Snapshot:
    """The counts as they are in the transaction of a cursor."""

    def __init__(self, cursor: psycopg.Cursor[tuple[Any, ...]]) -> None:
        self._cursor = cursor

    def sums(
        self,
        dimension: str,
        *,
        site: str | None = None,
        since: int | None = None,
        until: int | None = None,
        step: int = 0,
    ) -> list[Sum]:
        """Sum one dimension; see `Store.sums`."""
        asked = {"dimension": dimension, "since": since or 0, "step": step}
        asked["until"] = _LAST if until is None else until
        found: Counter[tuple[int, str, str, str]] = Counter()
        for name in [site] if site else [row[0] for row in self._cursor.execute(SITES)]:
            for *key, count in self._cursor.execute(_SUM, asked | {"site": name}):
                found[key[0], key[1], key[2], key[3]] += count
        return [Sum(*key, count) for key, count in sorted(found.items())]
