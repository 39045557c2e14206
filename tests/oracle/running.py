"""One run: random traffic over one store, and what differs from the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from detector.analytics.figures import Figures
from detector.analytics.query import query
from detector.core.counting.store import Store
from detector.core.counting.store_url import open_store
from tests.oracle.answers import ACTIONS, STATES, TEST, Asked, Cell, cells
from tests.oracle.facts import Options
from tests.oracle.rules import Row, Rules
from tests.oracle.traffic import HOUR, Traffic
from tests.oracle.visitors import Clock, Process, Time

BEGIN = 480_000 * HOUR + 1800
DIMENSIONS = (
    *("", "kind", "browser", "device", "mode", "locale", "variant", "group"),
    *("", "browser", "group"),
)
PAIRS = ("kind+browser", "browser+device", "device+group", "mode+variant")
STEPS = ("", "hour", "day", "week", "month")
ANSWERS = 12
LONG = 960
"""Days of a long run: more than 761, since less than a day passes between two of them."""


@dataclass
class Result:
    """What a run compared; `differences` are in words."""

    seed: int
    facts: int = 0
    events: int = 0
    rows: int = 0
    answers: int = 0
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the figures of the run, with what repeats it."""
        found = f"{self.events:,} events, {self.rows:,} rows, {self.answers:,} answers"
        return "\n".join([f"seed {self.seed}: {found}", *self.differences[:20]])


def run(seed: int, url: str, days: int | None = None) -> Result:
    """Send visitors for some days, and compare; `url` "" keeps the counts in memory.

    Without `days` the seed decides: some weeks, or for one seed of ten 26 months with few visitors.
    """
    dice = Random(seed)
    long = days is None and seed % 10 == 0
    visits = 2 if long else dice.randrange(3, 30)
    days = days or (LONG if long else dice.randrange(10, 60))
    options = _options(dice, bool(url))
    rules, result = Rules(options), Result(seed)
    with _traffic(dice, options, url, long) as traffic:
        for day in range(days):
            # Of many days only each twentieth is one with more than a visit to each site.
            if not long or day % 20 == 0:
                _day(traffic, visits, url)
            traffic.each_site()
            traffic.flush_all()
            # No write is dated more than a day after the one before, else it would be doubted.
            traffic.wait(dice.randrange(16 * HOUR, 24 * HOUR))
        for fact in traffic.facts:
            rules.apply(fact)
        result.facts = len(traffic.facts)
        if url:
            store = open_store(url)
            _compare(store, rules, dice, result)
            _join(traffic, url)
            rules.apply(traffic.facts[-1])
            _compare(store, rules, dice, result)
            store.close()
        else:
            found: Counter[Row] = Counter()
            for process in traffic.processes:
                found.update(process.site.counters.snapshot())
            _rows(found, rules.pending(), result)
    result.events = rules.events or sum(
        count for row, count in rules.pending().items() if row[2] == "all"
    )
    return result


def _options(dice: Random, stored: bool) -> Options:
    return Options(
        share=dice.choice((1.0, 1.0, 0.7)),
        gpc=dice.choice(("stats", "local")),
        pairs=tuple(dice.sample(PAIRS, dice.randrange(3))),
        variants=dice.choice(((), ("a", "b"))),
        shared_limits=stored and dice.random() < 0.4,
    )


@contextmanager
def _traffic(dice: Random, options: Options, url: str, long: bool) -> Iterator[Traffic]:
    """Yield the traffic of a run; all of its processes are closed at the end."""
    time, numbers, made = Time(BEGIN), count(), list[Process]()
    groups = dice.choice((6, 40, 700))
    # Up to a minute, reports are counted in batches; beyond that each at once.
    flush = 3600.0 if groups == 700 else dice.choice((60.0, 3600.0))

    def start(name: str) -> Process:
        made.append(Process(next(numbers), name, Clock(time), options, url, flush))
        return made[-1]

    traffic = Traffic(dice, options, time, groups, start, flush == 60)
    several = bool(url) and groups < 700 and not long
    traffic.begin(("news", "news", "shop") if several else ("news",))
    try:
        yield traffic
    finally:
        for process in made:
            process.close()


