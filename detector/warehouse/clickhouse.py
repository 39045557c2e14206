"""Tables in ClickHouse (extra `[clickhouse]`).

Rows carry the number of the export that wrote them. A day counts once `detector_days` names that
number, which is one insert of one row; the view `detector_counts` shows the latest named one of
each day. So readers see a day whole or not at all, without partitions to exchange. What is not
named, or no longer, is deleted later.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, date
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from detector.warehouse.clickhouse_server import explained
from detector.warehouse.schema import VERSION, Exported, Row, date_of
from detector.warehouse.target import ExportError

_WORD = "LowCardinality(String)"
_COLUMNS = {
    "day": "Date",
    "hour": "DateTime('UTC')",
    "hours": "Int16",
    "site": _WORD,
    "dimension": _WORD,
    "value": "String",
    "state": _WORD,
    "action": _WORD,
    "n": "Int64",
}
_NOTES = {
    **{"site": "String", "day": "Date", "export": "UInt64", "version": "UInt16"},
    **{"events": "Int64", "rows": "Int64", "joined": "Bool"},
}
_CURRENT = "SELECT max(export) FROM detector_days GROUP BY site, day"
_SCHEMA = (
    f"""CREATE TABLE IF NOT EXISTS detector_rows (
    {", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())}, export UInt64
    ) ENGINE = MergeTree PARTITION BY toYYYYMM(day)
    ORDER BY (site, dimension, day, hour, value, state, action)""",
    f"""CREATE TABLE IF NOT EXISTS detector_days (
    {", ".join(f"{name} {kind}" for name, kind in _NOTES.items())}
    ) ENGINE = ReplacingMergeTree(export) ORDER BY (site, day)""",
    f"""CREATE VIEW IF NOT EXISTS detector_counts AS
    SELECT {", ".join(_COLUMNS)} FROM detector_rows WHERE export IN ({_CURRENT})""",
)
_VERSION = "SELECT max(version) FROM detector_days"
_EXPORTED = """SELECT day, max(export), argMax(events, export), argMax(rows, export),
    argMax(joined, export) FROM detector_days WHERE site = %(site)s GROUP BY day"""
_WRITTEN = """SELECT count(), sum(n) FROM detector_rows
    WHERE site = %(site)s AND day = %(day)s AND export = %(export)s"""
# What another export writes at this moment is not a day old.
_LEFT = f"""SELECT DISTINCT export FROM detector_rows
    WHERE site = %(site)s AND export NOT IN ({_CURRENT}) AND export < %(before)s"""
_DELETE = "ALTER TABLE detector_rows DELETE WHERE export IN %(exports)s"
_SHIFT = 32
_DAY = 24 * 3600


class ClickHouse:
    """One database; any number of processes may write to it."""

    def __init__(self, client: Client, name: str, password: str = "") -> None:
        """`name` and `password` are for messages: to name the server, and not to be in any."""
        self._client, self._name, self._password = client, name, password
        self._numbers: dict[tuple[str, int], int] = {}
        self._outdated: set[int] = set()
        with self._explained():
            for statement in _SCHEMA:
                client.command(statement)
            version = client.query(_VERSION).result_rows[0][0]
            if version > VERSION:
                raise ExportError(
                    f"{name} has version {version} of the columns, this adblock-detector knows "
                    f"{VERSION}: install the release that wrote it, or name another database "
                    "(--into)"
                )
            # The server's clock numbers the exports, plus the time that has passed since.
            now = client.query("SELECT toUnixTimestamp(now())").result_rows[0][0]
            self._began = now - time.monotonic()

    def exported(self, site: str) -> dict[int, Exported]:
        """Return the days that there are of a site; note what exports left unfinished."""
        found: dict[int, Exported] = {}
        with self._explained():
            for at, number, events, rows, joined in self._rows(_EXPORTED, site=site):
                day = (at - date(1970, 1, 1)).days * 24
                self._numbers[site, day] = number
                found[day] = Exported(events, rows, bool(joined))
            before = (self._now() - _DAY) << _SHIFT
            self._outdated.update(row[0] for row in self._rows(_LEFT, site=site, before=before))
        return found

    @contextlib.contextmanager
    def writing(self, site: str, day: int) -> Iterator[ClickHouseDay]:
        """Begin an export of one day."""
        before = self._numbers.get((site, day), 0)
        later = max(self._now(), (before >> _SHIFT) + 1)
        number = later << _SHIFT | secrets.randbits(_SHIFT)
        made = ClickHouseDay(self._client, site, day, number)
        with self._explained():
            try:
                yield made
            finally:
                # Where the note's answer was lost, either may be the one that counts.
                if made.committed is not None:
                    self._outdated.add(before if made.committed else number)
        self._numbers[site, day] = number

    def close(self) -> None:
        """Delete outdated rows, in the background of the server, and close the connection."""
        outdated = tuple(sorted(self._outdated - {0}))
        try:
            # They are in no answer: where this fails, the next export does it.
            with contextlib.suppress(ClickHouseError):
                if outdated:
                    self._client.command(_DELETE, parameters={"exports": outdated})
        finally:
            self._client.close()

    def _rows(self, question: str, **asked: Any) -> Any:
        return self._client.query(question, parameters=asked).result_rows

    def _now(self) -> int:
        return int(self._began + time.monotonic())

    def _explained(self) -> contextlib.AbstractContextManager[None]:
        return explained(self._name, self._password)


class ClickHouseDay:
    """One day that is being written; see `DayWriter`."""

    committed: bool | None = False
    """Whether the day counts; None where the server may have noted it, but did not answer."""

    def __init__(self, client: Client, site: str, day: int, number: int) -> None:
        self._client, self._site, self._day, self._number = client, site, day, number
        self._rows = self._sum = 0

    def write(self, rows: list[Row]) -> None:
        """Insert some rows."""
        columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
        # A time without a zone would be taken as one of this machine's zone.
        columns[1] = [hour.replace(tzinfo=UTC) for hour in columns[1]]
        columns.append([self._number] * len(rows))
        self._insert("detector_rows", {**_COLUMNS, "export": "UInt64"}, columns)
        self._rows += len(rows)
        self._sum += sum(row.n for row in rows)

    def commit(self, noted: Exported) -> None:
        """Check that the server has all rows once, and name the export."""
        asked = {"site": self._site, "day": date_of(self._day), "export": self._number}
        written = self._client.query(_WRITTEN, parameters=asked).result_rows[0]
        if tuple(written) != (self._rows, self._sum):
            raise ExportError(
                f"the server has {written[0]:,} of {self._rows:,} rows of {self._site!r} of "
                f"{date_of(self._day)}: run this again"
            )
        values = (self._site, date_of(self._day), self._number, VERSION, *noted)
        self.committed = None
        self._insert("detector_days", _NOTES, [[value] for value in values])
        self.committed = True

    def _insert(self, table: str, columns: dict[str, str], values: list[list[Any]]) -> None:
        self._client.insert(
            table,
            values,
            column_names=list(columns),
            column_type_names=list(columns.values()),
            column_oriented=True,
        )
