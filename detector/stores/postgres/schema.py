"""The tables of counts in PostgreSQL, and their migrations."""

from __future__ import annotations

from typing import LiteralString

# A summed span is stale as soon as one of its rows changes. A trigger counts that, not the program,
# so that it works with earlier releases too. Rows of the present touch no span, which costs one
# comparison. Spans are locked in one order, so that two writers never deadlock.
_STALE: LiteralString = """CREATE FUNCTION detector_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT min(hour) FROM changed) < (SELECT max(until) FROM detector_summed)
    AND coalesce(current_setting('detector.joining', true), '') <> 'on' THEN
        PERFORM 1 FROM detector_summed ORDER BY until, start FOR UPDATE;
        UPDATE detector_summed s SET version = version + 1
            WHERE EXISTS (SELECT 1 FROM changed c WHERE c.hour >= s.start AND c.hour < s.until);
    END IF;
    RETURN NULL;
END $$"""
_ON: LiteralString = (
    "CREATE TRIGGER detector_{0} AFTER {0} ON detector_counts REFERENCING {1} TABLE AS changed "
    "FOR EACH STATEMENT EXECUTE FUNCTION detector_stale()"
)

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
    (
        """CREATE TABLE detector_summed (
            start bigint NOT NULL, until bigint NOT NULL, version bigint NOT NULL DEFAULT 0,
            fresh bigint, PRIMARY KEY (until, start))""",
        # In the order of results.
        """CREATE TABLE detector_sums (
            site text COLLATE "C" NOT NULL, dimension text COLLATE "C" NOT NULL,
            start bigint NOT NULL, until bigint NOT NULL, value text COLLATE "C" NOT NULL,
            state text COLLATE "C" NOT NULL, action text COLLATE "C" NOT NULL, n bigint NOT NULL,
            PRIMARY KEY (site, dimension, start, until, value, state, action))""",
        _STALE,
        _ON.format("insert", "NEW"),
        _ON.format("update", "NEW"),
        _ON.format("delete", "OLD"),
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
