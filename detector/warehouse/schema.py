"""The rows of an export: the same columns in Parquet files and in ClickHouse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from detector.core.counting.dimensions import Key

VERSION = 1
"""Of the columns and their meaning; an export of a newer one is refused."""
_EPOCH = date(1970, 1, 1)


class Row(NamedTuple):
    """One row; docs/how-to/warehouse.md describes its columns."""

    day: date
    hour: datetime
    """Without a time zone; it is UTC."""
    hours: int
    site: str
    dimension: str
    value: str
    state: str
    action: str
    n: int


class Exported(NamedTuple):
    """What an export notes about one day of one site."""

    events: int
    """The sum of the rows of the dimension "all"."""
    rows: int
    joined: bool
    """Whether the store knew that day only as a whole."""


def date_of(day: int) -> date:
    """Return the date that begins at an hour since 1970."""
    return _EPOCH + timedelta(hours=day)


def row_of(key: Key, count: int, joined: bool) -> Row:
    """Return a count of the store as a row; `joined` as in `Exported`."""
    hour, site, dimension, value, state, action = key
    day, start = _start(hour)
    hours = 24 if joined and hour % 24 == 0 else 1
    return Row(day, start, hours, site, dimension, value, state, action, count)


@lru_cache(maxsize=48)
def _start(hour: int) -> tuple[date, datetime]:
    start = datetime.fromtimestamp(hour * 3600, UTC).replace(tzinfo=None)
    return start.date(), start


def batched(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    """Yield the rows in lists of at most `size`, one of which is in memory at a time."""
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
