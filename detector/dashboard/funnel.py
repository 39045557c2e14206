"""What the notice does: the steps of all visitors together, or of each value of a dimension."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from detector.analytics.figures import Figures, Share
from detector.analytics.query import Cell
from detector.core.counting.dimensions import JOIN, OPEN
from detector.core.vocabulary import DIMENSIONS, OTHER
from detector.dashboard.tables import Column, Table, Value

NAMES = {
    "kind": "kind",
    "browser": "browser",
    "device": "device",
    "mode": "mode",
    "variant": "variant",
    "locale": "language",
    "group": "path group",
}
"""The dimensions that the funnel can be split by, with their names in the page."""
KINDS = {
    "extension": "extension",
    "browser": "the browser itself",
    "network": "network",
    "none": "not known",
}
"""The kinds, with their names in the page."""
_STEPS = {
    "seen": "Page views",
    "shown": "Saw the notice",
    "steps": "Opened the steps",
    "recheck": "Asked to check again",
    "allowed": "Allowed ads",
    "dismissed": "Said not now",
    "support": "Chose to support",
}
_UNTITLED = "What the notice does"
_NOTE = "Notices are a share of the page views, the following steps of the notices shown."
_EARLIER = "Some answered a notice that is not counted here: they are in a count, but in no share."
_WON = "Won back are views that loaded ads after their visitor had allowed them."

assert NAMES.keys() == (DIMENSIONS.keys() - {"reason", "signals"}) | OPEN.keys()


def choices(pairs: Iterable[str]) -> Mapping[str, str]:
    """Return what the funnel can be split by, with the names in the page; "" is no split."""
    parts = {pair: pair.split(JOIN) for pair in pairs}
    named = {
        pair: " and ".join(NAMES[one] for one in both)
        for pair, both in parts.items()
        if NAMES.keys() >= set(both)
    }
    return {"": "everything", **NAMES, **named}


def whole(total: Figures) -> Table:
    """Return the steps of all visitors together."""
    steps = total.funnel()
    rows: list[tuple[Value, ...]] = [(_STEPS[step.name], step.count, step.share) for step in steps]
    earlier = f" {_EARLIER}" if any(step.earlier for step in steps) else ""
    won = Share(total.recovered, total.with_ads, "views with ads")
    rows.append(("Views won back", total.recovered, won))
    columns = (Column("step", "Step", "text"), Column("count", "Count"))
    return Table(
        "funnel",
        _UNTITLED,
        (*columns, Column("share", "Share", "share")),
        tuple(rows),
        f"{_NOTE} {_WON}{earlier}",
    )


def split(cells: Iterable[Cell], by: str) -> Table:
    """Return the steps of each value, those with the most notices first."""
    parts = by.split(JOIN)
    ordered = sorted((cell for cell in cells if cell.figures.actions["shown"]), key=_place)
    # A pair has two values in each row; what is counted only with a notice has no page views.
    viewed = any(cell.figures.views for cell in ordered)
    won = viewed or any(cell.figures.recovered for cell in ordered)
    columns = (
        *(Column(part, NAMES[part].capitalize(), "text") for part in parts),
        *((Column("seen", _STEPS["seen"]),) if viewed else ()),
        Column("shown", _STEPS["shown"], "part" if viewed else "count"),
        *(Column(name, title, "part") for name, title in list(_STEPS.items())[2:]),
        *((Column("recovered", "Won back"),) if won else ()),
    )
    rows = tuple(
        (*_called(parts, cell.values), *_figures(cell.figures, viewed, won)) for cell in ordered
    )
    title = f"{_UNTITLED}, by {choices([by] if len(parts) > 1 else [])[by]}"
    note = _NOTE if viewed else "Shares are of the notices shown."
    note = f"{note} {_WON}" if won else note
    if any(step.earlier for cell in ordered for step in cell.figures.funnel()):
        note = f"{note} {_EARLIER}"
    return Table("funnel", title, columns, rows, note)


def _called(parts: Iterable[str], values: Iterable[str]) -> list[str]:
    named = zip(parts, values, strict=True)
    return [KINDS.get(value, value) if part == "kind" else value for part, value in named]


def _place(cell: Cell) -> tuple[bool, int]:
    return OTHER in cell.values, -cell.figures.actions["shown"]


def _figures(figures: Figures, viewed: bool, won: bool) -> list[Value]:
    _, shown, *done = figures.funnel()
    shares: list[Value] = [step.share for step in done]
    seen: list[Value] = [figures.views, shown.share] if viewed else [shown.count]
    return [*seen, *shares, *([figures.recovered] if won else [])]
