"""What visitors say who were shown the notice and block no ads: how often, where, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from detector.analytics.figures import Figures, Share
from detector.analytics.query import Answer, Cell
from detector.dashboard.funnel import NAMES, called
from detector.dashboard.tables import STEPS, Column, Table, Value
from detector.dashboard.texts import N_, _

TITLE = N_("Notices whose visitors block no ads")
SIGNALS_TITLE = N_("What had been seen where a notice was disputed")
_NOTE = N_(
    "Disputed by a click on “I block no ads”, as a share of the notices shown. Most people who are "
    "asked wrongly do not say so: watch where and when it is high."
)
_SIGNALS = {
    "none": N_("none of them"),
    "requests": N_("bait requests"),
    "elements": N_("bait elements"),
    "ads": N_("the page's ads"),
    "slots": N_("places for ads"),
}


def by(total: Figures, cells: Mapping[str, Iterable[Cell]]) -> Table:
    """Return the disputed notices of everybody, then of each value of each of these dimensions."""
    rows: list[tuple[Value, ...]] = []
    for dimension, values in cells.items():
        known = sorted(filter(_asked, values), key=_most)
        rows += [
            (_(NAMES[dimension]), called(dimension, cell.values[0]), *_figures(cell.figures))
            for cell in known
        ]
    if rows:
        rows.insert(0, (_("all"), _("everybody"), *_figures(total)))
    columns = (Column("by", _("By"), "text"), Column("value", _("Value"), "text"), *_columns())
    return Table("disputed", _(TITLE), columns, tuple(rows), _(_NOTE))


def over_time(answer: Answer, note: str) -> Table:
    """Return the disputed notices of each span of time that had notices, the latest first.

    `note` says what time zone it is in.
    """
    asked = filter(_asked, reversed(answer.cells))
    rows = tuple((answer.days.at(cell.start or 0), *_figures(cell.figures)) for cell in asked)
    columns = (Column("start", _(STEPS[answer.step]), "time"), *_columns())
    title = _("Notices whose visitors block no ads, over time")
    return Table("disputed-time", title, columns, rows, note)


def by_signals(cells: Iterable[Cell], whole: int) -> Table:
    """Return the disputed notices by what the page had seen."""
    rows: list[tuple[Value, ...]] = []
    for cell in cells:
        n = cell.figures.views
        said = " + ".join(_(_SIGNALS.get(name, name)) for name in cell.values[0].split())
        rows.append((said, n, Share(n, whole, "disputed notices")))
    columns = (Column("signals", _("Said blocked"), "text"), Column("disputed", _("Disputed")))
    share = Column("share", _("Share"), "share")
    return Table("disputed-signals", _(SIGNALS_TITLE), (*columns, share), tuple(rows))


def _columns() -> tuple[Column, ...]:
    return (Column("shown", _("Notices")), Column("disputed", _("Disputed"), "share"))


def _asked(cell: Cell) -> bool:
    return bool(cell.figures.disputed.whole)


def _most(cell: Cell) -> int:
    return -cell.figures.disputed.whole


def _figures(figures: Figures) -> list[Value]:
    return [figures.actions["shown"], figures.disputed]
