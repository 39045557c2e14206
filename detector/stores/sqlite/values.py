"""The limits on values of open dimensions in a SQLite file; see `stores/value_caps.py`."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from detector.core.counting.dimensions import Key
from detector.stores.value_caps import ValueCaps

_VALUES = (
    "SELECT DISTINCT value FROM counts WHERE site = ? AND dimension = ? AND hour >= ? AND hour < ?"
)


def capped(
    connection: sqlite3.Connection, caps: ValueCaps, rows: Mapping[Key, int]
) -> Mapping[Key, int]:
    """Return rows within the limits; a transaction keeps other writers away."""
    for place, wanted in caps.new(rows).items():
        asked = (place.site, place.dimension, place.day, place.day + 24)
        caps.take(place, wanted, (row[0] for row in connection.execute(_VALUES, asked)))
    return caps.capped(rows)
