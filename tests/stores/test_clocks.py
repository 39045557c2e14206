"""Writers with wrong clocks: no single process's clock decides what is old."""

from __future__ import annotations

import logging
import subprocess
import sys
import textwrap

import pytest

from detector.analytics.query import summary
from detector.core.counting.counters import Counters
from detector.core.counting.flusher import Flusher
from detector.core.counting.store import Event, Store
from detector.core.counting.store_url import open_store
from tests.conftest import Clock
from tests.support.writers import NOW, YEARS, Writer, error, kept, view


def flush(url: str, clock: Clock, views: int) -> None:
    """Run as a process that counts some views, writes them and compacts."""
    counters = Counters("site", clock=clock)
    flusher = Flusher(counters, lambda: open_store(url), 3600, logging.getLogger("quiet"))
    for _ in range(views):
        counters.count("view", browser="firefox")
    assert flusher.flush()
    flusher._compact()
    flusher.close()


@pytest.mark.parametrize("later", [YEARS, 3 * YEARS, 25 * 24])
def test_a_process_that_is_years_ahead(url: str, store: Store, later: int) -> None:
    """Views from a clock that is ahead count under the known hour and as errors; none is lost."""
    flush(url, Clock(NOW * 3600.0), 1)
    store.add({view(NOW - age * 24): 333 for age in (700, 300, 40)})
    flush(url, Clock((NOW + later) * 3600.0), 2)
    found = summary(store)
    assert (found.views, found.errors) == (1002, 2)
    assert max(hour for (hour, *_), _ in store.rows()) == NOW
    assert sum(row.n for row in store.sums("browser", since=NOW)) == 3
    flush(url, Clock(NOW * 3600.0), 1)
    assert kept(store) == 1003
    assert kept(store, NOW + later) == 1003


def test_a_day_may_be_skipped(one: Writer, two: Writer, store: Store) -> None:
    """A writer a day ahead advances the store's hour; one more hour does not."""
    one.write(NOW)
    two.write(NOW + 25)
    two.write(NOW + 24)
    assert dict(store.rows(NOW)) == {view(NOW): 2, error(NOW): 1, view(NOW + 24): 1}


def test_one_among_others(one: Writer, two: Writer, store: Store) -> None:
    """A process that stays ahead among correct ones does not advance the hour."""
    one.write(NOW)
    one.write(NOW - 700 * 24, 1000)
    for hour in range(NOW, NOW + 48):
        one.write(hour)
        two.write(hour + YEARS)
    assert summary(store).errors == 48
    assert max(hour for (hour, *_), _ in store.rows()) == NOW + 47
    assert kept(store, NOW + YEARS) == 1097


def test_workers_of_one_machine(url: str, one: Writer, two: Writer, store: Store) -> None:
    """A machine whose clock is ahead for a second does not advance the hour, with any workers."""
    one.write(NOW)
    one.write(NOW - 700 * 24, 1000)
    for number in range(8):
        worker = Writer(url, f"worker-{number}")
        worker.write(NOW + YEARS)
        worker.store.close()
    assert kept(store, NOW + YEARS) == 1009
    one.write(NOW + 1)
    assert kept(store, NOW + YEARS) == 1010


def test_first_write_ahead(one: Writer, two: Writer, store: Store) -> None:
    """A process that creates a store with a clock ahead is not trusted for long."""
    one.write(NOW + YEARS)
    two.write(NOW)
    two.write(NOW - 700 * 24, 1000)
    one.write(NOW + YEARS)
    assert kept(store, NOW + YEARS) == 1003
    assert summary(store).errors == 1


def test_a_clock_that_was_set_back(one: Writer, two: Writer, store: Store) -> None:
    """A process whose clock is behind writes under its own hour, and deletes nothing."""
    one.write(NOW, 5)
    two.write(NOW)
    two.write(NOW - 100 * 24)
    assert kept(store, NOW - 100 * 24) == 7
    one.write(NOW + 1)
    assert summary(store).errors == 0
    assert kept(store, NOW + 1) == 8


def test_late_counts(one: Writer, two: Writer, store: Store) -> None:
    """Counts that were queued while the store was down have their own hours."""
    one.write(NOW)
    two.write(NOW - 72, later=73)
    assert dict(store.rows()) == {view(NOW - 72): 1, view(NOW): 1, view(NOW + 1): 1}


def test_a_new_site_of_a_machine_years_ahead(url: str, one: Writer, store: Store) -> None:
    """Two processes with one wrong clock, on a new site, delete nothing of the others."""
    one.write(NOW)
    one.write(NOW - 700 * 24, 1000)
    for name in "ab":
        other = open_store(url)
        other.add({view(NOW + YEARS, "new"): 1}, (name, 1))
        other.close()
    store.compact(NOW + YEARS, again=True)
    assert summary(store, site="site").views == 1001


def test_reports(one: Writer, store: Store) -> None:
    """Shared reports from a clock ahead are dated the same way, and delete no other claims."""

    def report(hour: int, number: int) -> dict[bytes, Event]:
        again = (hour, "site", "all", "", "", "refused")
        event = Event((view(hour), (hour, "site", "device", "phone", "", "view")), (again,))
        return {hour.to_bytes(4, "big") + number.to_bytes(12, "big"): event}

    store.add_reports(report(NOW, 1), ("one", 1))
    store.add_reports(report(NOW + YEARS, 2), ("two", 1))
    store.add_reports(report(NOW + YEARS, 2), ("two", 2))
    store.add_reports(report(NOW, 1), ("three", 1))
    rows = dict(store.rows())
    assert rows[view(NOW)] == 2
    assert rows[error(NOW)] == 2
    assert rows[NOW, "site", "device", "phone", "", "view"] == 2
    assert rows[NOW, "site", "all", "", "", "refused"] == 2
    assert {key[0] for key in rows} == {NOW}


def test_drawers(store: Store) -> None:
    """A clock ahead does not reset the current minute's counts of other processes."""
    minute = NOW * 60
    store.tally("site", minute, {7: 3}, 3)
    store.tally("site", minute + YEARS * 60, {7: 1}, 3)
    assert store.tally("site", minute, {7: 1}, 3) == {7}


def test_command(url: str, store: Store, one: Writer) -> None:
    """`detector stats compact` on a machine whose clock is ahead deletes nothing either."""
    one.write(NOW, 2)
    one.write(NOW - 700 * 24, 1000)
    script = """
        import sys, time
        from detector.cli.main import main
        hour = float(sys.argv.pop())
        time.time = lambda: hour * 3600
        sys.exit(main())
    """
    whole = [sys.executable, "-c", textwrap.dedent(script), "stats", "compact", "--db", url]
    done = subprocess.run([*whole, str(NOW + YEARS)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert summary(store).views == 1002


def test_many_writers_at_once(url: str, store: Store) -> None:
    """Processes that advance the hour at the same time neither lose nor double counts.

    All hours are within one day, so that the last process is not far behind.
    """
    script = """
        import sys
        from detector.core.counting.store_url import open_store
        store = open_store(sys.argv[1])
        for number in range(60):
            hour = 480_000 + number // 3
            store.add({(hour, "site", "all", "", "", "view"): 1}, (sys.argv[2], number))
        store.close()
    """
    command = [sys.executable, "-c", textwrap.dedent(script), url]
    processes = [subprocess.Popen([*command, str(number)]) for number in range(4)]
    for process in processes:
        assert process.wait(60) == 0
    found = summary(store)
    assert (found.views, found.errors) == (240, 0)
