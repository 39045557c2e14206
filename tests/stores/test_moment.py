"""A page and a command's answer show one moment of every store, whoever writes meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from detector.analytics.moment import at_one_moment
from detector.analytics.query import query
from detector.core.counting.counters import Counters
from detector.core.counting.store import Store
from detector.core.counting.store_url import open_store

HOUR = 480_000


def write(store: Store, times: int = 1) -> None:
    """Add views of one browser."""
    counters = Counters("site", clock=lambda: HOUR * 3600.0)
    for _ in range(times):
        counters.count("view", browser="firefox")
    store.add(counters.drain())


def views(moment: Store, between: Callable[[], None]) -> tuple[int, int]:
    """Read the views of all and of one browser, with something in between."""
    whole = query(moment, pages=False).total.views
    between()
    (cell,) = query(moment, by="browser", pages=False).cells
    return whole, cell.figures.views


def test_one_moment(url: str, store: Store) -> None:
    """What is written between two sums is in both or in neither, and in the next answer."""
    write(store, 20)
    writer = open_store(url)
    left = [5]

    def flush() -> None:
        if left:
            write(writer, left.pop())

    whole, part = at_one_moment(store, lambda moment: views(moment, flush))
    assert whole == part
    assert at_one_moment(store, lambda moment: views(moment, lambda: None)) == (25, 25)
    assert not left
    writer.close()


def test_many_flushes(url: str, store: Store) -> None:
    """A store that is written to all the time is read all the same, in a bounded time."""
    write(store, 20)
    writer = open_store(url)
    found = at_one_moment(store, lambda moment: views(moment, lambda: write(writer)))
    assert found[0] >= 20
    writer.close()


def test_the_store_works_after_an_error(store: Store) -> None:
    """An error while reading leaves no transaction open."""
    write(store, 20)

    def fail(moment: Store) -> Any:
        query(moment)
        query(moment, by="mood")

    with pytest.raises(ValueError, match="'mood' is none of"):
        at_one_moment(store, fail)
    write(store, 5)
    assert query(store).total.views == 25
