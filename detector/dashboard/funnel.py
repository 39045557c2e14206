"""What the notice does: the steps of all visitors together, or of each value of a dimension."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from detector.analytics.figures import Figures, Share
from detector.analytics.query import Cell
from detector.core.counting.dimensions import JOIN, OPEN
from detector.core.vocabulary import DIMENSIONS, OTHER
from detector.dashboard.tables import Column, Table, Term, Value
from detector.dashboard.texts import N_, _

NAMES = {
    "kind": N_("kind"),
    "browser": N_("browser"),
    "device": N_("device"),
    "mode": N_("mode"),
    "variant": N_("variant"),
    "locale": N_("language"),
    "group": N_("path group"),
}
"""The dimensions that the funnel can be split by, with their names in the page."""
HEADS = {
    "kind": N_("Kind"),
    "browser": N_("Browser"),
    "device": N_("Device"),
    "mode": N_("Mode"),
    "variant": N_("Variant"),
    "locale": N_("Language"),
    "group": N_("Path group"),
}
"""The same as headings of columns."""
KINDS = {
    "extension": N_("extension"),
    "browser": N_("the browser itself"),
    "network": N_("network"),
    "none": N_("not known"),
}
"""The kinds, with their names in the page."""
_WORDS = {
    "kind": KINDS,
    "device": {
        "desktop": N_("desktop"),
        "phone": N_("phone"),
        "tablet": N_("tablet"),
        OTHER: N_("other"),
    },
    "browser": {OTHER: N_("other")},
}
_STEPS = {
    "seen": N_("Page views"),
    "shown": N_("Saw the notice"),
    "steps": N_("Opened the steps"),
    "recheck": N_("Asked to check again"),
    "allowed": N_("Allowed ads"),
    "dismissed": N_("Said not now"),
    "support": N_("Chose to support"),
}
UNTITLED = N_("What the notice does")
_NOTE = N_("Notices are a share of the page views, the following steps of the notices shown.")
_EARLIER = N_(
    "Some answered a notice that is not counted here: they are in a count, but in no share."
)
_WON = N_("Won back are views that loaded ads after their visitor had allowed them.")

assert NAMES.keys() == (DIMENSIONS.keys() - {"reason", "signals"}) | OPEN.keys()


def choices(pairs: Iterable[str]) -> Mapping[str, str]:
    """Return what the funnel can be split by, with the names in the page; "" is no split."""
    parts = {pair: pair.split(JOIN) for pair in pairs}
    named = {
        pair: _("%(one)s and %(other)s", one=_(NAMES[both[0]]), other=_(NAMES[both[1]]))
        for pair, both in parts.items()
        if NAMES.keys() >= set(both)
    }
    return {"": _("everything"), **{name: _(text) for name, text in NAMES.items()}, **named}


def whole(total: Figures) -> Table:
    """Return the steps of all visitors together."""
    steps = total.funnel()
    rows: list[tuple[Value, ...]] = [
        (_(_STEPS[step.name]), step.count, step.share) for step in steps
    ]
    earlier = f" {_(_EARLIER)}" if any(step.earlier for step in steps) else ""
    won = Share(total.recovered, total.with_ads, "views with ads")
    rows.append((_("Views won back"), total.recovered, won))
    columns = (Column("step", _("Step"), "text"), Column("count", _("Count")))
    return Table(
        "funnel",
        _(UNTITLED),
        (*columns, Column("share", _("Share"), "share")),
        tuple(rows),
        f"{_(_NOTE)} {_(_WON)}{earlier}",
    )


def split(cells: Iterable[Cell], by: str) -> Table:
    """Return the steps of each value, those with the most notices first."""
    parts = by.split(JOIN)
    ordered = sorted((cell for cell in cells if cell.figures.actions["shown"]), key=_place)
    # A pair has two values in each row; what is counted only with a notice has no page views.
    viewed = any(cell.figures.views for cell in ordered)
    won = viewed or any(cell.figures.recovered for cell in ordered)
    columns = (
        *(Column(part, _(HEADS[part]), "text") for part in parts),
        *((Column("seen", _(_STEPS["seen"])),) if viewed else ()),
        Column("shown", _(_STEPS["shown"]), "part" if viewed else "count"),
        *(Column(name, _(title), "part") for name, title in list(_STEPS.items())[2:]),
        *((Column("recovered", _("Won back")),) if won else ()),
    )
    rows = tuple(
        (*_called(parts, cell.values), *_figures(cell.figures, viewed, won)) for cell in ordered
    )
    named = choices([by] if len(parts) > 1 else [])[by]
    title = _("What the notice does, by %(dimension)s", dimension=named)
    note = _(_NOTE) if viewed else _("Shares are of the notices shown.")
    note = f"{note} {_(_WON)}" if won else note
    if any(step.earlier for cell in ordered for step in cell.figures.funnel()):
        note = f"{note} {_(_EARLIER)}"
    return Table("funnel", title, columns, rows, note)


def _called(parts: Iterable[str], values: Iterable[str]) -> list[Term]:
    return [called(part, value) for part, value in zip(parts, values, strict=True)]


def called(dimension: str, value: str) -> Term:
    """Return a dimension's value in words, where it is one of ours; all others stay as they are."""
    text = _WORDS.get(dimension, {}).get(value)
    return Term.of(_(text) if text else value, dimension, value)


def _place(cell: Cell) -> tuple[bool, int]:
    return OTHER in cell.values, -cell.figures.actions["shown"]


def _figures(figures: Figures, viewed: bool, won: bool) -> list[Value]:
    _, shown, *done = figures.funnel()
    shares: list[Value] = [step.share for step in done]
    seen: list[Value] = [figures.views, shown.share] if viewed else [shown.count]
    return [*seen, *shares, *([figures.recovered] if won else [])]
