"""The range that views without a verdict leave open for a share.

A view has no verdict where its report was lost: the visitor left first, the browser was ended, the
network failed. Nothing is assumed of such views, so the range is as wide as they can make it.
"""

from __future__ import annotations

from typing import NamedTuple


class Bounds(NamedTuple):
    """The least and the most that a share of all views can be, 0 to 1."""

    low: float
    """If nothing of what is unknown belongs to the part."""
    high: float
    """If all of it does."""
    unknown: int
    """Views of which it is not known."""


def bounds(part: int, measured: int, views: int) -> Bounds | None:
    """Return the range of `part` among all views, of which only `measured` are known.

    Worst-case bounds: C. F. Manski, "Nonparametric bounds on treatment effects", American Economic
    Review 80 (1990), 319-323. They hold whatever decided which views are lost; chance, which
    Wilson's interval is about, is apart. More measured views than views, as where a view's own
    event was dropped, leave none unknown. None if there is no view at all.
    """
    unknown = max(0, views - measured)
    if not measured + unknown:
        return None
    whole = measured + unknown
    return Bounds(part / whole, (part + unknown) / whole, unknown)
