"""What visitors say who were shown the notice and block no ads: how often, where, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from detector.analytics.figures import Figures, Share
from detector.analytics.query import Answer, Cell
from detector.dashboard.funnel import KINDS
from detector.dashboard.tables import Column, Table, Value

_TITLE = "Notices whose visitors block no ads"
_NOTE = (
    "Disputed by a click on “I block no ads”, as a share of the notices shown. Most people who are "
    "asked wrongly do not say so: watch where and when it is high."
)
_COLUMNS = (
    Column("shown", "Notices"),
    Column("disputed", "Disputed", "share"),
)
_SIGNALS = {
    "none": "none of them",
    "requests": "bait requests",
    "elements": "bait elements",
    "ads": "the page's ads",
    "slots": "places for ads",
}


def by(total: Figures, cells: Mapping[str, Iterable[Cell]]) -> Table:
    """Return the disputed notices of everybody, then of each value of each of these dimensions."""
    rows: list[tuple[Value, ...]] = []
    for dimension, values in cells.items():
        known = sorted(filter(_asked, values), key=_most)
        named = KINDS if dimension == "kind" else {}
        rows += [
            (dimension, named.get(cell.values[0], cell.values[0]), *_figures(cell.figures))
            for cell in known
        ]
    if rows:
        rows.insert(0, ("all", "everybody", *_figures(total)))
    columns = (Column("by", "By", "text"), Column("value", "Value", "text"), *_COLUMNS)
    return Table("disputed", _TITLE, columns, tuple(rows), _NOTE)


def over_time(answer: Answer) -> Table:
    """Return the disputed notices of each span of time that had notices, the latest first."""
    asked = filter(_asked, reversed(answer.cells))
    rows = tuple((cell.start or 0, *_figures(cell.figures)) for cell in asked)
    columns = (Column("start", answer.step.capitalize(), "time"), *_COLUMNS)
    return Table("disputed-time", f"{_TITLE}, over time", columns, rows, "Times are UTC.")


def by_signals(cells: Iterable[Cell], whole: int) -> Table:
    """Return the disputed notices by what the page had seen."""
    rows: list[tuple[Value, ...]] = []
    for cell in cells:
        n = cell.figures.views
        said = " + ".join(_SIGNALS.get(name, name) for name in cell.values[0].split())
        rows.append((said, n, Share(n, whole, "disputed notices")))
    columns = (Column("signals", "Said blocked", "text"), Column("disputed", "Disputed"))
    share = Column("share", "Share", "share")
    title = "What had been seen where a notice was disputed"
    return Table("disputed-signals", title, (*columns, share), tuple(rows))


def _asked(cell: Cell) -> bool:
    return bool(cell.figures.disputed.whole)


def _most(cell: Cell) -> int:
    return -cell.figures.disputed.whole


def _figures(figures: Figures) -> list[Value]:
    return [figures.actions["shown"], figures.disputed]
