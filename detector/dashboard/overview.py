"""Everything the page shows for one choice: figures and tables, read from a store; no HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from detector.analytics.baits import BaitHealth, bait_health
from detector.analytics.disputes import patterns
from detector.analytics.figures import LEAST, Figures, Share
from detector.analytics.filtered import NotCounted, filtered_query
from detector.analytics.intervals import newcombe
from detector.analytics.moment import at_one_moment
from detector.analytics.price import Price
from detector.analytics.query import Answer, Cell, query
from detector.analytics.sessions import Sessions, sessions
from detector.analytics.variants import Comparison, Design, of_cells
from detector.core.counting.store import Store
from detector.dashboard import compared, data_health, differences, disputes, funnel
from detector.dashboard import sessions as drawn
from detector.dashboard.choice import Choice
from detector.dashboard.filtering import Tables
from detector.dashboard.tables import STEPS, Column, Table, Value
from detector.dashboard.texts import N_, _
from detector.dashboard.zone_notes import zone_note

BY = {
    "browser": N_("By browser"),
    "device": N_("By device"),
    "group": N_("By path group"),
}
_ASKED = ("kind", "browser")
"""The dimensions that the disputed notices are split by."""
_OVER_TIME = N_("Blocked share over time")
_VARIANTS = N_("Variants of the notice")
_DIFFERENCES = N_("Variants against each other")


@dataclass(frozen=True, slots=True)
class Change:
    """A difference of two shares in points, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything for one choice."""

    choice: Choice
    total: Figures
    before: Figures
    """Those of the range before, of the same length."""
    answer: Answer
    comparison: Comparison
    baits: BaitHealth
    tables: dict[str, Table]
    then: dict[int, Share]
    """The blocked shares that the chart compares with, by the start of the step beside them."""

    @property
    def change(self) -> Change | None:
        """By how much the blocked share exceeds that of the range before; None if unknown."""
        now, then = self.total.state("blocked"), self.before.state("blocked")
        if now.value is None or then.value is None or min(now.whole, then.whole) < LEAST:
            return None
        low, high = newcombe(now.part, now.whole, then.part, then.whole)
        return Change((now.value - then.value) * 100, low * 100, high * 100)


def overview(store: Store, choice: Choice, design: Design | None = None) -> Overview:
    """Read all of it from the store, at one moment; raise StoreError as the store does.

    `design` has the weights of the variants.
    """
    return at_one_moment(store, lambda moment: _overview(moment, choice, design))


def _overview(once: Store, choice: Choice, design: Design | None) -> Overview:
    span: dict[str, Any] = {"since": choice.since, "until": choice.until, "site": choice.site}
    found = Tables(once, choice.only, span)
    if design and choice.only:
        design = design.of_value(choice.only.dimension)
    plain = found.query()
    since, until = choice.before
    then = {"site": choice.site, "since": since, "until": until, "pages": False}
    before = filtered_query(once, choice.only, **then).total
    time = found.query(step=choice.step, days=choice.days)
    earlier = compared.shares(once, choice)
    comparison = of_cells(_cells(found, "variant") or (), design)
    baits = bait_health(once, choice.until, **span)
    hours = {"site": choice.site, "since": choice.since // 3600, "until": -(-choice.until // 3600)}

    def kinds() -> Table:
        of_kind = choice.only is not None and choice.only.dimension == "kind"
        # All views of a kind have it: their share is of those of all kinds.
        whole = query(once, pages=False, **span).total if of_kind else plain.total
        return _kinds(found.query(by="kind").cells, whole)

    def by(name: str) -> Table:
        build = partial(_by, name, choice.price)
        return found.of_views(name, _(BY[name]), lambda: build(found.query(by=name)), name)

    def variants(make: Callable[[Comparison], Table]) -> Callable[[], Table]:
        return lambda: make(of_cells(found.query(by="variant").cells, design))

    def of_sessions(name: str, title: str, make: Callable[[Sessions | None], Table]) -> Table:
        def build() -> Table:
            return make(sessions(found.query(by="variant").cells, design))

        return found.counted(name, title, build, "variant", action="drawn")

    def signals() -> Table:
        return disputes.by_signals(patterns(once, **hours), plain.total.actions["disputed"])

    def disputed() -> Table:
        return _disputed(found, plain.total)

    whole = found.of_everything
    tables = [
        found.of_views("time", _(_OVER_TIME), lambda: _time(time, choice, earlier)),
        found.counted("kind", _("By kind"), kinds, "kind"),
        *map(by, BY),
        found.counted(
            "funnel", _(funnel.UNTITLED), lambda: _funnel(found, choice, plain.total), choice.by
        ),
        found.counted("variants", _(_VARIANTS), variants(_variants), "variant"),
        found.counted("differences", _(_DIFFERENCES), variants(_differences), "variant"),
        of_sessions("sessions", _(drawn.TITLE), drawn.by_variant),
        of_sessions("effects", _(drawn.EFFECTS), drawn.effects),
        found.counted("disputed", _(disputes.TITLE), disputed, *_ASKED),
        disputes.over_time(time, zone_note(choice)),
        whole("disputed-signals", _(disputes.SIGNALS_TITLE), signals),
        whole("health", _("Data health"), lambda: data_health.health(plain)),
        whole("refused", _("Refused reports"), lambda: data_health.refused(plain)),
        whole("baits", _("Request baits"), lambda: data_health.baits(baits)),
    ]
    return Overview(
        choice,
        plain.total,
        before,
        plain,
        comparison,
        baits,
        {table.name: replace(table, only=choice.only) for table in tables},
        earlier,
    )


def _cells(found: Tables, by: str) -> tuple[Cell, ...] | None:
    """Return the cells of a dimension, None where it is not counted for the filter."""
    try:
        return found.query(by=by, pages=False).cells
    except NotCounted:
        return None


def _disputed(found: Tables, total: Figures) -> Table:
    split = {name: _cells(found, name) for name in _ASKED}
    counted = {name: cells for name, cells in split.items() if cells is not None}
    if not counted:
        found.query(by="kind")  # raises NotCounted
    return disputes.by(total, counted)


def _funnel(found: Tables, choice: Choice, total: Figures) -> Table:
    only = choice.only
    if choice.by:
        return funnel.split(found.query(by=choice.by, pages=False).cells, choice.by)
    if only is not None and not only.is_of_views:
        # Which notice a page had is known only once it had one.
        return funnel.split([Cell((only.value,), None, total)], only.dimension)
    return funnel.whole(total)


def _figures(figures: Figures, price: Price | None) -> list[Value]:
    counts: list[Value] = [
        figures.views,
        figures.state("blocked"),
        figures.state("unreachable"),
        figures.state("partial"),
        figures.state("unknown"),
        figures.actions["shown"],
        figures.actions["allowed"],
    ]
    if price is not None:
        counts.append(round(figures.income(price).lost, 2))
    return counts


def _columns(price: Price | None) -> tuple[Column, ...]:
    columns = (
        Column("views", _("Views")),
        Column("blocked", _("Blocked"), "share"),
        Column("unreachable", _("Ads did not arrive"), "share"),
        Column("partial", _("Ads arrive anyway"), "share"),
        Column("unknown", _("Unknown"), "share"),
        Column("shown", _("Notices")),
        Column("allowed", _("Allowed ads")),
    )
    return columns if price is None else (*columns, Column("lost", _lost(price), "money"))


def _lost(price: Price) -> str:
    if price.currency:
        return _("Lost %(currency)s", currency=price.currency)
    return _("Lost")


def _time(answer: Answer, choice: Choice, then: Mapping[int, Share]) -> Table:
    head = compared.HEADS.get(choice.compare, "")
    rows = [
        (
            answer.days.at(cell.start or 0),
            *_figures(cell.figures, choice.price),
            *([then.get(cell.start or 0, compared.NOTHING)] if head else []),
            _("yes") if choice.is_complete(cell.start or 0) else _("no"),
        )
        for cell in answer.cells
    ]
    columns = (
        Column("start", _(STEPS[answer.step]), "time"),
        *_columns(choice.price),
        *([Column("then", _(head), "share")] if head else []),
        Column("complete", _("Complete"), "text"),
    )
    notes = (_("Shares are of measured views."), zone_note(choice), compared.note(choice, then))
    note = " ".join(filter(None, notes))
    return Table("time", _(_OVER_TIME), columns, tuple(rows), note)


def _by(name: str, price: Price | None, answer: Answer) -> Table:
    cells = sorted(answer.cells, key=_measured, reverse=True)
    rows = [(funnel.called(name, cell.values[0]), *_figures(cell.figures, price)) for cell in cells]
    columns = (Column(name, _(funnel.HEADS[name]), "text"), *_columns(price))
    note = _("Shares are of measured views.")
    return Table(name, _(BY[name]), columns, tuple(rows), note)


def _measured(cell: Cell) -> int:
    return cell.figures.measured


def _kinds(cells: Iterable[Cell], total: Figures) -> Table:
    """Return the views whose ads did not arrive, by kind; each cell counts such views only."""
    of = "blocked and unreachable views"
    counts = {
        cell.values[0]: cell.figures.verdicts["blocked"] + cell.figures.verdicts["unreachable"]
        for cell in cells
    }
    whole = total.verdicts["blocked"] + total.verdicts["unreachable"]
    rows: list[tuple[Value, ...]] = [
        (funnel.called("kind", kind), n, Share(n, whole, of))
        for kind, n in sorted(counts.items(), key=lambda item: -item[1])
        if n
    ]
    columns = (Column("kind", _("Kind"), "text"), Column("views", _("Views")))
    share = Column("share", _("Share"), "share")
    note = _("Shares are of blocked and unreachable views.")
    return Table("kind", _("By kind"), (*columns, share), tuple(rows), note)


def _variants(found: Comparison) -> Table:
    rows: list[tuple[Value, ...]] = [
        (
            funnel.called("variant", arm.name),
            arm.shown,
            Share(arm.done, arm.shown, "notices shown"),
            *(round(100 * end, 2) for end in arm.interval()),
        )
        for arm in found.arms
    ]
    columns = (
        Column("variant", _("Variant"), "text"),
        Column("shown", _("Notices")),
        Column("allowed", _("Allowed ads"), "share"),
        Column("low", _("At least"), "points"),
        Column("high", _("At most"), "points"),
    )
    note = _("Shares are of the notices shown, each with its 95 %% interval.")
    return Table("variants", _(_VARIANTS), columns, tuple(rows), note)


def _differences(found: Comparison) -> Table:
    judged = not found.warnings
    rows: list[tuple[Value, ...]] = [
        (differences.pair(each), *differences.cells(each, judged=judged))
        for each in found.differences
    ]
    columns = (
        Column("pair", _("Variants"), "text"),
        *differences.columns(),
    )
    note = _(
        "Look on any day: that interval holds however often you look. Look once: that one is "
        "narrower, and holds only on a single day that was chosen before the comparison began."
    )
    return Table("differences", _(_DIFFERENCES), columns, tuple(rows), note)
