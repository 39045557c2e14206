"""What a query must answer, from the naive rows: one pass over all of them for each cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.oracle.rules import Row

STATES = ("blocked", "unreachable", "clear", "unknown", "partial")
ACTIONS = ("shown", "steps", "recheck", "allowed", "dismissed", "support", "disputed")
TEST = ("drawn", "stayed", "won")

Cell = tuple[tuple[str, ...], int | None]
"""Values and the start of the span in Unix seconds."""


@dataclass(frozen=True)
class Asked:
    """A query: the hours are since 1970, `until` is not included."""

    by: str
    step: str
    since: int | None
    until: int | None
    site: str | None


def within(rows: Mapping[Row, int], asked: Asked) -> list[tuple[Row, int]]:
    """Return the rows of a query's span and site."""
    return [
        (row, count)
        for row, count in rows.items()
        if (asked.site is None or row[1] == asked.site)
        and (asked.since is None or row[0] >= asked.since)
        and (asked.until is None or row[0] < asked.until)
    ]


def start(hour: int, step: str) -> int | None:
    """Return when the hour, day, week (from Monday) or month of an hour begins, in UTC."""
    if not step:
        return None
    at = datetime.fromtimestamp(hour * 3600, UTC)
    if step != "hour":
        at = at.replace(hour=0)
    if step == "week":
        at -= timedelta(days=at.weekday())
    if step == "month":
        at = at.replace(day=1)
    return int(at.timestamp())


def cells(rows: Mapping[Row, int], asked: Asked) -> dict[Cell, Counter[str]]:
    """Return the counts of each cell that has views, verdicts, notices or members' views."""
    found: dict[Cell, Counter[str]] = {}
    parts = asked.by.count("+")
    for (hour, _, dimension, value, state, action), count in within(rows, asked):
        if dimension == (asked.by or "all"):
            values = tuple(value.split("+", parts)) if asked.by else ()
            figures = found.setdefault((values, start(hour, asked.step)), Counter())
            figures[f"{action} {state}" if action == "verdict" else action] += count
    return {cell: kept for cell, each in found.items() if (kept := _kept(each))}


def _kept(figures: Counter[str]) -> Counter[str]:
    """Return what a cell shows, or nothing for one that no view is behind."""
    if not any(figures[name] for name in (*_VERDICTS, "view", "shown", "ad-free", *TEST)):
        return Counter()
    return Counter({name: figures[name] for name in _SHOWN if figures[name]})


_VERDICTS = tuple(f"verdict {state}" for state in STATES)
_SHOWN = ("view", "ad-free", "recovered", *_VERDICTS, *ACTIONS, *TEST)
