"""Annotations in SQLite: a small table, created when first used.

It has no schema version: a program that does not know it can work beside one that does.
"""

from __future__ import annotations

from collections.abc import Iterable

from detector.core.counting.annotations import Annotation
from detector.stores.sqlite.connection import SqliteFile, number

_TABLE = """CREATE TABLE IF NOT EXISTS annotations (
    name TEXT PRIMARY KEY, at INTEGER NOT NULL, text TEXT NOT NULL, site TEXT NOT NULL,
    kind TEXT NOT NULL
) WITHOUT ROWID"""
_THERE = "SELECT count(*) FROM sqlite_master WHERE name = 'annotations'"


class SqliteAnnotations(SqliteFile):
    """The part of a file that holds annotations; see `Annotated`."""

    def annotations(self) -> list[Annotation]:
        """Return all, the earliest first."""
        with self._using() as connection:
            if not number(connection, _THERE):
                return []
            found = "SELECT at, text, site, kind FROM annotations ORDER BY at, name"
            return [Annotation(*row) for row in connection.execute(found)]

    def annotate(self, annotation: Annotation) -> None:
        """Keep one; nothing happens where its name is known."""
        with self._using() as connection:
            connection.execute(_TABLE)
            keep = "INSERT OR IGNORE INTO annotations VALUES (?, ?, ?, ?, ?)"
            connection.execute(keep, (annotation.name, *annotation))

    def remove_annotations(self, names: Iterable[str]) -> None:
        """Remove those with these names."""
        with self._using() as connection:
            connection.execute(_TABLE)
            remove = "DELETE FROM annotations WHERE name = ?"
            for name in names:
                connection.execute(remove, (name,))
