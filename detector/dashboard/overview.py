"""Everything the page shows for one choice: figures and tables, read from a store; no HTML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from detector.analytics.baits import WHERE, BaitHealth, bait_health
from detector.analytics.disputes import patterns
from detector.analytics.figures import LEAST, Figures, Share
from detector.analytics.intervals import newcombe
from detector.analytics.moment import at_one_moment
from detector.analytics.price import Price
from detector.analytics.query import Answer, Cell, query
from detector.analytics.variants import Comparison, Design, of_cells
from detector.core.counting.store import Store
from detector.core.vocabulary import REASONS
from detector.dashboard import disputes, funnel
from detector.dashboard.choice import Choice
from detector.dashboard.tables import Column, Table, Value

BY = {
    "browser": "By browser",
    "device": "By device",
    "group": "By path group",
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
        _health(plain),
        refused_table(plain),
        _baits(baits),
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
        Column("views", "Views"),
        Column("blocked", "Blocked", "share"),
        Column("unreachable", "Ads did not arrive", "share"),
        Column("partial", "Ads arrive anyway", "share"),
        Column("unknown", "Unknown", "share"),
        Column("shown", "Notices"),
        Column("allowed", "Allowed ads"),
    )
    return (
        columns
        if price is None
        else (*columns, Column("lost", f"Lost {price.currency}".rstrip(), "money"))
    )


def _time(answer: Answer, choice: Choice) -> Table:
    rows = [
        (
            cell.start or 0,
            *_figures(cell.figures, choice.price),
            "yes" if choice.is_complete(cell.start or 0) else "no",
        )
        for cell in answer.cells
    ]
    columns = (
        Column("start", answer.step.capitalize(), "time"),
        *_columns(choice.price),
        Column("complete", "Complete", "text"),
    )
    title = "Blocked share over time"
    return Table(
        "time", title, columns, tuple(rows), "Shares are of measured views; times are UTC."
    )


def _by(name: str, answer: Answer, price: Price | None) -> Table:
    cells = sorted(answer.cells, key=_measured, reverse=True)
    rows = [(cell.values[0], *_figures(cell.figures, price)) for cell in cells]
    columns = (Column(name, BY[name][3:].capitalize(), "text"), *_columns(price))
    return Table(name, BY[name], columns, tuple(rows), "Shares are of measured views.")


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
        (funnel.KINDS.get(kind, kind), n, Share(n, whole, of))
        for kind, n in sorted(counts.items(), key=lambda item: -item[1])
        if n
    ]
    columns = (Column("kind", "Kind", "text"), Column("views", "Views"))
    share = Column("share", "Share", "share")
    return Table("kind", "By kind", (*columns, share), tuple(rows), f"Shares are of {of}.")


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
        Column("variant", "Variant", "text"),
        Column("shown", "Notices"),
        Column("allowed", "Allowed ads", "share"),
        Column("low", "At least", "points"),
        Column("high", "At most", "points"),
    )
    note = "Shares are of the notices shown, each with its 95 % interval."
    return Table("variants", "Variants of the notice", columns, tuple(rows), note)


def _differences(found: Comparison) -> Table:
    rows: list[tuple[Value, ...]] = [
        (
            each.title,
            *(round(100 * share, 6) for share in (each.value, *each.always_valid, *each.fixed)),
            "" if found.warnings else "seen" if each.seen else "not yet",
        )
        for each in found.differences
    ]
    columns = (
        Column("pair", "Variants", "text"),
        Column("difference", "Difference in points", "change"),
        Column("low", "Any day: at least", "change"),
        Column("high", "Any day: at most", "change"),
        Column("fixed_low", "Once: at least", "change"),
        Column("fixed_high", "Once: at most", "change"),
        Column("seen", "Seen", "text"),
    )
    note = (
        "Look on any day: that interval holds however often you look. Look once: that one is "
        "narrower, and holds only on a single day that was chosen before the comparison began."
    )
    return Table("differences", "Variants against each other", columns, tuple(rows), note)


def _health(answer: Answer) -> Table:
    total, health, missing = answer.total, answer.health, answer.unheard
    assert missing is not None
    events = total.views + sum(answer.refused.values())
    found: list[tuple[str, int | Share]] = [
        ("Views without a verdict", _rest(total.views - total.measured, total.views, "views")),
        ("Measured, but unknown", total.state("unknown")),
        ("Pages without any signal", missing.share),
        ("Pages that a cache may keep: not measurable", missing.not_measurable),
        ("Robots, and views outside the share", missing.passed),
        ("Ad-free views of members: in no share", total.ad_free),
        (
            "Verdicts corrected by the server",
            _rest(health["corrected"], total.measured, "verdicts"),
        ),
        ("Reports refused", _rest(sum(answer.refused.values()), events, "views and refusals")),
        ("Events dropped, memory was full", health["dropped"]),
        ("Errors of the detector", health["error"]),
        ("Reports counted unshared, store unavailable", health["unshared"]),
    ]
    columns = (Column("what", "What", "text"), Column("count", "Count"))
    rows: list[tuple[Value, ...]] = []
    for name, each in found:
        rows.append((name, each.part, each) if isinstance(each, Share) else (name, each, ""))
    return Table(
        "health", "Data health", (*columns, Column("share", "Share", "share")), tuple(rows)
    )


def _rest(part: int, whole: int, of: str) -> Share:
    return Share(max(0, part), whole, of)


def refused_table(answer: Answer) -> Table:
    """Return why reports were refused, in words and as shares."""
    whole = sum(answer.refused.values())
    rows = [
        (name, REASONS.get(name, ""), Share(count, whole, "refused reports"))
        for name, count in answer.refused.items()
    ]
    columns = (Column("reason", "Reason", "text"), Column("means", "Meaning", "text"))
    return Table(
        "refused", "Refused reports", (*columns, Column("share", "Share", "share")), tuple(rows)
    )


def _baits(found: BaitHealth) -> Table:
    rows: list[tuple[Value, ...]] = [
        (bait.path, bait.state, bait.missed, WHERE[bait.reach]) for bait in found.baits
    ]
    columns = (
        Column("bait", "Bait", "text"),
        Column("state", "State", "text"),
        Column("missed", "Did not arrive", "share"),
        Column("reach", "Acts in", "text"),
    )
    note = "Shares are of the blocked views in which a blocker acted at the reach of the bait."
    return Table("baits", "Request baits", columns, tuple(rows), note)
