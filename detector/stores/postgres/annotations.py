"""Annotations in PostgreSQL: a small table, created when first used.

It has no schema version: a program that does not know it can work beside one that does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import LiteralString

from detector.core.counting.annotations import Annotation
from detector.stores.postgres.connection import LOCK, PostgresDatabase
from detector.stores.postgres.present import Cursor

_TABLE: LiteralString = """CREATE TABLE IF NOT EXISTS detector_annotations (
    name text PRIMARY KEY, at bigint NOT NULL, text text NOT NULL, site text NOT NULL,
    kind text NOT NULL)"""
_THERE: LiteralString = "SELECT to_regclass('detector_annotations') IS NOT NULL"
_ALL: LiteralString = (
    'SELECT at, text, site, kind FROM detector_annotations ORDER BY at, name COLLATE "C"'
)
_KEEP: LiteralString = (
    "INSERT INTO detector_annotations VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)


class PostgresAnnotations(PostgresDatabase):
    """The part of a database that holds annotations; see `Annotated`."""

    def annotations(self) -> list[Annotation]:
        """Return all, the earliest first."""
        with self._using() as connection, connection.cursor() as cursor:
            found = cursor.execute(_ALL).fetchall() if _is_there(cursor) else []
            connection.rollback()
            return [Annotation(*row) for row in found]

    def annotate(self, annotation: Annotation) -> None:
        """Keep one; nothing happens where its name is known."""
        with self._using() as connection, connection.cursor() as cursor:
            if not _is_there(cursor):
                # Two processes that create a table at once would fail at one of them.
                cursor.execute(LOCK)
                cursor.execute(_TABLE)
            cursor.execute(_KEEP, (annotation.name, *annotation))
            connection.commit()

    def remove_annotations(self, names: Iterable[str]) -> None:
        """Remove those with these names."""
        with self._using() as connection, connection.cursor() as cursor:
            if _is_there(cursor):
                remove: LiteralString = "DELETE FROM detector_annotations WHERE name = ANY(%s)"
                cursor.execute(remove, (list(names),))
            connection.commit()


def _is_there(cursor: Cursor) -> bool:
    return cursor.execute(_THERE).fetchone() == (True,)
