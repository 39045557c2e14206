"""Sums of a store that can read within one transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from detector.core.counting.store import Sum


class Summing(Protocol):
    """The counts as they are in one transaction."""

    @property
    def sums(self) -> Callable[..., list[Sum]]:
        """Sum one dimension; see `Store.sums`."""


class SumsBySnapshot:
    """A store whose sums are those of a snapshot."""

    def snapshot(self) -> AbstractContextManager[Summing]:
        """Return a reader whose sums all belong to one moment; other threads wait meanwhile."""
        raise NotImplementedError

    def sums(self, dimension: str, **asked: Any) -> list[Sum]:
        """Sum one dimension; see `Store.sums`."""
        with self.snapshot() as moment:
            return moment.sums(dimension, **asked)
