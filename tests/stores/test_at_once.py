"""Processes that compact one store at once: no answer loses or doubles a count, whoever is killed.

Each process waits before each of its steps until a test lets it go on, so that what overlaps is
drawn from a seed and can be repeated.
"""

from __future__ import annotations

import random
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from detector.core.counting.dimensions import Key
from detector.core.counting.store import HOURLY_DAYS, Store
from detector.core.counting.store_url import open_store

DAY = 24
NOW = int(datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp()) // 3600
TODAY = NOW - NOW % DAY
FIRST = TODAY - 56 * DAY
"""The last days of September: October is a whole month."""
OCTOBER = (TODAY - 53 * DAY, TODAY - 22 * DAY)


class Killed(BaseException):
    """Ends a process between two of its steps."""


class Process:
    """A compacting process, which does a step whenever it is told to."""

    def __init__(self, url: str, now: int) -> None:
        store: Any = open_store(url)
        self.store: Any = store
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._step, store._step = store._step, self._wait
        self._killed = False
        self.error: BaseException | None = None
        self.ended = False
        self._thread = threading.Thread(target=self._run, args=(now,))
        self._thread.start()
        self._stopped.acquire()

    def _run(self, now: int) -> None:
        try:
            self.store.compact(now, again=True)
        except BaseException as error:
            self.error = error
        self.ended = True
        self._stopped.release()

    def _wait(self, *given: Any, **more: Any) -> Any:
        self._stopped.release()
        self._go.acquire()
        if self._killed:
            raise Killed
        return self._step(*given, **more)

    def go(self) -> None:
        """Do a step."""
        if not self.ended:
            self._go.release()
            self._stopped.acquire()
            if self.error:
                raise self.error

    def kill(self) -> None:
        """End before the next step."""
        if not self.ended:
            self._killed = True
            self._go.release()
            self._stopped.acquire()
        self._thread.join()
        self.store.close()


class Traffic:
    """What was counted, and questions about it."""

    def __init__(self, store: Store, draw: random.Random) -> None:
        self._store, self._draw = store, draw
        self._rows: Counter[Key] = Counter()

    def add(self, number: int, sites: tuple[str, ...] = ("one", "two")) -> None:
        """Count views of random hours, as one write of each site."""
        for site in sites:
            rows: Counter[Key] = Counter()
            for _ in range(number):
                hour = self._draw.randrange(FIRST, NOW)
                rows[hour, site, "group", self._draw.choice("ab"), "", "view"] += 1
                rows[hour, site, "all", "", "", "view"] += 1
            self._store.add(rows)
            self._rows += rows

    def check(self, since: int, until: int) -> None:
        """Ask for the hours of whole days, one site and all."""
        for site in ("one", None):
            for dimension in ("all", "group"):
                expected: Counter[str] = Counter()
                for (hour, name, kind, value, *_), count in self._rows.items():
                    if kind == dimension and site in (None, name) and since <= hour < until:
                        expected[value] += count
                found = self._store.sums(dimension, site=site, since=since, until=until)
                assert {one.value: one.n for one in found} == expected, (site, dimension)

    def check_some(self) -> None:
        """Ask for a random span, or for October."""
        span = OCTOBER
        if self._draw.random() < 0.6:
            days = sorted(self._draw.sample(range(58), 2))
            span = (FIRST + days[0] * DAY, FIRST + days[1] * DAY)
        self.check(*span)


@pytest.fixture
def present(store: Store) -> Iterator[Store]:
    """Yield a store whose present hour is that of tomorrow."""
    store.add({(NOW + DAY, "one", "all", "", "", "error"): 1})
    yield store


@pytest.mark.parametrize("seed", range(4))
def test_any_order(url: str, present: Store, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two compact at once, some before and some after midnight, some are killed, and counts of old
    hours and of new sites come meanwhile: every answer is what was counted."""
    monkeypatch.setattr("detector.stores.postgres.rollups._SITES_AT_ONCE", 1)
    draw = random.Random(seed)
    traffic = Traffic(present, draw)
    traffic.add(60)
    traffic.check(FIRST, NOW)
    processes = [Process(url, NOW), Process(url, NOW + draw.choice((0, DAY)))]
    try:
        for number in range(40):
            at = draw.randrange(2)
            for _ in range(draw.choice((1, 2, 7, 30))):
                processes[at].go()
                if draw.random() < 0.1:
                    traffic.check_some()
            traffic.check_some()
            if draw.random() < 0.05:
                traffic.add(1, draw.choice((("one",), ("two",), (f"new {number}",))))
            if processes[at].ended or draw.random() < 0.03:
                processes[at].kill()
                processes[at] = Process(url, NOW + draw.choice((0, DAY)))
        while not all(process.ended for process in processes):
            draw.choice(processes).go()
        for day in range(FIRST, TODAY, DAY):
            traffic.check(day, day + DAY)
        traffic.check(*OCTOBER)
    finally:
        for process in processes:
            process.kill()
    limit = TODAY - HOURLY_DAYS * DAY
    assert all(key[0] % DAY == 0 for key, _ in present.rows() if key[0] < limit)


def by_rows(store: Store, since: int) -> Counter[str]:
    """Return the views of a day by adding up its rows."""
    found: Counter[str] = Counter()
    for (_, _, dimension, value, *_), count in store.rows(since, until_hour=since + DAY):
        if dimension == "group":
            found[value] += count
    return found


def test_real_processes(url: str, present: Store) -> None:
    """Processes that count and compact without a pause, and one that is killed amid that, leave
    sums that agree with the rows."""
    script = """
        import random, sys
        from detector.core.counting.store_url import open_store
        from tests.stores.test_at_once import DAY, NOW, Traffic
        store, draw = open_store(sys.argv[1]), random.Random(int(sys.argv[2]))
        for number in range(3):
            Traffic(store, draw).add(5)
            print("counted", flush=True)
            store.compact(NOW + draw.choice((0, DAY)), again=True)
        store.close()
    """
    Traffic(present, random.Random(9)).add(60)
    command = [sys.executable, "-c", textwrap.dedent(script), url]
    processes = [
        subprocess.Popen([*command, str(number)], stdout=subprocess.PIPE) for number in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"counted\n"
    processes[0].kill()
    for process in processes:
        process.communicate(timeout=120)
    assert [process.returncode for process in processes[1:]] == [0, 0]
    for again in (False, True):
        for day in range(FIRST, TODAY, DAY):
            found = present.sums("group", since=day, until=day + DAY)
            assert {one.value: one.n for one in found} == by_rows(present, day), again
        present.compact(NOW + DAY, again=True)


def test_threads_of_a_process(present: Store) -> None:
    """While one thread compacts what is left of the day, another one may do all of it again."""
    draw = random.Random(1)
    traffic = Traffic(present, draw)
    traffic.add(30)
    errors: list[BaseException] = []

    def work(again: bool) -> None:
        try:
            for _ in range(3):
                if again:
                    present.compact(NOW, again=True)
                else:
                    while not present.compact_some(NOW):
                        pass
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(again,)) for again in (True, False)]
    for thread in threads:
        thread.start()
    traffic.add(3)
    for thread in threads:
        thread.join()
    assert errors == []
    traffic.check(FIRST, NOW)
    for day in range(FIRST, TODAY, DAY):
        traffic.check(day, day + DAY)
