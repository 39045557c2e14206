"""The sums of days and months in PostgreSQL: made, read, and no longer read once stale."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from detector.core.counting.dimensions import Key
from detector.stores.postgres import rollups
from detector.stores.postgres.store import PostgresStore, _steps
from tests.stores.conftest import empty
from tests.support.servers import Server

NOW = int(datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp()) // 3600
DAY = 24
TODAY = NOW - NOW % DAY
Spans = set[tuple[int, int]]


def row(hour: int) -> Key:
    """Return a row of an hour."""
    return hour, "site", "group", "/a", "", "view"


@pytest.fixture
def store(postgres: Server) -> Iterator[PostgresStore]:
    """Yield a store with one count in each hour of 90 days."""
    empty(postgres)
    made = PostgresStore(postgres.url)
    rows = {row(hour): 1 for hour in range(TODAY - 90 * DAY, NOW + 1)}
    made.add(rows | {(TODAY - 90 * DAY, "site", "all", "", "", "view"): 1})
    made.add({(NOW, "site", "all", "", "", "view"): 1})
    made.compact(NOW)
    yield made
    made.close()


def fresh(store: PostgresStore) -> Spans:
    """Return the spans whose sums are read."""
    found = store._read("SELECT start, until FROM detector_summed WHERE fresh = version", ())
    return {(start, until) for start, until in found}


def total(store: PostgresStore, since: int, until: int) -> int:
    """Return the views of a span."""
    return sum(one.n for one in store.sums("group", since=since, until=until))


def test_days_and_months_are_summed(postgres: Server, store: PostgresStore) -> None:
    """Each whole day of the last 30, and each whole month, has its sums, and they are read."""
    spans = fresh(store)
    assert {(TODAY - n * DAY, TODAY - n * DAY + DAY) for n in range(1, 31)} <= spans
    assert any(until - start == 31 * DAY for start, until in spans)
    with psycopg.connect(postgres.url) as other:
        # What is not read could hold anything.
        other.execute("ALTER TABLE detector_counts DISABLE TRIGGER USER")
        other.execute("UPDATE detector_counts SET n = 99 WHERE dimension = 'group'")
        other.execute("ALTER TABLE detector_counts ENABLE TRIGGER USER")
    assert total(store, TODAY - 5 * DAY, TODAY) == 5 * DAY


def test_a_program_without_sums_makes_them_stale(postgres: Server, store: PostgresStore) -> None:
    """A late count of any program takes the spans of its hour out of use until the next day."""
    before = fresh(store)
    late = TODAY - 3 * DAY + 5
    with psycopg.connect(postgres.url) as other:
        other.execute("UPDATE detector_counts SET n = n + 1 WHERE hour = %s", (late,))
    assert before - fresh(store) == {(TODAY - 3 * DAY, TODAY - 2 * DAY)}
    assert total(store, TODAY - 5 * DAY, TODAY) == 5 * DAY + 1
    store.compact(NOW, again=True)
    assert fresh(store) == before
    assert total(store, TODAY - 5 * DAY, TODAY) == 5 * DAY + 1


def test_all_sites_together(postgres: Server, store: PostgresStore) -> None:
    """All sites are read from sums of their own, unless an earlier release summed the span anew."""
    day = (TODAY - 3 * DAY, TODAY - 2 * DAY)
    store.add({(day[0], "other", *row(0)[2:]): 7, (day[0], "other", "all", "", "", "view"): 1})
    store.compact(NOW, again=True)
    assert total(store, *day) == DAY + 7
    with psycopg.connect(postgres.url) as other:
        # What is not read could hold anything.
        other.execute("UPDATE detector_sums SET n = 50 WHERE site <> '' AND start = %s", (day[0],))
        other.commit()
        assert total(store, *day) == DAY + 7
        other.execute(
            "UPDATE detector_summed SET version = version + 1, fresh = version + 1 "
            "WHERE start = %s",
            (day[0],),
        )
        other.commit()
        assert total(store, *day) == 100
    store.compact(NOW, again=True)
    with psycopg.connect(postgres.url) as other, other.cursor() as cursor:
        assert day in {(span.start, span.until) for span in rollups.whole(cursor)}
    assert total(store, *day) == 100


def test_joining_keeps_them(store: PostgresStore) -> None:
    """Days whose hours are joined leave the sums of their month in use."""
    months = {span for span in fresh(store) if span[1] - span[0] > DAY}
    version = "SELECT sum(version) FROM detector_summed WHERE until - start > 24"
    before = store._read(version, ())
    store.add({(NOW + DAY, "site", "all", "", "", "view"): 1})
    store.compact(NOW + DAY)
    assert months <= fresh(store)
    assert store._read(version, ()) == before
    assert [key for key, _ in store.rows() if key[0] < TODAY - 29 * DAY and key[0] % DAY] == []


@pytest.mark.parametrize("ends", ["before", "after"], ids=["early commit", "late commit"])
def test_a_write_amid_summing(postgres: Server, store: PostgresStore, ends: str) -> None:
    """A count that is written while its span is summed is in every later answer."""
    day = (TODAY - 3 * DAY, TODAY - 2 * DAY)
    with psycopg.connect(postgres.url) as other:
        other.execute("UPDATE detector_summed SET fresh = NULL WHERE start = %s", (day[0],))
        other.execute("DELETE FROM detector_sums WHERE start = %s", (day[0],))
        other.commit()
        begun = _steps(NOW, again=True)
        steps = iter(lambda: store._step(begun, wait=True), None)
        while not store._read("SELECT 1 FROM detector_sums WHERE start = %s", (day[0],)):
            next(steps)
        other.execute("UPDATE detector_counts SET n = n + 1 WHERE hour = %s", (day[0],))
        if ends == "before":
            other.commit()
            list(steps)
        other.commit()
    assert total(store, *day) == DAY + 1
    store.compact(NOW, again=True)
    assert day in fresh(store)
    assert total(store, *day) == DAY + 1


def test_a_write_that_began_before_its_span(postgres: Server, store: PostgresStore) -> None:
    """A span is summed only after the writes that began before it was known have ended."""
    with psycopg.connect(postgres.url) as other:
        other.execute("DELETE FROM detector_summed WHERE start = %s", (TODAY - 3 * DAY,))
        other.commit()
        other.execute("UPDATE detector_counts SET n = n + 1 WHERE hour = %s", (TODAY - 3 * DAY,))
        begun = _steps(NOW, again=True)
        with pytest.raises(Exception, match="lock timeout"):
            while True:
                with store._using() as connection:
                    connection.execute("SET lock_timeout = 100")
                store._step(begun, wait=True)
        other.commit()
    store.compact(NOW, again=True)
    assert total(store, TODAY - 3 * DAY, TODAY - 2 * DAY) == DAY + 1


def test_nothing_is_left_over(store: PostgresStore) -> None:
    """Sums that are no longer needed leave no row."""
    for number, name in enumerate("ab"):
        late: Key = (NOW + 2000 * DAY - 1 + number, "site", "all", "", "", "view")
        store.add({late: 1}, (name, 1))
    store.compact(NOW + 2000 * DAY)
    assert fresh(store) == set()
    assert store._read("SELECT count(*) FROM detector_sums", ()) == [(0,)]
