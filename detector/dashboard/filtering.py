"""Figures of one value, such as ?browser=firefox: what is shown of it, and what is not counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from detector.analytics.filtered import (
    COMMON,
    FILTERS,
    Filter,
    Filtered,
    NotCounted,
    checked,
    filtered_query,
)
from detector.analytics.query import Answer
from detector.core.counting.dimensions import GROUP_LENGTH, JOIN, pair_of
from detector.core.counting.store import Store
from detector.core.vocabulary import DIMENSIONS
from detector.dashboard.formats import number
from detector.dashboard.funnel import HEADS, NAMES, called
from detector.dashboard.tables import Table
from detector.dashboard.texts import _, current_direction


def wrong(asked: Mapping[str, str], fields: Iterable[str]) -> str:
    """Return what is wrong with the filter of a query, or ""; `fields` are its other fields."""
    names = ", ".join(FILTERS)
    if unknown := next((name for name in asked if name not in (*fields, *FILTERS)), ""):
        return _(
            "There is nothing to choose by “%(name)s”: the figures can be limited by %(names)s.",
            name=unknown[:GROUP_LENGTH],
            names=names,
        )
    try:
        checked(asked)
    except ValueError:
        given = [name for name in FILTERS if asked.get(name)]
        if len(given) > 1:
            return _(
                "The figures can be limited by one of %(names)s at a time: leave the others out.",
                names=", ".join(given),
            )
        known = ", ".join(sorted(DIMENSIONS.get(given[0], ())))
        if not known:
            return _(
                "A value of %(name)s has at most %(n)s printable characters.",
                name=given[0],
                n=GROUP_LENGTH,
            )
        return _("%(name)s has no such value: choose one of %(names)s.", name=given[0], names=known)
    return ""


def words(only: Filter) -> str:
    """Return a filter in words."""
    shown: str = called(only.dimension, only.value)
    if current_direction() == "rtl":
        shown = f"\u2068{shown}\u2069"  # a path stays in its own direction
    return _("%(heading)s: %(value)s", heading=_(HEADS[only.dimension]), value=shown)


@dataclass(frozen=True, slots=True)
class Tables:
    """Builds the tables of one answer; of what is not counted, one that says so."""

    store: Store
    only: Filter | None
    span: Mapping[str, Any]

    def query(self, **asked: Any) -> Answer:
        """Answer a query about the filter's value; NotCounted."""
        return filtered_query(self.store, self.only, **self.span, **asked)

    def of_views(self, name: str, title: str, build: Callable[[], Table], by: str = "") -> Table:
        """Return a table of shares of views, if the filter's dimension is one of all views."""
        if self.only is not None and not self.only.is_of_views:
            text = _(
                "%(heading)s: not known of every view. Limit the figures by browser, device or "
                "path group to see this.",
                heading=_(HEADS[self.only.dimension]),
            )
            return Table(name, title, (), (), missing=text)
        return self.counted(name, title, build, *([by] if by else ()))

    def of_everything(self, name: str, title: str, build: Callable[[], Table]) -> Table:
        """Return a table of what is counted of a site as a whole."""
        if self.only is None:
            return build()
        text = _("This is counted of all views together only: remove the filter to see it.")
        return Table(name, title, (), (), missing=text)

    def counted(
        self, name: str, title: str, build: Callable[[], Table], *by: str, action: str = ""
    ) -> Table:
        """Return a table, which is grouped by each of the dimensions or the pair `by`.

        `action` is what its counts are of, where these are not views or notices.
        """
        try:
            return self._marked(build(), by, action)
        except NotCounted as error:
            return Table(name, title, (), (), missing=self.missing(error))

    def missing(self, error: NotCounted) -> str:
        """Return why something is not counted, and what would count it."""
        if not error.pair:
            return _("Three dimensions are not counted together: remove the filter to see this.")
        one, other = error.pair.split(JOIN)
        return _(
            "%(one)s and %(other)s are not counted together. With the site's option "
            "pairs = [%(pair)s] they are, from then on.",
            one=_(HEADS[one]),
            other=_(NAMES[other]),
            pair=f'["{one}", "{other}"]',
        )

    def _marked(self, table: Table, by: Iterable[str], action: str) -> Table:
        """Add to the note how many events a pair has, where it has been counted lately only."""
        dimensions = [name for each in by for name in each.split(JOIN) if name]
        notes = [self._covered(name, action, len(dimensions) > 1) for name in dimensions]
        return replace(table, note=" ".join(filter(None, (table.note, *notes))))

    def _covered(self, dimension: str, action: str, named: bool) -> str:
        """Return how far the pair of a dimension and the filter's is counted; "" if all of it."""
        if self.only is None:
            return ""
        actions = (action,) if action else COMMON
        found = Filtered(self.store, self.only).coverage(dimension, actions, **_hours(self.span))
        if found is None:
            return ""
        if not found.part:
            return self.missing(NotCounted(dimension, pair_of((dimension, self.only.dimension))))
        text = _(
            "Both are counted together for %(part)s of %(whole)s events: the option pairs has not "
            "named them all the time.",
            part=number(found.part),
            whole=number(found.whole),
        )
        if not named:
            return text
        return _("%(heading)s: %(value)s", heading=_(HEADS[dimension]), value=text)


def _hours(span: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "site": span["site"],
        "since": span["since"] // 3600,
        "until": -(-span["until"] // 3600),
    }
