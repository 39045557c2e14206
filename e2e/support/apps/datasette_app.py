"""Datasette (ASGI), with a small database of boats: tables, facets, rows and an SQL editor."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import Any

from datasette.app import Datasette

from detector.asgi import DetectorMiddleware
from e2e.support.apps.twice import serve_asgi

SCHEMA = """
create table kinds (id integer primary key, name text);
create table boats (
  id integer primary key, name text, kind integer references kinds(id), notes text
);
insert into kinds values (1, 'ferry'), (2, 'pilot'), (3, 'dredger');
insert into boats values
  (1, 'Patience', 3, '<b>slow</b> & <script>never run</script>'),
  (2, 'Early Bird', 1, 'leaves at seven'),
  (3, 'Kittiwake', 2, ''),
  (4, 'Night Owl', 1, 'comes back at nine — mostly');
"""


def app(database: Path) -> Any:
    """Return Datasette's app."""
    return Datasette([str(database)], secret="one secret for both, plain and not").app()


def main(folder: Path) -> None:
    """Create the database and serve it."""
    database = folder / "harbour.db"
    with sqlite3.connect(database) as connection:
        connection.executescript(SCHEMA)
    connection.close()
    serve_asgi(app(database), DetectorMiddleware(app(database)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