def _day(traffic: Traffic, visits: int, url: str) -> None:
    """Make all happen that may happen in a day."""
    dice = traffic.dice
    traffic.each_site()
    traffic.flush_all()
    traffic.return_later()
    for _ in range(dice.randrange(1, 3)):
        traffic.visits(dice.randrange(visits + 1))
        if dice.random() < 0.3:
            traffic.flood()
        if url and dice.random() < 0.5:
            traffic.flush(dice.choice(traffic.processes))
        if url and dice.random() < 0.1:
            traffic.restart()
        traffic.wait(dice.randrange(2 * HOUR))
    if url and not traffic.options.shared_limits and dice.random() < 0.1:
        traffic.wrong_clock()
    if url and dice.random() < 0.1:
        _join(traffic, url)


def _join(traffic: Traffic, url: str) -> None:
    store = open_store(url)
    store.compact(traffic.time.now // HOUR, again=True)
    store.close()
    traffic.joined()


def _compare(store: Store, rules: Rules, dice: Random, result: Result) -> None:
    """Compare all rows, and the answers to some queries."""
    _rows(Counter(dict(store.rows())), rules.store, result)
    hours = sorted({row[0] for row in rules.store})
    for _ in range(ANSWERS):
        asked = _asked(dice, rules.options, hours)
        wanted = cells(rules.store, asked)
        found = _cells(store, asked)
        result.answers += 1
        for cell in wanted.keys() | found.keys():
            if wanted.get(cell) != found.get(cell):
                found_, wanted_ = dict(found.get(cell, {})), dict(wanted.get(cell, {}))
                result.differences.append(f"{asked} {cell}: {found_}, not {wanted_}")


def _rows(found: Counter[Row], wanted: Counter[Row], result: Result) -> None:
    result.rows += len(wanted)
    for row in sorted(found.keys() | wanted.keys()):
        if found[row] != wanted[row]:
            result.differences.append(f"{row}: {found[row]}, not {wanted[row]}")


def _asked(dice: Random, options: Options, hours: list[int]) -> Asked:
    """Return a random query, whose ends may be anywhere, or at the start of a day."""
    ends = sorted(dice.choice(hours) + dice.choice((0, 0, 1, -1)) for _ in range(2))
    if dice.random() < 0.4:
        ends = [end - end % 24 for end in ends]
    return Asked(
        by=dice.choice((*DIMENSIONS, *options.pairs)),
        step=dice.choice(STEPS),
        since=dice.choice((None, ends[0])),
        until=dice.choice((None, ends[1])),
        site=dice.choice((None, "news", "shop")),
    )


def _cells(store: Store, asked: Asked) -> dict[Cell, Counter[str]]:
    """Return what the detector answers, in the form of `answers.cells`."""
    ends = {"since": asked.since, "until": asked.until}
    seconds: dict[str, Any] = {
        name: None if hour is None else hour * HOUR for name, hour in ends.items()
    }
    answer = query(store, by=asked.by, step=asked.step, site=asked.site, pages=False, **seconds)
    if not asked.by and not asked.step:
        whole = _figures(answer.total)
        return {((), None): whole} if whole else {}
    return {(cell.values, cell.start): _figures(cell.figures) for cell in answer.cells}


def _figures(found: Figures) -> Counter[str]:
    counts = Counter({f"verdict {state}": found.verdicts[state] for state in STATES})
    counts.update({name: found.actions[name] for name in ACTIONS})
    counts.update({name: found.sessions[name] for name in TEST})
    counts.update({"view": found.views, "ad-free": found.ad_free, "recovered": found.recovered})
    return Counter({name: n for name, n in counts.items() if n})
