"""Marks of annotations on the chart: a thin line, and above it the number from the list below."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from markupsafe import escape

from detector.core.counting.annotations import BAITS, Annotation
from detector.dashboard.texts import _

_FEWEST_APART = 14
"""How many pixels the numbers of two marks need."""


def words(annotation: Annotation) -> str:
    """Return the text of an annotation; that of our own is in the current language."""
    if annotation.kind == BAITS:
        return _("Pool of baits of %(day)s", day=annotation.text)
    return annotation.words


def marks(
    starts: Sequence[int],
    xs: Sequence[float],
    annotations: Sequence[Annotation],
    moments: Sequence[int],
    top: int,
    bottom: int,
) -> list[str]:
    """Draw annotations, the earliest first, each in the bucket of its moment.

    Those of one bucket, or of buckets too close for two numbers, share a mark.
    """
    parts: list[str] = []
    groups: list[tuple[float, list[int]]] = []
    for number, at in enumerate(moments):
        if not starts:
            break
        x = xs[max(0, bisect_right(starts, at) - 1)]
        if groups and x - groups[-1][0] < _FEWEST_APART:
            groups[-1][1].append(number)
        else:
            groups.append((x, [number]))
    for x, numbers in groups:
        text = "; ".join(words(annotations[number]) for number in numbers)
        first, last = numbers[0] + 1, numbers[-1] + 1
        shown = f"{first}" if first == last else f"{first}–{last}"
        parts.append(
            f'<g class="mark"><title>{escape(text)}</title>'
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top + 4}" y2="{bottom}"/>'
            f'<text x="{x:.1f}" y="{top}" class="mid">{shown}</text></g>'
        )
    return parts
