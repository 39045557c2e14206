"""Answer an owner's first questions from a store's rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from detector.analytics.figures import LEAST, Figures, Unheard, figures, unheard
from detector.core.counting.dimensions import ALL, DIMENSIONS, JOIN, OPEN, pair_of
from detector.core.counting.store import Store, Sum
from detector.core.vocabulary import NOTICE_ACTIONS, REASONS, STATES

__all__ = ["STEPS", "Answer", "Cell", "Summary", "hide", "query", "summary"]

_ACCUSING = ("blocked", "unreachable")
STEPS = {"": 0, "hour": 1, "day": 24, "week": 24, "month": 24}
"""The spans of time that a question can be asked by; weeks and months are made of days."""

HEALTH = ("refused", "dropped", "error", "unshared", "corrected", "revised", "passed")


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of events; views without a verdict are in no share."""

    views: int
    verdicts: dict[str, int]
    """By state, with each view that was revised from clear to unreachable under its last state."""
    kinds: dict[str, int]
    """Of the blocked and unreachable views, by the best guess at what acts."""
    actions: dict[str, int]
    """What was shown and done, by notice action."""
    refused: dict[str, int]
    """Views and reports that were not counted, by reason."""
    corrected: int
    revised: int
    recovered: int
    """Clear views of visitors who had allowed ads after a notice."""
    dropped: int
    errors: int
    unshared: int
    """Reports that one process counted alone, because the store was away for long."""

    @property
    def verdict_count(self) -> int:
        """The denominator of `blocked_share`."""
        return sum(self.verdicts.values())

    @property
    def blocked_share(self) -> float | None:
        """Blocked views as a share of verdicts (not of views), 0 to 1; None without verdicts."""
        return self.verdicts["blocked"] / self.verdict_count if self.verdict_count else None

    def as_dict(self) -> dict[str, Any]:
        """Return all figures with plain types, as JSON wants them."""
        return {
            "views": self.views,
            "verdicts": dict(self.verdicts),
            "verdict_count": self.verdict_count,
            "blocked_share": self.blocked_share,
            "kinds": dict(self.kinds),
            "actions": dict(self.actions),
            "refused": dict(self.refused),
            "corrected": self.corrected,
            "revised": self.revised,
            "recovered": self.recovered,
            "dropped": self.dropped,
            "errors": self.errors,
            "unshared": self.unshared,
        }


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of an answer; `figures` is None where fewer than ten views stand behind it."""

    values: tuple[str, ...]
    """Of the dimension, or of both of a pair; empty when only time was asked by."""
    start: int | None
    """Unix seconds of the span's start, or None without steps."""
    figures: Figures | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What `query` gives."""

    total: Figures
    cells: tuple[Cell, ...]
    by: tuple[str, ...]
    step: str
    site: str | None
    since: int | None
    until: int | None
    unheard: Unheard | None
    health: dict[str, int]
    """Events that say nothing of visitors, by action: those of `HEALTH`."""
    refused: dict[str, int]
    """Views and reports that were not counted, by reason."""

    @property
    def hidden(self) -> int:
        """How many cells are hidden."""
        return sum(cell.figures is None for cell in self.cells)


def query(
    store: Store,
    *,
    by: str | Iterable[str] = (),
    step: str = "",
    since: int | None = None,
    until: int | None = None,
    site: str | None = None,
    pages: bool = True,
) -> Answer:
    """Answer one question; ValueError for one that cannot be asked, StoreError as the store's.

    `by` is a dimension or a pair that the option `pairs` has, `step` hour, day, week or month (in
    UTC). `since` and `until` are Unix seconds and taken to their hour, or to their day where only
    days are kept. Without `pages` nothing is said of pages unheard, for which the counts of all
    path groups have to be read. Cells of fewer than ten views are hidden, with as many others as
    it takes to keep them from being found by subtraction.
    """
    names, dimension = _dimension(by)
    if step not in STEPS:
        raise ValueError(f"step {step!r} is none of: {', '.join(name for name in STEPS if name)}")
    span: dict[str, Any] = {
        "site": site,
        "since": None if since is None else since // 3600,
        "until": None if until is None else -(-until // 3600),
    }
    everything = store.sums(ALL, **span)
    cells: list[Cell] = []
    if names or step:
        grouped: dict[tuple[int | None, str], list[Sum]] = {}
        for row in store.sums(dimension, **span, step=STEPS[step]):
            start = _start(row.hour, step) if step else None
            grouped.setdefault((start, row.value), []).append(row)
        cells = [
            Cell(_values(value, names), start, figures(rows))
            for (start, value), rows in sorted(grouped.items(), key=lambda item: item[0][0] or 0)
        ]
    health: Counter[str] = Counter()
    for row in everything:
        health[row.action] += row.n
    refused: Counter[str] = Counter()
    for row in store.sums("reason", **span):
        if row.action == "refused":
            refused[row.value] += row.n
    return Answer(
        total=figures(everything),
        cells=tuple(hide([cell for cell in cells if cell.figures and cell.figures.size])),
        by=names,
        step=step,
        site=site,
        since=since,
        until=until,
        unheard=unheard(store.sums("group", **span)) if pages else None,
        health={name: health[name] for name in HEALTH},
        refused=dict(refused.most_common()),
    )


def hide(cells: list[Cell]) -> list[Cell]:
    """Take the figures from cells of too few views, and what would give them away.

    The cells of one span add up to a total that is known: where those hidden are too few together,
    the smallest of the others goes too.
    """
    spans: dict[int | None, list[Cell]] = {}
    for cell in cells:
        spans.setdefault(cell.start if cell.values else None, []).append(cell)
    gone: set[int] = set()
    for span in spans.values():
        hidden = 0
        for cell in sorted(span, key=_size):
            if _size(cell) >= LEAST and not 0 < hidden < LEAST:
                break
            hidden += _size(cell)
            gone.add(id(cell))
    return [replace(cell, figures=None) if id(cell) in gone else cell for cell in cells]


def _size(cell: Cell) -> int:
    return cell.figures.size if cell.figures else 0


def _dimension(by: str | Iterable[str]) -> tuple[tuple[str, ...], str]:
    names = tuple(by.split(JOIN)) if isinstance(by, str) and by else tuple(by)
    known = [name for name in (*DIMENSIONS, *OPEN) if name != "reason"]
    if not names:
        return (), ALL
    if len(names) == 1:
        if names[0] not in known:
            raise ValueError(f"{names[0]!r} is none of: {', '.join(known)}")
        return names, names[0]
    pair = pair_of(names)
    return tuple(pair.split(JOIN)), pair


def _values(value: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value.split(JOIN, len(names) - 1)) if names else ()


def _start(hour: int, step: str) -> int:
    at = datetime.fromtimestamp(hour * 3600, UTC)
    if step == "week":
        at -= timedelta(days=at.weekday())
    elif step == "month":
        at = at.replace(day=1)
    return int(at.timestamp())


def summary(
    store: Store,
    since_hour: int | None = None,
    site: str | None = None,
    until_hour: int | None = None,
) -> Summary:
    """Add up the rows from that hour on and of that site (None: all); StoreError as the store's."""
    totals: Counter[str] = Counter()
    states: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    revised: Counter[str] = Counter()
    span: dict[str, Any] = {"site": site, "since": since_hour, "until": until_hour}
    for row in store.sums(ALL, **span):
        totals[row.action] += row.n
        if row.action == "verdict":
            states[row.state] += row.n
        elif row.action == "revised":
            revised[row.state] += row.n
    for row in store.sums("kind", **span):
        if row.action in ("verdict", "revised") and row.state in _ACCUSING:
            kinds[row.value] += row.n
    for row in store.sums("reason", **span):
        if row.action == "refused":
            reasons[row.value] += row.n
    # The verdict of a revised view may lie before `since_hour`, or in a flush yet to come.
    moved = min(revised["unreachable"], states["clear"])
    states["clear"] -= moved
    states["unreachable"] += moved
    return Summary(
        views=totals["view"],
        verdicts={state: states[state] for state in STATES},
        kinds=dict(kinds.most_common()),
        actions={action: totals[action] for action in NOTICE_ACTIONS},
        refused={reason: reasons[reason] for reason in REASONS if reasons[reason]},
        corrected=totals["corrected"],
        revised=totals["revised"],
        recovered=totals["recovered"],
        dropped=totals["dropped"],
        errors=totals["error"],
        unshared=totals["unshared"],
    )
