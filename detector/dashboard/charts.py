"""The line chart as SVG, drawn on the server: no script, and its colours come from CSS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from detector.analytics.local_days import UTC_DAYS, LocalDays
from detector.core.counting.annotations import Annotation
from detector.dashboard.formats import label, moment, number, percent
from detector.dashboard.marks import buckets, marks
from detector.dashboard.texts import _, plural

_LEFT, _RIGHT, _TOP, _BOTTOM, _STRIP, _GAP = 44, 12, 10, 24, 34, 10
_SCALES = (0.04, 0.08, 0.12, 0.16, 0.2, 0.24, 0.32, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Then:
    """An earlier bucket: its start, its blocked share (None: of few views), its measured views."""

    start: int
    blocked: float | None
    measured: int
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A time bucket: its start, its shares (None: of few views or none), and its measured views."""

    start: int
    blocked: float | None
    unreachable: float | None
    measured: int | None
    partial: bool = False
    """Whether the bucket is not over yet, or not all of it belongs to the range."""
    then: Then | None = None
    """The bucket that it is compared with."""


def lines(
    points: Sequence[Point],
    step: str,
    width: int,
    height: int,
    title: str,
    annotations: Sequence[Annotation] = (),
    goal: float | None = None,
    days: LocalDays = UTC_DAYS,
) -> Markup:
    """Draw both shares as lines with marks of annotations, above bars for the measured views."""
    top = _top(points, goal or 0)
    middle = height - _BOTTOM - _STRIP - _GAP
    slot = (width - _LEFT - _RIGHT) / max(1, len(points))
    xs = [_LEFT + slot * (at + 0.5) for at in range(len(points))]

    def y(share: float) -> float:
        return middle - (middle - _TOP) * min(share, top) / top

    parts = [*_grid(top, y, width), *_bars(points, xs, slot, height)]
    known = [
        None
        if (then := point.then) is None or then.blocked is None
        else (x, y(then.blocked), then.partial)
        for x, point in zip(xs, points, strict=True)
    ]
    parts += _line(known, "then", middle)
    for name in ("unreachable", "blocked"):
        known = [
            None if (share := getattr(point, name)) is None else (x, y(share), point.partial)
            for x, point in zip(xs, points, strict=True)
        ]
        parts += _line(known, name, middle)
    if goal is not None:
        at = f'y1="{y(goal):.1f}" y2="{y(goal):.1f}"'
        parts.append(f'<line class="goal" x1="{_LEFT}" x2="{width - _RIGHT}" {at}/>')
    parts += _labels(points, xs, step, width, height, days)
    places = buckets([point.start for point in points], annotations, step, days)
    parts += marks([xs[place] for place in places], annotations, _TOP, height - _BOTTOM)
    inside = "".join(parts)
    head = f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">'
    return Markup(f"{head}{inside}</svg>")


def _top(points: Sequence[Point], least: float = 0) -> float:
    earlier = (point.then.blocked for point in points if point.then)
    shares = [share for p in points for share in (p.blocked, p.unreachable) if share]
    shares += [share for share in earlier if share]
    most = max(least, max(shares, default=0))
    return next(scale for scale in _SCALES if scale >= min(1.0, most * 1.05))


def _grid(top: float, y: Callable[[float], float], width: int) -> list[str]:
    parts = []
    for quarter in range(5):
        share = top * quarter / 4
        at = y(share)
        digits = 0 if (top * 100 / 4) % 1 == 0 else 1
        parts.append(
            f'<line class="grid" x1="{_LEFT}" x2="{width - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
            f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" class="end">{percent(share, digits)}</text>'
        )
    return parts


def _bars(points: Sequence[Point], xs: Sequence[float], slot: float, height: int) -> list[str]:
    most = max((point.measured or 0 for point in points), default=0) or 1
    floor, wide = height - _BOTTOM, max(1.0, slot * 0.72)
    parts = []
    for x, point in zip(xs, points, strict=True):
        tall = _STRIP * (point.measured or 0) / most
        if tall:
            name = "volume partial" if point.partial else "volume"
            parts.append(
                f'<rect class="{name}" x="{x - wide / 2:.1f}" y="{floor - tall:.1f}" '
                f'width="{wide:.1f}" height="{tall:.1f}"/>'
            )
    return parts


