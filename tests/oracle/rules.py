"""The rules of counting as the documentation has them, applied to facts one by one.

Written from docs/reference/stores.md and vocabulary.md, docs/explanation and the decisions, as
plainly as can be: every event is kept until it is written, and nothing is cached or batched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from tests.oracle.facts import (
    BaitArrival,
    Bootstrap,
    Fact,
    Flush,
    Join,
    Options,
    Page,
    Sent,
    Who,
)

Row = tuple[int, str, str, str, str, str]
"""Hour, site, dimension, value, state, action."""
Dims = tuple[tuple[str, str], ...]
"""Dimensions with their values; those of baits come several times, with the action of each."""

ORDER = ("kind", "browser", "device", "mode", "locale", "variant", "group")
"""The dimensions that can be paired, in the order in which a pair names them."""
TEST = ("drawn", "stayed")
"""Actions of a session that got a variant; the site must have it."""
MOST = {"group": 500, "locale": 64, "variant": 16}
DAY = 24
LATE = 22
"""Hours that a report may be late, to count in the hour of its view."""
GRACE = 5 * 60
"""Seconds by which the clocks of two processes may differ."""


class Event:
    """One event before it is written."""

    def __init__(self, at: int, site: str, action: str, state: str = "", **dims: str) -> None:
        self.hour = at // 3600
        self.site, self.action, self.state, self.dims = site, action, state, dims
        self.baits: list[tuple[str, str]] = []
        self.claim: tuple[str, str] | None = None
        self.follows: list[Event] = []
        """Events that come and go with this one, such as a correction of a verdict."""

    def rows(self, pairs: Iterable[str]) -> Iterator[Row]:
        """Yield the rows to which this adds 1."""
        head, tail = (self.hour, self.site), (self.state, self.action)
        yield (*head, "all", "", *tail)
        for name, value in self.dims.items():
            yield (*head, name, value, *tail)
        for pair in pairs:
            one, two = sorted(pair.split("+"), key=ORDER.index)
            if one in self.dims and two in self.dims:
                yield (*head, f"{one}+{two}", f"{self.dims[one]}+{self.dims[two]}", *tail)
        for value, action in self.baits:
            yield (*head, "bait", value, "", action)


class Rules:
    """What the stores must hold after some facts."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.store: Counter[Row] = Counter()
        self.events = 0
        """How many events were counted."""
        self._waiting: dict[int, list[Event]] = {}
        self._viewed: set[tuple[int, str]] = set()
        self._arrived: dict[tuple[int, str], set[int]] = {}
        self._reported: set[tuple[int, str, str]] = set()
        self._claimed: set[tuple[str, str]] = set()
        self._budget: dict[tuple[int, str], tuple[float, int]] = {}
        self._values: dict[tuple[int, str], set[str]] = {}
        self._newest: int | None = None

    def apply(self, fact: Fact) -> None:
        """Apply one fact."""
        if isinstance(fact, Page):
            self._page(fact)
        elif isinstance(fact, Bootstrap):
            self._bootstrap(fact)
        elif isinstance(fact, BaitArrival):
            # A process that saw nothing of a view says nothing about it.
            if (fact.process, fact.view) in self._viewed:
                self._arrived.setdefault((fact.process, fact.view), set()).add(fact.number)
        elif isinstance(fact, Sent):
            self._report(fact)
        elif isinstance(fact, Flush):
            self._write(fact.process)
        elif isinstance(fact, Join):
            self._join()

    def pending(self) -> Counter[Row]:
        """Return the rows of what no process has written yet."""
        rows: Counter[Row] = Counter()
        for events in self._waiting.values():
            for event in events:
                rows.update(event.rows(self.options.pairs))
        return rows

    def _add(self, fact: Fact, action: str, state: str = "", **dims: str) -> Event:
        """Count in the present hour, but what a report brings in that of its view."""
        known = {name: self._known(fact.process, name, value) for name, value in dims.items()}
        event = Event(fact.at, fact.site, action, state, **known)
        if isinstance(fact, Sent) and action != "refused":
            event.hour = min(event.hour, max(fact.began // 3600, event.hour - LATE))
        self._waiting.setdefault(fact.process, []).append(event)
        return event

    def _known(self, process: int, name: str, value: str) -> str:
        """Return a value, or "other" where a process distinguishes no more of them."""
        if name not in MOST:
            return value
        values = self._values.setdefault((process, name), set())
        if value not in values and len(values) >= MOST[name]:
            return "other"
        values.add(value)
        return value

    def _refuse(self, fact: Fact, reason: str) -> None:
        self._add(fact, "refused", reason=reason)

    def _page(self, fact: Page) -> None:
        unshared = fact.cache in ("private", "no-store")
        if fact.who.bot and unshared:
            return  # has no tag
        self._add(fact, "page" if unshared else "page-shared", group=fact.group)

    def _bootstrap(self, fact: Bootstrap) -> None:
        reason = ""
        if fact.foreign:
            return self._refuse(fact, "origin")
        if fact.who.bot:
            reason = "bot"
        elif int(fact.view[-4:]) >= self.options.share * 10_000:
            reason = "share"
        if fact.member and not fact.who.bot:
            self._add(fact, "ad-free", group=fact.group)
            return None
        if reason:
            self._add(fact, "passed", group=fact.group, reason=reason)
            if fact.who.bot:
                self._add(fact, "pageless", group=fact.group)
            return None
        if (fact.process, fact.view) in self._viewed:
            return None
        self._viewed.add((fact.process, fact.view))
        if self._objects(fact.who):
            self._add(fact, "passed", group=fact.group, reason="consent")
        else:
            self._add(
                fact, "view", group=fact.group, browser=fact.who.browser, device=fact.who.device
            )
        return None

    def _objects(self, who: Who) -> bool:
        return who.objects and self.options.gpc == "local"

    def _report(self, fact: Sent) -> None:
        if not self._within_rate(fact):
            return self._refuse(fact, "rate")
        if fact.flaw:
            return self._refuse(fact, fact.flaw)
        if fact.who.bot:
            return self._refuse(fact, "bot")
        if self._objects(fact.who):
            return self._refuse(fact, "consent")
        if not -GRACE <= fact.at - fact.began <= DAY * 3600 + GRACE:
            return self._refuse(fact, "expired")
        if fact.told.action in TEST and fact.told.variant not in self.options.variants:
            return self._refuse(fact, "value")
        what = fact.told.action or "verdict"
        if not self._first(fact, what):
            return self._refuse(fact, "repeat")
        event = self._action(fact) if fact.told.action else self._verdict(fact)
        event.claim = (fact.view, what)
        return None

    def _first(self, fact: Sent, what: str) -> bool:
        """Whether the process hears this of the view for the first time, which it then has."""
        told = (fact.process, fact.view, what)
        if told in self._reported:
            return False
        self._reported.add(told)
        return True

    def _within_rate(self, fact: Sent) -> bool:
        """Four reports a second and twenty at once are counted for each client."""
        left, since = self._budget.get((fact.process, fact.client), (20.0, fact.at))
        left = min(20.0, left + 4 * (fact.at - since))
        self._budget[fact.process, fact.client] = (left - 1 if left >= 1 else left, fact.at)
        return left >= 1

    def _action(self, fact: Sent) -> Event:
        told, who = fact.told, fact.who
        dims = {"group": fact.group, "browser": who.browser, "device": who.device}
        if told.action in TEST:
            return self._add(fact, told.action, "", **dims, variant=told.variant)
        dims |= {"kind": told.kind or "none", "mode": told.mode}
        if told.variant in self.options.variants:
            dims["variant"] = told.variant
        if told.locale:
            dims["locale"] = told.locale
        if told.action == "disputed":
            return self._add(fact, "disputed", "", **dims, signals=told.signals)
        return self._add(fact, told.action, told.state, **dims)

    def _verdict(self, fact: Sent) -> Event:
        told, who = fact.told, fact.who
        arrived = self._arrived.get((fact.process, fact.view), set())
        missed = [number for number in told.failed if number not in arrived]
        state = told.state
        if state in ("blocked", "partial") and not told.elements and len(missed) < 2:
            state = "unknown"  # blocked takes two rules
        kind = "none" if state in ("clear", "unknown") else told.kind or "none"
        dims = {"group": fact.group, "browser": who.browser, "device": who.device}
        event = self._add(fact, "verdict", state, kind=kind, **dims)
        if state != told.state:
            event.follows.append(self._add(fact, "corrected", told.state))
        if told.recovered and state in ("clear", "partial"):
            event.follows.append(self._add(fact, "recovered", "", kind=told.recovered, **dims))
        mark, _, rest = told.session.partition(" ")
        variant = rest.rstrip(" ")
        if state == "clear" and mark in ("-", "s", "q") and variant in self.options.variants:
            waits = len(rest) - len(variant)
            if waits in (1, 2):
                event.follows.append(self._add(fact, "won", "", **dims, variant=variant))
            if waits == 2 and self._first(fact, "stayed"):
                stayed = self._add(fact, "stayed", "", **dims, variant=variant)
                stayed.claim = (fact.view, "stayed")
        if state == "blocked":
            event.baits = list(_baits(fact, missed))
        return event

    def _write(self, process: int) -> None:
        """Write what a process has counted; the first to write a shared report has it counted."""
        events = self._waiting.pop(process, [])
        gone: set[int] = set()
        for event in events:
            if self.options.shared_limits and event.claim is not None:
                if event.claim in self._claimed:
                    gone |= {id(event), *map(id, event.follows)}
                self._claimed.add(event.claim)
        written = []
        for event in events:
            if id(event) not in gone:
                written.append(event)
            elif event.claim is not None:
                again = Event(event.hour * 3600, event.site, "refused", reason="repeat")
                written.append(again)
        self._store(written)

    def _store(self, events: list[Event]) -> None:
        """Add events to the store: those of more than a day ahead at its newest hour."""
        if not events:
            return
        newest = max(event.hour for event in events) if self._newest is None else self._newest
        late = [event for event in events if event.hour > newest + DAY]
        for event in late:
            event.hour = newest
            self.store.update(Event(newest * 3600, event.site, "error").rows(()))
        for event in events:
            self.store.update(event.rows(self.options.pairs))
        self.events += len(events) + len(late)
        self._newest = max(newest, *(event.hour for event in events))

    def _join(self) -> None:
        """Join the hours of days before the last 30, and delete days before the last 761."""
        if self._newest is None:
            return
        today, joined = self._newest // DAY, Counter[Row]()
        for (hour, *rest), count in self.store.items():
            day = hour // DAY
            if day >= today - 761:
                site, dimension, value, state, action = rest
                kept = hour if day >= today - 30 else day * DAY
                joined[kept, site, dimension, value, state, action] += count
        self.store = joined


def _baits(fact: Sent, missed: list[int]) -> Iterator[tuple[str, str]]:
    """Yield the baits of a blocked view with `asked` and `missed`, as decision 72 has it."""
    if not fact.told.failed:
        yield "none", "asked"
        return
    if not set(fact.told.failed) <= {number for number, _, _ in fact.baits} or not missed:
        return
    later = any(number in missed for number, _, _ in fact.baits[2:])
    full = any(reach == "full" for number, reach, _ in fact.baits if number in missed)
    for number, reach, name in fact.baits if later else fact.baits[:2]:
        if full or reach == "everywhere":
            yield name, "asked"
            if number in missed:
                yield name, "missed"
