"""Reads PostgreSQL within one transaction, so that all answers belong to one moment."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any

import psycopg

from detector.core.counting.store import Sum
from detector.stores.postgres import rollups
from detector.stores.postgres.schema import SITES
from detector.stores.rollup_ranges import Ready, cover

_LAST = 2**62


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
        value: str | None = None,
    ) -> list[Sum]:
        """Sum one dimension; see `Store.sums`."""
        hours = (since or 0, _LAST if until is None else until)
        found: Counter[rollups.Found] = Counter()
        if site:
            parts = [([site], self._fresh, hours)]
        else:
            spans, gaps = cover(self._whole, *hours, step)
            asked = {"sites": [""], "dimension": dimension, "step": step, "value": value}
            for key, count in rollups.sums_of(self._cursor, spans, asked):
                found[key] += count
            parts = [(self._sites, self._fresh, gap) for gap in gaps]
        for names, ready, some in parts:
            for key, count in rollups.add_up(
                self._cursor, ready, names, dimension, some, step, value
            ):
                found[key] += count
        return [Sum(*key, count) for key, count in sorted(found.items())]

    @cached_property
    def _fresh(self) -> list[Ready]:
        return rollups.fresh(self._cursor)

    @cached_property
    def _whole(self) -> list[Ready]:
        return rollups.whole(self._cursor)

    @cached_property
    def _sites(self) -> list[str]:
        return [row[0] for row in self._cursor.execute(SITES)]