_Place = tuple[float, float, bool]


def _line(known: Sequence[_Place | None], name: str, floor: float) -> list[str]:
    """Draw a line with gaps where nothing is known; a value between two gaps is a dot.

    What leads to a bucket that is not complete is dashed, and ends in a ring.
    """
    runs: list[list[_Place]] = [[]]
    for place in known:
        if place is None:
            runs.append([])
        else:
            runs[-1].append(place)
    parts = []
    for run in filter(None, runs):
        whole = [place for place in run if not place[2]]
        if name == "blocked" and len(run) > 1:
            area = f"{_path(run)}L{run[-1][0]:.1f} {floor:.1f}L{run[0][0]:.1f} {floor:.1f}Z"
            parts.append(f'<path class="area" d="{area}"/>')
        if len(whole) > 1:
            parts.append(f'<path class="line {name}" d="{_path(whole)}"/>')
        parts += [
            f'<path class="line partial {name}" d="{_path(pair)}"/>'
            for pair in pairwise(run)
            if pair[0][2] or pair[1][2]
        ]
        dots = [place for place in run if place[2]] + (whole if len(whole) == 1 else [])
        parts += [
            f'<circle class="{name}{" partial" if partial else ""}" '
            f'cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
            for x, y, partial in dots
        ]
    return parts


def _path(places: Iterable[_Place]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, _ in places)


def _labels(
    points: Sequence[Point],
    xs: Sequence[float],
    step: str,
    width: int,
    height: int,
    days: LocalDays,
) -> list[str]:
    most = max(2, width // 100)
    every = max(1, -(-len(points) // most))
    parts = []
    for at in range(0, len(points), every):
        text = escape(label(days.at(points[at].start), step))
        # The last label must not run out of the chart.
        if xs[at] < width - _RIGHT - 20:
            parts.append(f'<text x="{xs[at]:.1f}" y="{height - 6}" class="mid">{text}</text>')
    return parts


def words(point: Point, step: str, days: LocalDays) -> str:
    """Return a bucket in words, with what it is compared with."""
    found, then = _words(point, step, days), point.then
    if then is None or then.blocked is None:
        return found
    other = plural(
        "compared with %(when)s: %(blocked)s blocked, of %(n)s measured view",
        "compared with %(when)s: %(blocked)s blocked, of %(n)s measured views",
        then.measured,
        when=moment(days.at(then.start), step),
        blocked=percent(then.blocked),
        n=number(then.measured),
    )
    return f"{found} · {other}"


def _words(point: Point, step: str, days: LocalDays) -> str:
    when = moment(days.at(point.start), step)
    if point.partial:
        when = _("%(when)s, not complete", when=when)
    n = point.measured or 0
    if point.blocked is None or point.unreachable is None:
        return plural(
            "%(when)s: %(n)s measured view, too few for a share",
            "%(when)s: %(n)s measured views, too few for a share",
            n,
            when=when,
            n=number(n),
        )
    return plural(
        "%(when)s: %(blocked)s blocked, %(missing)s did not arrive, of %(n)s measured view",
        "%(when)s: %(blocked)s blocked, %(missing)s did not arrive, of %(n)s measured views",
        n,
        when=when,
        blocked=percent(point.blocked),
        missing=percent(point.unreachable),
        n=number(n),
    )


def filled(
    points: Sequence[Point], since: int, until: int, step: str, days: LocalDays, all: bool = False
) -> list[Point]:
    """Insert empty points for buckets without counts, so that the time axis is even.

    Those of weeks and months only where `all` are needed.
    """
    if not points or (step not in ("hour", "day") and not all):
        return list(points)
    by = {point.start: point for point in points}
    start, whole = days.bucket(since, step), []
    while start < until:
        whole.append(by.get(start, Point(start, None, None, None)))
        start = days.following(start, step)
    return whole
