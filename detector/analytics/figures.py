"""The figures of an owner's queries: plain values, each share with its denominator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from detector.analytics.bounds import Bounds, bounds
from detector.analytics.intervals import wilson
from detector.analytics.price import Price
from detector.core.counting.store import Sum
from detector.core.vocabulary import AD_FREE, FUNNEL, NOTICE_ACTIONS, STATES, TEST_ACTIONS

LEAST = 10
"""A share of fewer says little: it is marked, and in no line or comparison."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; `of` describes the whole."""

    part: int
    whole: int
    of: str

    @property
    def value(self) -> float | None:
        """The share, 0 to 1, or None if the whole is 0."""
        return self.part / self.whole if self.whole else None

    @property
    def few(self) -> bool:
        """Whether the whole is so small that the share says little."""
        return 0 < self.whole < LEAST

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the share, or None if the whole is 0.

        It takes all of the whole as independent; views of one visitor are not quite.
        """
        return wilson(self.part, self.whole) if self.whole else None

    def as_dict(self) -> dict[str, Any]:
        """Return it with plain types."""
        return {
            "part": self.part,
            "whole": self.whole,
            "of": self.of,
            "value": self.value,
            "interval": self.interval and list(self.interval),
            "few": self.few,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel."""

    name: str
    count: int
    share: Share
    """Never more than 1: its part leaves out `earlier`."""
    earlier: int = 0
    """How many of `count` are surely on notices that the span does not have."""


@dataclass(frozen=True, slots=True)
class Income:
    """Lost and recovered income, by the owner's own figure per thousand views."""

    per_thousand: float
    views: int
    """Measured views whose ads did not arrive: blocked and unreachable."""
    recovered: int
    """Views with ads, of visitors who had allowed them after a notice."""
    weight: float = 1.0
    """How many views each of these stands for: above 1 where only a share is probed."""
    currency: str = ""
    """As the owner writes it, or ""."""

    @property
    def lost(self) -> float:
        """What these views, and those that they stand for, would have earned."""
        return self.views * self.weight * self.per_thousand / 1000

    @property
    def won(self) -> float:
        """What the recovered views, and those that they stand for, earned."""
        return self.recovered * self.weight * self.per_thousand / 1000


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one cell: the total, one value, or one span of time."""

    views: int = 0
    """Page views that were seen: the page's script requested the bootstrap."""
    verdicts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    """Measured views by state, which is a view's last one."""
    actions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NOTICE_ACTIONS, 0))
    recovered: int = 0
    """Views with ads, of visitors who had allowed them after a notice."""
    ad_free: int = 0
    """Views of members, on pages that were marked: neither looked at nor in any share."""
    weight: float = 1.0
    """How many views each one stands for: above 1 with the option `share`."""
    sessions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TEST_ACTIONS, 0))
    """Sessions that drew a variant of the notice, had a later view, and had a later clear one."""

    @property
    def measured(self) -> int:
        """Views with a verdict: the denominator of the shares of states."""
        return sum(self.verdicts.values())

    @property
    def with_ads(self) -> int:
        """Measured views whose ads arrived: clear and partial."""
        return self.verdicts["clear"] + self.verdicts["partial"]

    @property
    def size(self) -> int:
        """The most views that this cell can represent; a cell of none is left out."""
        return max(
            self.views, self.measured, self.actions["shown"], self.ad_free, *self.sessions.values()
        )

    def state(self, name: str) -> Share:
        """Return the share of a state."""
        return Share(self.verdicts[name], self.measured, "measured views")

    @property
    def reach(self) -> Share:
        """Return the share of the views seen that have a verdict.

        The hour of a view may be lost where its verdict's is not, so the part is never the larger.
        """
        return Share(min(self.measured, self.views), self.views, "views")

    @property
    def blocked_bounds(self) -> Bounds | None:
        """Return the range of the blocked share of all views, or None if there are none."""
        return bounds(self.verdicts["blocked"], self.measured, self.views)

    @property
    def disputed(self) -> Share:
        """Return the share of the notices shown whose visitor says to block no ads."""
        return self.action("disputed").share

    def funnel(self) -> tuple[Step, ...]:
        """Return seen, shown, and the later actions, which are shares of the notices shown."""
        shown = self.actions["shown"]
        return (
            Step("seen", self.views, Share(self.views, self.views, "views")),
            Step("shown", shown, Share(min(shown, self.views), self.views, "views")),
            *(self.action(name) for name in FUNNEL if name != "shown"),
        )

    def action(self, name: str) -> Step:
        """Return the step of an action, as a share of the notices shown.

        It is counted in the hour of its view, as its notice is. More actions than notices are on
        notices whose own report was lost, of views of the day before, or of earlier versions.
        """
        count, shown = self.actions[name], self.actions["shown"]
        part = min(count, shown)
        return Step(name, count, Share(part, shown, "notices shown"), count - part)

    def income(self, per_thousand: float | Price) -> Income:
        """Return the lost income; `per_thousand` is what a thousand views with ads earn."""
        views = self.verdicts["blocked"] + self.verdicts["unreachable"]
        price = per_thousand if isinstance(per_thousand, Price) else Price(per_thousand)
        return Income(price.amount, views, self.recovered, self.weight, price.currency)

    def as_dict(self) -> dict[str, Any]:
        """Return all figures with plain types, for JSON."""
        found = self.blocked_bounds
        return {
            "views": self.views,
            "measured": self.measured,
            "without_verdict": found.unknown if found else 0,
            "verdicts": dict(self.verdicts),
            "blocked": {
                **self.state("blocked").as_dict(),
                "range": [found.low, found.high] if found else None,
            },
            "unreachable": self.state("unreachable").as_dict(),
            "partial": self.state("partial").as_dict(),
            "actions": dict(self.actions),
            "disputed": self.disputed.as_dict(),
            "recovered": self.recovered,
            "ad_free": self.ad_free,
            "sessions": dict(self.sessions),
        }


