"""A believable month of views for the demo's counters, always the same for the same seed.

Each event goes through the counters as a real one does, so that all their rows agree.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from functools import cache
from itertools import accumulate

from detector.core.baits.pool import load, switched_off
from detector.core.counting.counters import Counters
from detector.core.counting.store import Store
from detector.demo.blocked_views import BlockedViews, Dead

DAYS = 30
SITE = "site"
_SEED = 1913

_Weighted = tuple[tuple[str, float], ...]
_GROUPS: _Weighted = (
    *(("/<section>/<slug>", 58.0), ("/", 27.0), ("/<section>", 10.0), ("/stream", 3.0)),
    *(("/big", 1.6), ("/member", 0.4)),
)
_DEVICES: _Weighted = (("phone", 56), ("desktop", 38), ("tablet", 6))
_BROWSERS: dict[str, _Weighted] = {
    "phone": (("chrome", 61), ("safari", 30), ("firefox", 4), ("samsung", 5)),
    "tablet": (("safari", 66), ("chrome", 34)),
    "desktop": (("chrome", 60), ("edge", 15), ("firefox", 14), ("safari", 8), ("opera", 3)),
}
# The share of a browser's views that are blocked, on desktop and elsewhere.
_BLOCKED = {
    "chrome": (0.27, 0.03),
    "edge": (0.16, 0.02),
    "firefox": (0.48, 0.26),
    "safari": (0.12, 0.09),
    "opera": (0.55, 0.40),
    "samsung": (0.0, 0.11),
}
_KINDS: _Weighted = (("extension", 82), ("browser", 12), ("none", 6))
_VARIANTS: _Weighted = (("newspaper", 1), ("warm", 1))
_ALLOWS = {"newspaper": 0.062, "warm": 0.098}
# Sessions that go on after their first notice, and that are won back; one in ten sees no notice.
_STAYS = {"newspaper": 0.55, "warm": 0.56, "holdout": 0.58}
_WINS = {"newspaper": 0.041, "warm": 0.068, "holdout": 0.012}
_HELD_OUT = 0.1
_MODES = {"phone": "bottom-bar", "tablet": "corner", "desktop": "corner"}
_LOCALES: _Weighted = (("en", 74), ("de", 9), ("fr", 8), ("pl", 5), ("ar", 4))
# The share of notices whose visitors say that they block no ads.
_DISPUTES = {"extension": 0.006, "browser": 0.012, "none": 0.07}
# The share of pages whose visitors have no JavaScript.
_NO_SCRIPT = 0.012
# The share of clear views by visitors who have allowed ads: it grows with every week.
_WON = 0.011
_REASONS: _Weighted = (
    *(("repeat", 30), ("bot", 42), ("expired", 12), ("origin", 7), ("token", 6), ("rate", 3)),
)


def fill(
    store: Store,
    now: float,
    days: int = DAYS,
    views: float = 60.0,
    pairs: Iterable[Iterable[str]] = (),
    dead: Dead | None = None,
) -> int:
    """Add `days` up to now, about `views` an hour; return the views, 0 if there are counts.

    `dead` is which baits no blocker acts on any more, and on which days.
    """
    if store.sites():
        return 0
    chance = random.Random(_SEED)
    apart = random.Random(_SEED + 1)
    baits = BlockedViews("a secret of the demo newspaper", random.Random(_SEED), dead)
    last = int(now // 3600)
    total = 0
    hour = last - days * 24
    counters = Counters(SITE, clock=lambda: hour * 3600.0, pairs=pairs)
    while hour < last:
        hour += 1
        wanted = views * _busy(hour) * chance.uniform(0.85, 1.15)
        count = int(wanted + chance.random())
        for number in range(total, total + count):
            # Evenly, not by chance: a small share of a month is not to vary with its days.
            scripts = int(number * _NO_SCRIPT) == int((number + 1) * _NO_SCRIPT)
            _view(counters, (chance, apart), (hour - last) / 24 + days, baits, scripts)
        _noise(counters, chance, count)
        total += count
        # A day at a time: each write has a cost of its own.
        if hour % 24 == 23 or hour == last:
            store.add(counters.drain())
    return total


def dies(path: str, now: float, days: int = DAYS, on: int = 10) -> Dead:
    """Return that one bait dies on a day of the month before `now`; PoolError if there is none."""
    pool = load()
    number = next(iter(switched_off(pool, [path])))
    first = int(now // 86_400) - days + on
    return lambda each, day: each == number and day >= first


def _busy(hour: int) -> float:
    """Return how busy an hour is: mornings and evenings, fewer at night, fewer on a weekend."""
    of_day, day = hour % 24, hour // 24
    clock = 1.0 + 0.75 * math.sin((of_day - 8) / 24 * 2 * math.pi) + (0.35 if of_day == 7 else 0.0)
    return max(0.12, clock) * (0.78 if (day + 3) % 7 >= 5 else 1.0) * (1 + 0.06 * math.sin(day / 4))


def _pick(chance: random.Random, of: _Weighted) -> str:
    names, sums = _summed(of)
    return chance.choices(names, cum_weights=sums)[0]


@cache
def _summed(of: _Weighted) -> tuple[list[str], list[float]]:
    return [name for name, _ in of], list(accumulate(weight for _, weight in of))


def _view(
    counters: Counters,
    chances: tuple[random.Random, random.Random],
    age: float,
    baits: BlockedViews,
    scripts: bool,
) -> None:
    chance, apart = chances
    device = _pick(chance, _DEVICES)
    browser = _pick(chance, _BROWSERS[device])
    where = {"device": device, "browser": browser, "group": _pick(chance, _GROUPS)}
    counters.count("page", **where)
    if not scripts:
        return
    counters.count("view", **where)
    drawn = chance.random()
    if drawn < 0.018:
        return
    if drawn < 0.034:
        counters.count("verdict", "unknown", kind="none", **where)
        return
    day = counters.hour() // 24
    share = _BLOCKED[browser][0 if device == "desktop" else 1] * (1 + 0.08 * math.sin(day / 5))
    if chance.random() < share:
        variant = _blocked(counters, chance, where, baits.view(day))
        if variant:
            _session(counters, apart, {**where, "variant": variant})
        if variant and apart.random() < _HELD_OUT:
            _session(counters, apart, {**where, "variant": "holdout"})
    elif chance.random() < 0.034:
        counters.count("verdict", "unreachable", kind="network", **where)
    else:
        counters.count("verdict", "clear", kind="none", **where)
        if chance.random() < _WON * age / 7:
            counters.count("recovered", kind=_pick(chance, _KINDS), **where)


def _blocked(
    counters: Counters, chance: random.Random, where: dict[str, str], baits: dict[str, str]
) -> str:
    """Count a blocked view, and what follows; return the variant of its notice, "" for none."""
    kind = _pick(chance, _KINDS)
    counters.count("verdict", "blocked", kind=kind, **where, **baits)
    # Visitors who said "not now" are not asked for a week, so most are not asked.
    if chance.random() > 0.62:
        return ""
    variant = _pick(chance, _VARIANTS)
    mode, locale = _MODES[where["device"]], _pick(chance, _LOCALES)
    notice = {**where, "kind": kind, "mode": mode, "variant": variant, "locale": locale}
    counters.count("shown", "blocked", **notice)
    if chance.random() < 0.24:
        counters.count("steps", "blocked", **notice)
    drawn = chance.random()
    if drawn < _ALLOWS[variant]:
        counters.count("recheck", "blocked", **notice)
        counters.count("allowed", "clear", **notice)
    elif drawn < 0.58:
        counters.count("dismissed", "blocked", **notice)
    elif drawn < 0.595:
        counters.count("support", "blocked", **notice)
    elif drawn < 0.62:
        counters.count("recheck", "blocked", **notice)
    elif drawn < 0.62 + _DISPUTES[kind]:
        signals = "requests" if kind == "none" else "requests elements"
        counters.count("disputed", **notice, signals=signals)
    return variant


def _session(counters: Counters, chance: random.Random, where: dict[str, str]) -> None:
    """Count a session of a variant; whoever is won back has stayed."""
    counters.count("drawn", **where)
    if chance.random() < _STAYS[where["variant"]]:
        counters.count("stayed", **where)
        if chance.random() < _WINS[where["variant"]] / _STAYS[where["variant"]]:
            counters.count("won", **where)


def _noise(counters: Counters, chance: random.Random, views: int) -> None:
    """Count what every site receives: robots, repeats, and occasional attacks."""
    for _ in range(int(views * 0.02 + chance.random())):
        counters.count("refused", reason=_pick(chance, _REASONS))
    for _ in range(int(views * 0.015 + chance.random())):
        group = _pick(chance, _GROUPS)
        counters.count("passed", reason="bot", group=group)
        counters.count("pageless", group=group)
