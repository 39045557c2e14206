"""Reads a store for one page or one answer, such that all of its figures belong to one moment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

from detector.core.counting.dimensions import ALL
from detector.core.counting.store import Store, Sum

_TRIES = 5
T = TypeVar("T")


class _Sums(Protocol):
    def sums(
        self,
        dimension: str,
        *,
        site: str | None = None,
        since: int | None = None,
        until: int | None = None,
        step: int = 0,
        value: str | None = None,
    ) -> list[Sum]: ...


@runtime_checkable
class _WithSnapshots(Protocol):
    def snapshot(self) -> AbstractContextManager[_Sums]: ...


@runtime_checkable
class _WithPages(Protocol):
    def page(self) -> _Sums: ...


def at_one_moment(store: Store, read: Callable[[Store], T]) -> T:
    """Return what `read` makes of a store that stays unchanged meanwhile, as far as it can.

    SQLite and PostgreSQL read in one transaction. Redis has none that reads: it is read again, up
    to five times, if its totals have changed; on a busy site the last reading may span some
    flushes. Each sum is read once, however often it is asked for. `read` may only call `sums`.
    """
    if isinstance(store, _WithSnapshots):
        with store.snapshot() as moment:
            return read(cast(Store, _Once(moment)))
    for _ in range(_TRIES):
        once = _Once(_page(store))
        found = read(cast(Store, once))
        if once.holds(_page(store)):
            break
    return found


def _page(store: Store) -> _Sums:
    return store.page() if isinstance(store, _WithPages) else store


class _Once:
    """Asks a store each question once."""

    def __init__(self, store: _Sums) -> None:
        self._store = store
        self._known: dict[Any, list[Sum]] = {}

    def sums(self, dimension: str, **span: Any) -> list[Sum]:
        """Sum one dimension; see `Store.sums`."""
        span["step"] = span.get("step", 0)
        key = (dimension, *sorted(span.items(), key=lambda item: item[0]))
        if key not in self._known:
            self._known[key] = self._store.sums(dimension, **span)
        return self._known[key]

    def holds(self, now: _Sums) -> bool:
        """Whether the totals are still as they were read: each event adds to its hour's."""
        return all(
            now.sums(key[0], **dict(key[1:])) == known
            for key, known in self._known.items()
            if key[0] == ALL
        )
