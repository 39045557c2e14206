"""The tables of counts in PostgreSQL, and their migrations."""

from __future__ import annotations

from typing import LiteralString

# Step n migrates the tables from schema version n to n + 1. Connected programs keep running
# meanwhile: what they add must fit the tables of every version.
STEPS: tuple[tuple[LiteralString, ...], ...] = (
    (
        # Keys are ordered by their bytes, whatever the database's collation.
        """CREATE TABLE detector_counts (
            site text COLLATE "C" NOT NULL, dimension text COLLATE "C" NOT NULL,
            hour bigint NOT NULL, value text COLLATE "C" NOT NULL,
            state text COLLATE "C" NOT NULL, action text COLLATE "C" NOT NULL, n bigint NOT NULL,
            PRIMARY KEY (site, dimension, hour, value, state, action))""",
        """CREATE TABLE detector_writers (
            name text PRIMARY KEY, batch bigint NOT NULL, at timestamptz NOT NULL)""",
        "CREATE TABLE detector_marks (name text PRIMARY KEY, n bigint NOT NULL)",
    ),
)

# A thousand sites have ten million rows: each step is an index lookup of the next name.
SITES: LiteralString = """WITH RECURSIVE found AS (
    (SELECT site FROM detector_counts ORDER BY site LIMIT 1)
    UNION ALL SELECT (SELECT c.site FROM detector_counts c WHERE c.site > found.site
        ORDER BY c.site LIMIT 1) FROM found WHERE found.site IS NOT NULL
) SELECT site FROM found WHERE site IS NOT NULL"""
NEWEST: LiteralString = f"""SELECT max((SELECT max(hour) FROM detector_counts c
    WHERE c.site = named.site AND dimension = 'all')) FROM ({SITES}) AS named"""
