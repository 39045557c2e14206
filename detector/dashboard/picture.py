"""The chart of an overview: its points, and the picture of them in two widths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from markupsafe import Markup

from detector.analytics.figures import Share
from detector.core.counting.annotations import Annotation
from detector.dashboard import charts, compared, marks
from detector.dashboard.overview import Overview
from detector.dashboard.reader import reader
from detector.dashboard.texts import _

_SIZES = {"wide": (880, 300), "slim": (380, 260)}


def pictures(
    found: Overview,
    buckets: Sequence[charts.Point],
    annotations: Sequence[Annotation],
    limit: float | None,
) -> dict[str, Markup]:
    """Return the chart for wide and for slim windows, each with what reads it.

    `limit` is the goal of the blocked share.
    """
    choice = found.choice
    title = _(
        "Share of blocked views, %(first)s to %(last)s; table below",
        first=choice.first,
        last=choice.last,
    )
    if name := compared_with(found):
        title = _("%(title)s; thin line: compared with %(name)s", title=title, name=name)
    said = _said(found, buckets, annotations)
    latest = max((at for at, each in enumerate(buckets) if each.measured), default=0)
    return {
        name: charts.lines(buckets, choice.step, *size, title, annotations, limit, choice.days)
        + reader(name, said, latest)
        for name, size in _SIZES.items()
    }


def _said(
    found: Overview, buckets: Sequence[charts.Point], annotations: Sequence[Annotation]
) -> list[str]:
    """Return each point in words, with the numbers of the annotations that stand on it."""
    step, days = found.choice.step, found.choice.days
    said = [charts.words(each, step, days) for each in buckets]
    places = marks.buckets([each.start for each in buckets], annotations, step, days)
    numbers: dict[int, list[str]] = {}
    for number, place in enumerate(places, 1):
        numbers.setdefault(place, []).append(f"{number}")
    for place, each in numbers.items():
        note = _("see note %(n)s", n=", ".join(each))
        said[place] += f" · {note}"
    return said


def compared_with(found: Overview) -> str:
    """Return in words what the chart has a line of to compare with, or ""."""
    return _(compared.COMPARISONS[found.choice.compare]) if found.then else ""


def points(found: Overview) -> list[charts.Point]:
    """Return the points of the chart; none where the shares over time are not known."""
    buckets = []
    choice = found.choice
    for row in found.tables["time"].rows:
        start, blocked, unreachable = row[0], row[2], row[3]
        assert isinstance(start, datetime)
        at = int(start.timestamp())
        assert isinstance(blocked, Share) and isinstance(unreachable, Share)
        shares = (None, None) if blocked.few else (blocked.value, unreachable.value)
        partial = not choice.is_complete(at)
        buckets.append(charts.Point(at, *shares, blocked.whole, partial))
    span = (choice.since, choice.until, choice.step, choice.days)
    whole = charts.filled(buckets, *span, bool(found.then))
    earlier = compared.earlier(choice)
    return [replace(each, then=_then(found, each.start, earlier)) for each in whole]


def _then(found: Overview, start: int, earlier: Mapping[int, int]) -> charts.Then | None:
    share = found.then.get(start)
    if share is None:
        return None
    then = earlier[start]
    value = None if share.few else share.value
    partial = not compared.is_whole(found.choice, then)
    return charts.Then(then, value, share.whole, partial)
