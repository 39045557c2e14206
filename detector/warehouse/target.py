"""The interface of what an export writes to."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from detector.warehouse.schema import Exported, Row


class ExportError(Exception):
    """An export cannot go on; the text says why and how to fix it. No day is half-written."""


class DayWriter(Protocol):
    """Writes one day of one site, which nobody sees before `commit`."""

    def write(self, rows: list[Row]) -> None:
        """Add some rows."""

    def commit(self, noted: Exported) -> None:
        """Put all rows in the place of what there was of that day, in one step."""


class Target(Protocol):
    """A folder of files, or a database; all raise ExportError."""

    def exported(self, site: str) -> Mapping[int, Exported]:
        """Return what there is of a site, by the first hour of each day since 1970."""

    def writing(self, site: str, day: int) -> AbstractContextManager[DayWriter]:
        """Begin a day; what is not committed at the end is discarded."""

    def close(self) -> None:
        """Release files and connections."""
