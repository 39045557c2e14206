"""What a flusher writes, and where it takes it from; for type checkers only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from detector.core.counting.store import Batch, Store


class Load(Protocol):
    """A batch to be written."""

    def size(self) -> int:
        """Return how many events it holds."""

    def add(self, store: Store, batch: Batch) -> None:
        """Write it; StoreError on failure."""

    def restore(self) -> None:
        """Put it back where it was taken from."""


class Reports(Load, Protocol):
    """Reports on their way to the store."""

    @property
    def reports(self) -> Mapping[bytes, object]:
        """The reports by their claims."""

    def is_full(self) -> bool:
        """Whether more reports may be waiting."""


class ReportSource(Protocol):
    """Reports that wait to be written with their claims."""

    @property
    def size(self) -> int:
        """How many reports wait."""

    def take(self) -> Reports:
        """Remove and return some of them."""


class SharedLimit(Protocol):
    """A limit that processes share through the store."""

    def tell(self, store: Store) -> None:
        """Write this process's part to the store."""
