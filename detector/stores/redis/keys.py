"""The names of the keys of a site, whose name is their hash tag: a cluster keeps them together.

Each hour has one hash for each dimension. The hours of an old day are joined, and then packed: one
text for each dimension, which is read at once and takes less than half of the memory.
"""

from __future__ import annotations

SITES = "detector:sites"
ANNOTATIONS = "detector:annotations"
COMPACTING = "detector:compacting"
PRESENT = "detector:present"
"""The present hour of all sites together."""
APART = "\x1f"
"""Separates the words of a field: value, state and action."""
BETWEEN = "\x1e"
"""Separates the fields and counts of a packed text."""


def key(site: str, what: str) -> str:
    """Return the key of something of a site."""
    # A brace in the name would end the hash tag early.
    tag = site.replace("%", "%25").replace("{", "%7B").replace("}", "%7D")
    return f"detector:{{{tag}}}:{what}"


def hours(site: str) -> str:
    """Return the key of the sorted set of hours that have hashes."""
    return key(site, "hourly")


def days(site: str) -> str:
    """Return the key of the sorted set of the first hours of packed days."""
    return key(site, "days")


def hour(site: str, number: int, dimension: str) -> str:
    """Return the key of the counts of a dimension in an hour, a hash."""
    return key(site, f"hour:{number}:{dimension}")


def day(site: str, number: int, dimension: str) -> str:
    """Return the key of the counts of a dimension in the day of an hour, packed."""
    return key(site, f"day:{number}:{dimension}")


def dimensions(site: str) -> str:
    """Return the key of the set of dimensions that have counts."""
    return key(site, "dimensions")


def present(site: str) -> str:
    """Return the key of the present hour."""
    return key(site, "present")


def changes(site: str) -> str:
    """Return the key of the hash that counts the writes of each day."""
    return key(site, "changes")


def turn(site: str) -> str:
    """Return the key of the number that grows whenever counts move from key to key."""
    return key(site, "turn")


def spans(site: str) -> str:
    """Return the key of the hash of the spans that are summed."""
    return key(site, "spans")


def sums(site: str, start: int, until: int, change: int, dimension: str) -> str:
    """Return the key of the sums of one dimension over a span as of a change, packed."""
    return key(site, f"span:{start}-{until}:{change}:{dimension}")


def values(site: str, day: int, dimension: str) -> str:
    """Return the key of the set of values of an open dimension that a day has."""
    return key(site, f"values:{day}:{dimension}")


def compacted(site: str) -> str:
    """Return the key of the hour up to which all is compacted."""
    return key(site, "joined")


# Schema version 1 had one hash for each hour, with the dimension as the first word of its fields.


def first_hours(site: str) -> str:
    """Return the key of the sorted set of hours of schema version 1."""
    return key(site, "hours")


def first_hour(site: str, number: int) -> str:
    """Return the key of the counts of an hour of schema version 1."""
    return key(site, f"hour:{number}")


def first_summed(site: str) -> str:
    """Return the key of the hash of the spans that schema version 1 summed."""
    return key(site, "summed")


def first_sums(site: str, span: str, revision: int, dimension: str) -> str:
    """Return the key of the sums of one dimension over a span of schema version 1."""
    return key(site, f"sum:{span}:{revision}:{dimension}")


def first_marks(site: str) -> list[str]:
    """Return the keys of what schema version 1 kept beside the counts."""
    return [key(site, name) for name in ("revisions", "summed", "summing", "compacted")]
