"""What all metrics libraries share: the labels and the help text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from detector.core.counting.dimensions import BAIT, bait_rows

LABELS = ("kind", "browser", "device", "mode", "reason", "signals")
"""Only closed dimensions: no path group, variant or locale becomes a label."""

HELP = "Events that adblock-detector counted"


def by(action: str, dims: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the action, dimension and value of each series that an event adds to.

    The request baits of a blocked view are counted by themselves, as asked and missed.
    """
    yield from ((action, name, value) for name in LABELS if (value := dims.get(name)))
    yield from ((what, BAIT, bait) for bait, what in bait_rows(dims))
