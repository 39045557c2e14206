"""A store's counts of one value of a dimension, such as browser firefox.

Only single dimensions are counted and the pairs of the option `pairs`, so not every question has an
answer: `NotCounted` names the pair that would have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

from detector.analytics.query import Answer, query
from detector.core.counting.dimensions import ALL, GROUP_LENGTH, JOIN, OPEN, pair_of
from detector.core.counting.store import Store, Sum
from detector.core.vocabulary import DIMENSIONS

OF_VIEWS = ("browser", "device", "group")
"""The dimensions that every view has; the others are known only of some."""
FILTERS = (*(name for name in DIMENSIONS if name not in ("reason", "signals")), *OPEN)
"""The dimensions that counts can be filtered by."""
COMMON = ("view", "verdict", "shown")
"""The actions that show how far a pair is counted: the first that both dimensions have."""


class Filter(NamedTuple):
    """A dimension and its value; create it by `checked`."""

    dimension: str
    value: str

    @property
    def is_of_views(self) -> bool:
        """Whether every view has the dimension, so that there are shares of views."""
        return self.dimension in OF_VIEWS


class NotCounted(ValueError):
    """What is asked is not counted for one value of a dimension; `pair` is what would be, or ""."""

    def __init__(self, by: str, pair: str = "") -> None:
        self.pair = pair
        fix = "choose one of them"
        if pair:
            fix = f"name the pair in the site's option pairs ({list(pair.split(JOIN))}) to have it"
        super().__init__(f"{by} is not counted together with the filter's dimension: {fix}")


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the events that have both dimensions are in the counts of the pair."""

    part: int
    whole: int


def checked(asked: Mapping[str, str]) -> Filter | None:
    """Return the filter among the fields of a query; ValueError says what is wrong with it."""
    found = [Filter(name, asked[name]) for name in FILTERS if asked.get(name)]
    if not found:
        return None
    if len(found) > 1:
        names = " and ".join(each.dimension for each in found)
        raise ValueError(f"{names}: the counts can be filtered by one of them at a time")
    dimension, value = found[0]
    known = DIMENSIONS.get(dimension)
    if known is not None and value not in known:
        raise ValueError(f"{dimension}: {value!r} is none of {', '.join(sorted(known))}")
    if len(value) > GROUP_LENGTH or not value.isprintable():
        raise ValueError(f"{dimension}: a value has at most {GROUP_LENGTH} printable characters")
    return found[0]


class Filtered:
    """Answers `sums` as a store would that had counted this value only."""

    def __init__(self, store: Store, only: Filter) -> None:
        self._store, self._only = store, only

    def sums(self, dimension: str, **span: Any) -> list[Sum]:
        """Sum one dimension, see `Store.sums`; NotCounted where that is not known."""
        own, value = self._only
        names = dimension.split(JOIN)
        if dimension == ALL or own in names:
            if len(names) == 1:
                rows = self._store.sums(own, **span, value=value)
                return [row._replace(value="") for row in rows] if dimension == ALL else rows
            place = names.index(own)
            rows = self._store.sums(dimension, **span)
            return [row for row in rows if _parts(row.value, dimension)[place] == value]
        if dimension == "reason":
            return []
        if dimension not in FILTERS:
            raise NotCounted(dimension)
        pair = pair_of((dimension, own))
        place = pair.split(JOIN).index(own)
        rows = self._store.sums(pair, **span)
        whole = {**span, "step": 0}
        if not rows and self._store.sums(own, **whole) and self._store.sums(dimension, **whole):
            raise NotCounted(dimension, pair)
        found: Counter[tuple[int, str, str, str]] = Counter()
        for row in rows:
            both = _parts(row.value, pair)
            if both[place] == value:
                found[row.hour, both[1 - place], row.state, row.action] += row.n
        return [Sum(*key, n) for key, n in found.items()]

    def coverage(
        self, dimension: str, actions: Iterable[str] = COMMON, **span: Any
    ) -> Coverage | None:
        """Return how far the pair with a dimension is counted; None where all of it is.

        A pair that was added to the option `pairs` lately has no earlier counts.
        """
        own = self._only.dimension
        if dimension == own:
            return None
        sums = [
            _totals(self._store.sums(name, **span))
            for name in (dimension, own, pair_of((dimension, own)))
        ]
        for action in actions:
            if whole := min(sums[0][action], sums[1][action]):
                part = min(sums[2][action], whole)
                return Coverage(part, whole) if part < whole else None
        return None


def filtered_query(store: Store, only: Filter | None, **asked: Any) -> Answer:
    """Answer a query about one value of a dimension (None: all); NotCounted, and as `query`.

    `unheard`, `health` and `refused` are of no value: they are left out.
    """
    if only is None:
        return query(store, **asked)
    found = query(cast(Store, Filtered(store, only)), **asked | {"pages": False})
    span: dict[str, Any] = {name: asked.get(name) for name in ("site", "since", "until")}
    # Which views are probed is drawn at random, so the weight is that of all views.
    weight = query(store, pages=False, **span).total.weight
    return replace(
        found,
        total=replace(found.total, weight=weight),
        cells=tuple(
            replace(cell, figures=replace(cell.figures, weight=weight)) for cell in found.cells
        ),
        health={},
        refused={},
    )


def _parts(value: str, dimension: str) -> list[str]:
    # The last value of a pair may contain any character, even the separator.
    return value.split(JOIN, dimension.count(JOIN))


def _totals(rows: Iterable[Sum]) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        found[row.action] += row.n
    return found