def figures(sums: Iterable[Sum]) -> Figures:
    """Add up the counts of one cell."""
    found: Counter[tuple[str, str]] = Counter()
    for row in sums:
        found[row.action, row.state] += row.n
    verdicts = {state: found["verdict", state] for state in STATES}
    actions = {
        name: sum(n for (action, _), n in found.items() if action == name)
        for name in NOTICE_ACTIONS
    }
    recovered, ad_free = found["recovered", ""], found[AD_FREE, ""]
    sessions = {name: found[name, ""] for name in TEST_ACTIONS}
    views = found["view", ""]
    return Figures(views, verdicts, actions, recovered, ad_free, sessions=sessions)


@dataclass(frozen=True, slots=True)
class Unheard:
    """Pages sent with a tag, and those of them whose script was never heard from.

    Known only for groups of pages that no cache may store: pages served from a cache are not seen.
    """

    pages: int
    """Pages with a tag in groups that can be measured, without those sent to automated browsers."""
    missing: int
    """Those whose script never requested the bootstrap: no JavaScript, or ours was blocked."""
    not_measurable: int
    """Pages with a tag that a shared cache may store, or in a group that has such pages."""
    passed: int
    """Bootstraps of bots, and of views outside the option `share`: heard from, but not probed."""

    @property
    def share(self) -> Share:
        """Return the share of the pages that can be measured."""
        return Share(self.missing, self.pages, "pages with a tag that no cache may keep")


def unheard(groups: Iterable[Sum]) -> Unheard:
    """Return the pages whose script was never heard from, by the counts of path groups."""
    found: dict[str, Counter[str]] = {}
    for row in groups:
        found.setdefault(row.value, Counter())[row.action] += row.n
    pages = missing = not_measurable = 0
    for counts in found.values():
        if counts["page-shared"]:
            not_measurable += counts["page"] + counts["page-shared"]
            continue
        people = max(0, counts["page"] - counts["page-robot"])
        pages += people
        # Not from a browser's cache, a frame, or a page that changed in place: these had no page.
        heard = counts["view"] + counts["passed"] + counts[AD_FREE] - counts["pageless"]
        missing += min(people, max(0, counts["page"] - heard))
    passed = sum(counts["passed"] for counts in found.values())
    return Unheard(pages, missing, not_measurable, passed)
