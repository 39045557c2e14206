"""The limits on values of open dimensions in PostgreSQL; see `stores/value_caps.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import LiteralString

from detector.core.counting.dimensions import Key
from detector.stores.postgres.present import Cursor
from detector.stores.value_caps import ValueCaps

_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(1633968742, hashtext(%s))"
_VALUES: LiteralString = """SELECT DISTINCT value FROM detector_counts
    WHERE site = %s AND dimension = %s AND hour >= %s AND hour < %s"""


def capped(cursor: Cursor, caps: ValueCaps, rows: Mapping[Key, int]) -> Mapping[Key, int]:
    """Return rows within the limits; who takes values locks their site until the end."""
    new = caps.new(rows)
    # The same order everywhere, so that two writers never deadlock.
    for site in sorted({place.site for place in new}):
        cursor.execute(_LOCK, (site,))
    for place, wanted in new.items():
        asked = (place.site, place.dimension, place.day, place.day + 24)
        caps.take(place, wanted, (row[0] for row in cursor.execute(_VALUES, asked).fetchall()))
    return caps.capped(rows)
