"""Counts of some days for the tests: every action, dimension and a pair, at random."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from detector.core.counting.counters import Counters
from detector.core.counting.store import Store
from detector.core.vocabulary import (
    BROWSERS,
    DEVICES,
    FUNNEL,
    HEALTH_ACTIONS,
    KINDS,
    PATTERNS,
    REASONS,
    STATES,
)

FIRST = int(datetime(2026, 10, 29, tzinfo=UTC).timestamp()) // 3600
"""The first hour of the first day."""
GROUPS = ("/", "/news", "/a+b", "/sport 'x'", "/ü漢🦊", "/cached")
VARIANTS = ("calm", "plain")
BAITS = "everywhere:{w}/a.js !full:adverts/{w}.js"


def fill(
    store: Store,
    *,
    sites: tuple[str, ...] = ("news", "shop/é .."),
    first: int = FIRST,
    days: int = 4,
    seed: int = 1,
    each: int = 40,
) -> None:
    """Write `each` views to each day of each site, and two writers' in the last hour of the last.

    Two, since one writer's clock alone is not believed.
    """
    draw = Random(seed)
    for number, site in enumerate(sites):
        counters = Counters(site, pairs=(("kind", "browser"),), clock=lambda: first * 3600)
        for day in range(days):
            for _ in range(each):
                _visit(counters, draw, first + day * 24 + draw.randrange(24))
            counters.count_in(first + day * 24 + 23, "view", "", {"browser": "edge"})
            # No write is dated more than a day after the one before, else it would be doubted.
            store.add(counters.drain(), (f"writer-{seed}-{number}", day + 1))
        last = (first + days * 24 - 1, site, "all", "", "", "view")
        store.add({last: 1}, (f"other-{seed}-{number}", 1))


def _visit(counters: Counters, draw: Random, hour: int) -> None:
    """Count what one view may bring."""
    group = draw.choice(GROUPS)
    who = {"group": group, "browser": draw.choice(BROWSERS), "device": draw.choice(DEVICES)}
    sent = "page-shared" if group == "/cached" else "page"
    counters.count_in(hour, sent, "", {"group": group})
    if draw.random() < 0.1:
        counters.count_in(hour, "page-robot", "", {"group": group})
    if draw.random() < 0.1:
        counters.count_in(
            hour, "passed", "", {"group": group, "reason": draw.choice(("share", "bot"))}
        )
    if draw.random() < 0.2:
        counters.count_in(hour, draw.choice(("ad-free", "pageless")), "", {"group": group})
    if draw.random() < 0.1:
        action = draw.choice(HEALTH_ACTIONS)
        reason = {"reason": draw.choice([*REASONS])} if action == "refused" else {}
        counters.count_in(hour, action, "", reason)
    if draw.random() < 0.15:
        return
    counters.count_in(hour, "view", "", who)
    state = draw.choice(STATES)
    kind = draw.choice(KINDS) if state in ("blocked", "unreachable") else "none"
    bait = {"bait": draw.choice((BAITS, "none"))} if state == "blocked" else {}
    counters.count_in(hour, "verdict", state, {**who, "kind": kind, **bait})
    if state == "clear" and draw.random() < 0.3:
        counters.count_in(hour, "recovered", "", {**who, "kind": "extension"})
    if state == "blocked":
        more = {"mode": "corner", "locale": "de", "variant": draw.choice(VARIANTS)}
        for action in FUNNEL[: draw.randrange(len(FUNNEL) + 1)]:
            counters.count_in(hour, action, state, {**who, "kind": kind, **more})
        if draw.random() < 0.1:
            signals = {"signals": draw.choice(PATTERNS)}
            counters.count_in(hour, "disputed", "", {**who, "kind": kind, **more, **signals})
