"""What the tests of the counters share: a clock that stands still, and sums over a table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from detector.core.counting.dimensions import Key

HOUR = 480_000


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.hour = HOUR

    def __call__(self) -> float:
        """Return the seconds at the middle of the hour."""
        return self.hour * 3600 + 1800.0


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock at a fixed hour."""
    yield Clock()


def events(rows: dict[Key, int]) -> int:
    """All events in the table, each counted once."""
    return sum(count for key, count in rows.items() if key[2] == "all")


def dropped(rows: dict[Key, int]) -> int:
    """Events that are noted as lost."""
    return sum(n for key, n in rows.items() if key[2] == "all" and key[5] == "dropped")
