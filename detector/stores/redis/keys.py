"""The names of the keys of a site, whose name is their hash tag: a cluster keeps them together."""

from __future__ import annotations

SITES = "detector:sites"
ANNOTATIONS = "detector:annotations"
APART = "\x1f"
"""Separates the words of a field: dimension, value, state and action."""


def key(site: str, what: str) -> str:
    """Return the key of something of a site."""
    # A brace in the name would end the hash tag early.
    tag = site.replace("%", "%25").replace("{", "%7B").replace("}", "%7D")
    return f"detector:{{{tag}}}:{what}"


def hours(site: str) -> str:
    """Return the key of the sorted set of hours that have counts."""
    return key(site, "hours")


def hour(site: str, number: int) -> str:
    """Return the key of the counts of an hour."""
    return key(site, f"hour:{number}")


def present(site: str) -> str:
    """Return the key of the present hour."""
    return key(site, "present")


def revisions(site: str) -> str:
    """Return the key of the hash that counts the writes of each hour."""
    return key(site, "revisions")


def summed(site: str) -> str:
    """Return the key of the hash of the spans that are summed."""
    return key(site, "summed")


def sums(site: str, start: int, until: int, revision: int, dimension: str) -> str:
    """Return the key of the sums of one dimension over a span, as of a revision."""
    return key(site, f"sum:{start}-{until}:{revision}:{dimension}")
