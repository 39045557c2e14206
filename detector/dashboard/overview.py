"""Everything the page shows for one choice: figures and tables, read from a store; no HTML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from detector.analytics.baits import BaitHealth, bait_health
from detector.analytics.disputes import patterns
from detector.analytics.figures import LEAST, Figures, Share
from detector.analytics.intervals import newcombe
from detector.analytics.moment import at_one_moment
from detector.analytics.price import Price
from detector.analytics.query import Answer, Cell, query
from detector.analytics.variants import Comparison, Design, of_cells
from detector.core.counting.store import Store
from detector.dashboard import data_health, disputes, funnel
from detector.dashboard.choice import Choice
from detector.dashboard.tables import STEPS, Column, Table, Value
from detector.dashboard.texts import N_, _

BY = {
    "browser": N_("By browser"),
    "device": N_("By device"),
    "group": N_("By path group"),
}


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
    plain = query(once, **span)
    since, until = choice.before
    before = query(once, site=choice.site, since=since, until=until, pages=False).total
    time = query(once, step=choice.step, **span)
    variants = query(once, by="variant", **span).cells
    baits = bait_health(once, choice.until, **span)
    split = {name: query(once, by=name, **span).cells for name in ("kind", "browser")}
    hours = {"site": choice.site, "since": choice.since // 3600, "until": -(-choice.until // 3600)}
    tables = [
        _time(time, choice),
        _kinds(split["kind"], plain.total),
        *(_by(name, query(once, by=name, **span), choice.price) for name in BY),
        _funnel(once, choice, plain.total),
        _variants(comparison := of_cells(variants, design)),
        _differences(comparison),
        disputes.by(plain.total, split),
        disputes.over_time(time),
        disputes.by_signals(patterns(once, **hours), plain.total.actions["disputed"]),
        data_health.health(plain),
        data_health.refused(plain),
        data_health.baits(baits),
    ]
    return Overview(
        choice,
        plain.total,
        before,
        plain,
        comparison,
        baits,
        {table.name: table for table in tables},
    )


def _funnel(store: Store, choice: Choice, total: Figures) -> Table:
    if not choice.by:
        return funnel.whole(total)
    span: dict[str, Any] = {"since": choice.since, "until": choice.until, "site": choice.site}
    return funnel.split(query(store, by=choice.by, pages=False, **span).cells, choice.by)


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


def _time(answer: Answer, choice: Choice) -> Table:
    rows = [
        (
            cell.start or 0,
            *_figures(cell.figures, choice.price),
            _("yes") if choice.is_complete(cell.start or 0) else _("no"),
        )
        for cell in answer.cells
    ]
    columns = (
        Column("start", _(STEPS[answer.step]), "time"),
        *_columns(choice.price),
        Column("complete", _("Complete"), "text"),
    )
    title = _("Blocked share over time")
    note = _("Shares are of measured views; times are UTC.")
    return Table("time", title, columns, tuple(rows), note)


def _by(name: str, answer: Answer, price: Price | None) -> Table:
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
            arm.name,
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
    return Table("variants", _("Variants of the notice"), columns, tuple(rows), note)


def _differences(found: Comparison) -> Table:
    rows: list[tuple[Value, ...]] = [
        (
            _("%(other)s against %(base)s", other=each.other.name, base=each.base.name),
            *(round(100 * share, 6) for share in (each.value, *each.always_valid, *each.fixed)),
            "" if found.warnings else _("seen") if each.seen else _("not yet"),
        )
        for each in found.differences
    ]
    columns = (
        Column("pair", _("Variants"), "text"),
        Column("difference", _("Difference in points"), "change"),
        Column("low", _("Any day: at least"), "change"),
        Column("high", _("Any day: at most"), "change"),
        Column("fixed_low", _("Once: at least"), "change"),
        Column("fixed_high", _("Once: at most"), "change"),
        Column("seen", _("Seen"), "text"),
    )
    note = _(
        "Look on any day: that interval holds however often you look. Look once: that one is "
        "narrower, and holds only on a single day that was chosen before the comparison began."
    )
    return Table("differences", _("Variants against each other"), columns, tuple(rows), note)
