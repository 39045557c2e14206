"""The tables of a SQLite file of counts, and their migrations."""

from __future__ import annotations

# Marks a file as ours, so that no other program's database is written to ("adbd" in ASCII).
APPLICATION = 0x61646264

# A summed span is stale as soon as one of its rows changes. A trigger marks it, not the program, so
# that it works with earlier releases too, which may use the file at the same time as a newer one.
_STALE = (
    "CREATE TRIGGER counts_{event} AFTER {event} ON counts BEGIN "
    "UPDATE summed SET fresh = 0 WHERE until > {row}.hour AND start <= {row}.hour; END"
)

# Step n migrates a file from schema version n to n + 1. Programs that have the file open keep
# running meanwhile: what they add must fit the tables of every version.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE counts (
        hour INTEGER NOT NULL, site TEXT NOT NULL, dimension TEXT NOT NULL, value TEXT NOT NULL,
        state TEXT NOT NULL, action TEXT NOT NULL, n INTEGER NOT NULL,
        PRIMARY KEY (hour, site, dimension, value, state, action)
    ) WITHOUT ROWID""",
    ),
    (
        # A query is about one dimension, whose rows are thus adjacent.
        """CREATE TABLE counts_2 (
        site TEXT NOT NULL, dimension TEXT NOT NULL, hour INTEGER NOT NULL, value TEXT NOT NULL,
        state TEXT NOT NULL, action TEXT NOT NULL, n INTEGER NOT NULL,
        PRIMARY KEY (site, dimension, hour, value, state, action)
    ) WITHOUT ROWID""",
        "INSERT INTO counts_2 SELECT site, dimension, hour, value, state, action, n FROM counts",
        "DROP TABLE counts",
        "ALTER TABLE counts_2 RENAME TO counts",
        "CREATE TABLE marks (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID",
    ),
    (
        """CREATE TABLE summed (
        span INTEGER PRIMARY KEY, start INTEGER NOT NULL, until INTEGER NOT NULL,
        fresh INTEGER NOT NULL, UNIQUE (until, start))""",
        # In the order of results, so that summing needs no sorting: four times as fast.
        """CREATE TABLE sums (
        site TEXT NOT NULL, dimension TEXT NOT NULL, value TEXT NOT NULL, state TEXT NOT NULL,
        action TEXT NOT NULL, span INTEGER NOT NULL, n INTEGER NOT NULL,
        PRIMARY KEY (site, dimension, value, state, action, span)
    ) WITHOUT ROWID""",
        _STALE.format(event="INSERT", row="NEW"),
        _STALE.format(event="UPDATE", row="NEW"),
        _STALE.format(event="DELETE", row="OLD"),
    ),
)

SITES = """WITH RECURSIVE found(site) AS (
    SELECT min(site) FROM counts
    UNION ALL SELECT (SELECT min(site) FROM counts WHERE site > found.site) FROM found
    WHERE found.site IS NOT NULL
) SELECT site FROM found WHERE site IS NOT NULL"""

NEWEST = (
    "SELECT max((SELECT max(hour) FROM counts WHERE counts.site = found.site "
    f"AND dimension = 'all')) FROM ({SITES}) AS found"
)
