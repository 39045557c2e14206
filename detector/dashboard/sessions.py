"""Sessions of each variant of the notice, and what a notice does to them, as tables."""

from __future__ import annotations

from detector.analytics.figures import Share
from detector.analytics.sessions import Sessions
from detector.dashboard import differences
from detector.dashboard.tables import Column, Table, Value
from detector.dashboard.texts import N_, _

TITLE = N_("Sessions of each variant")
EFFECTS = N_("What the notice does to sessions")


def by_variant(found: Sessions | None) -> Table:
    """Return a row for each variant, that without a notice last."""
    rows: list[tuple[Value, ...]] = [
        (
            each.name,
            each.drawn,
            Share(each.won, each.drawn, "sessions"),
            Share(each.left, each.drawn, "sessions"),
        )
        for each in (found.variants if found else ())
    ]
    columns = (
        Column("variant", _("Variant"), "text"),
        Column("drawn", _("Sessions")),
        Column("won", _("Won back"), "share"),
        Column("left", _("Page left"), "share"),
    )
    note = _(
        "Won back: a later page of the session had ads. Page left: no later page came. Sessions "
        "count from the page on which the notice is due, whether their variant shows it or not."
    )
    return Table("sessions", _(TITLE), columns, tuple(rows), note)


def effects(found: Sessions | None) -> Table:
    """Return a row for each difference, in sessions won back and in pages left."""
    rows: list[tuple[Value, ...]] = []
    if found:
        judged = not found.wrong_split
        rows = [
            (differences.pair(each), title, *differences.cells(each, judged=judged))
            for title, seen in ((_("Won back"), found.won), (_("Page left"), found.left))
            for each in seen
        ]
    columns = (
        Column("pair", _("Variants"), "text"),
        Column("what", _("Sessions"), "text"),
        *differences.columns(),
    )
    note = _("Sessions that never see the notice show what would have happened without it.")
    if found and found.wrong_split:
        note = _("The sessions are not split by the weights, so they are not compared.")
    return Table("effects", _(EFFECTS), columns, tuple(rows), note)
