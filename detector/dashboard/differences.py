"""What tables say of a difference between two variants."""

from __future__ import annotations

from detector.analytics.comparison import Difference
from detector.dashboard.tables import Column, Value
from detector.dashboard.texts import _


def pair(each: Difference) -> str:
    """Return the names of both variants."""
    return _("%(other)s against %(base)s", other=each.other.name, base=each.base.name)


def columns() -> tuple[Column, ...]:
    """Return the columns of `cells`."""
    return (
        Column("difference", _("Difference in points"), "change"),
        Column("low", _("Any day: at least"), "change"),
        Column("high", _("Any day: at most"), "change"),
        Column("fixed_low", _("Once: at least"), "change"),
        Column("fixed_high", _("Once: at most"), "change"),
        Column("seen", _("Seen"), "text"),
    )


def cells(each: Difference, *, judged: bool) -> tuple[Value, ...]:
    """Return a difference, both its intervals and, if it may be judged, whether it is seen."""
    return (
        *(round(100 * share, 6) for share in (each.value, *each.always_valid, *each.fixed)),
        (_("seen") if each.seen else _("not yet")) if judged else "",
    )
