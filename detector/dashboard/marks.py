"""Marks of annotations on the chart: a thin line, and above it the number from the list below."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from markupsafe import escape

from detector.analytics.local_days import LocalDays
from detector.core.counting.annotations import BAITS, Annotation
from detector.dashboard.texts import _

_FEWEST_APART = 14
"""How many pixels the numbers of two marks need."""


def words(annotation: Annotation) -> str:
    """Return the text of an annotation; that of our own is in the current language."""
    if annotation.kind == BAITS:
        return _("Pool of baits of %(day)s", day=annotation.text)
    return annotation.words


def buckets(
    starts: Sequence[int], annotations: Sequence[Annotation], step: str, days: LocalDays
) -> list[int]:
    """Return the number of the bucket that each annotation belongs to; [] without buckets.

    Its day is that of the time zone, also where the bucket is one of UTC.
    """
    if not starts:
        return []
    moments = [
        one.at if step == "hour" else days.start(days.local(one.at).date()) for one in annotations
    ]
    return [max(0, bisect_right(starts, at) - 1) for at in moments]


def marks(
    xs: Sequence[float], annotations: Sequence[Annotation], top: int, bottom: int
) -> list[str]:
    """Draw annotations, the earliest first, each at its place in pixels.

    Those of one bucket, or of buckets too close for two numbers, share a mark.
    """
    parts: list[str] = []
    groups: list[tuple[float, list[int]]] = []
    for number, x in enumerate(xs):
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
