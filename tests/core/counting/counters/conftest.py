"""Fixtures of the tests of the counters: a frozen clock, and sums over a table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from detector.core.counting.dimensions import Key

HOUR = 480_000


class Clock:
    """A frozen clock that tests move by hand."""

    def __init__(self) -> None:
        self.hour = HOUR

    def __call__(self) -> float:
        """Return the time in the middle of the hour, in seconds."""
        return self.hour * 3600 + 1800.0


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Return a clock at a fixed hour."""
    yield Clock()


def events(rows: dict[Key, int]) -> int:
    """All events in the table, each counted once."""
    return sum(count for key, count in rows.items() if key[2] == "all")


def dropped(rows: dict[Key, int]) -> int:
    """Events that are noted as lost."""
    return sum(n for key, n in rows.items() if key[2] == "all" and key[5] == "dropped")
