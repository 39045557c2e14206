"""What had been seen where visitors disputed a notice, by saying that they block no ads."""

from __future__ import annotations

from typing import Any

from detector.analytics.figures import Figures
from detector.analytics.query import Cell
from detector.core.counting.store import Store

__all__ = ["patterns"]


def patterns(store: Store, **span: Any) -> list[Cell]:
    """Return how many notices were disputed by the signals that said blocked, most first.

    A cell's views are such notices; `span` is that of `Store.sums`.
    """
    found: dict[str, int] = {}
    for row in store.sums("signals", **span):
        found[row.value] = found.get(row.value, 0) + row.n
    cells = [Cell((value,), None, Figures(views=n)) for value, n in found.items() if n]
    return sorted(cells, key=lambda cell: -cell.figures.views)
