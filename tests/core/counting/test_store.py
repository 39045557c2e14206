"""What no store can hold, and until when rows are kept."""

from __future__ import annotations

import pytest

from detector.core.counting.dimensions import Key
from detector.core.counting.store import borders, check_rows
from detector.core.errors import StoreError

VIEW: Key = (480_000, "site", "all", "", "", "view")


@pytest.mark.parametrize(("hour", "count"), [(0, 0), (480_000, 1), (2**62 - 1, 2**62 - 1)])
def test_rows_that_fit(hour: int, count: int) -> None:
    """The smallest and the largest numbers are held."""
    check_rows({(hour, *VIEW[1:]): count, VIEW: 1})


@pytest.mark.parametrize(
    ("hour", "count"), [(-1, 1), (2**62, 1), (480_000, -1), (480_000, 2**62), (-1, -1)]
)
def test_numbers_that_do_not_fit(hour: int, count: int) -> None:
    """The error names the row, wherever it stands."""
    key: Key = (hour, *VIEW[1:])
    with pytest.raises(StoreError) as error:
        check_rows({(1, *VIEW[1:]): 1, key: count})
    assert str(error.value) == f"a count cannot be used: {count!r} in {key!r}"


@pytest.mark.parametrize("place", range(1, 6))
def test_words_that_do_not_fit(place: int) -> None:
    """A control character in any word would break some store."""
    key: Key = tuple("a\nb" if n == place else part for n, part in enumerate(VIEW))  # type: ignore[assignment]
    with pytest.raises(StoreError) as error:
        check_rows({key: 1})
    assert str(error.value) == f"a count cannot be used: {key!r} has unprintable characters"


@pytest.mark.parametrize("hour", [480_024, 480_037, 480_047])
def test_borders(hour: int) -> None:
    """Rows are kept by the hour for 30 days and by the day for 25 months, from today's midnight."""
    assert borders(hour) == (480_024 - 30 * 24, 480_024 - 761 * 24)
