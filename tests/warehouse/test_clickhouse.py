"""Tables in ClickHouse, in its own engine (chdb, within this process)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import OperationalError

from detector.core.counting.dimensions import Key
from detector.core.counting.store import Store
from detector.stores.sqlite.store import SqliteStore
from detector.warehouse import clickhouse
from detector.warehouse.clickhouse import ClickHouse
from detector.warehouse.days import Decision
from detector.warehouse.export import SiteExport, export
from detector.warehouse.schema import Row, row_of
from detector.warehouse.target import ExportError
from tests.support.clickhouse import engine
from tests.warehouse.printed import differences, given
from tests.warehouse.sample import FIRST, fill

DAY = 24
COUNTED = "SELECT toUnixTimestamp(hour) DIV 3600, site, dimension, value, state, action, n"


@pytest.fixture(scope="module")
def opened() -> Iterator[Client]:
    """Yield a connection to the engine, of which a process has one."""
    client = engine()
    yield client
    client.close()


@pytest.fixture
def client(opened: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a connection to an empty database, which targets do not close."""
    for name in ("VIEW IF EXISTS detector_counts", *map("TABLE IF EXISTS {}".format, TABLES)):
        opened.command(f"DROP {name} SYNC")
    monkeypatch.setattr(opened, "close", lambda: None)
    return opened


TABLES = ("detector_rows", "detector_days")


def run(store: Store, client: Client, **asked: Any) -> list[SiteExport]:
    """Export all sites."""
    target = ClickHouse(client, "server")
    try:
        return list(export(store, target, sites=store.sites(), **asked))
    finally:
        target.close()


def days(done: list[SiteExport], decision: Decision) -> list[int]:
    """Return the days of the only site with a decision, counted from the first."""
    return [(day - FIRST) // DAY for day in done[0].days[decision]]


def rows(client: Client, source: str = "detector_counts") -> dict[Key, int]:
    """Return what the view holds, in the form of a store's rows."""
    found = client.query(f"{COUNTED} FROM {source}").result_rows
    assert len({row[:-1] for row in found}) == len(found)
    return {tuple(row[:-1]): row[-1] for row in found}


def exports(client: Client) -> int:
    """Return how many exports have rows, once the server has deleted what it was told to."""
    client.command("OPTIMIZE TABLE detector_rows FINAL SETTINGS mutations_sync = 2")
    return int(client.query("SELECT uniqExact(export) FROM detector_rows").result_rows[0][0])


def late(store: Store, hour: int, batch: int = 100) -> None:
    """Add a view at an hour."""
    store.add({(hour, "news", "all", "", "", "view"): 1}, ("late", batch))


def test_clickhouse_gives_what_stats_gives(store: Store, client: Client) -> None:
    """The engine answers each query as `detector stats` does, and has the store's rows."""
    fill(store, days=6)
    done = run(store, client)
    (until,) = {one.until for one in done}
    assert rows(client) == {key: n for key, n in store.rows() if key[0] < until}
    assert (
        differences(store, until, lambda text: [*map(tuple, client.query(text).result_rows)]) == []
    )


def test_hours_are_of_utc(
    news: SqliteStore, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time zone of the machine that exports moves no hour."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        run(news, client)
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    assert rows(client) == {key: n for key, n in news.rows() if key[0] < FIRST + 4 * DAY}


def test_new_and_late_days(news: SqliteStore, client: Client) -> None:
    """Days are written once, and again where the store has more; old rows are deleted."""
    assert days(run(news, client), Decision.WRITE) == [0, 1, 2, 3]
    before = rows(client)
    assert days(run(news, client), Decision.SAME) == [0, 1, 2, 3]
    assert rows(client) == before
    late(news, FIRST + DAY + 7)
    done = run(news, client)
    assert (days(done, Decision.WRITE), days(done, Decision.SAME)) == ([1], [0, 2, 3])
    key = (FIRST + DAY + 7, "news", "all", "", "", "view")
    assert rows(client) == before | {key: before[key] + 1}
    assert exports(client) == 4
    assert days(run(news, client, again=True), Decision.WRITE) == [0, 1, 2, 3]
    assert rows(client) == before | {key: before[key] + 1}
    assert exports(client) == 4


@pytest.mark.parametrize("again", [False, True])
def test_less_replaces_nothing(
    news: SqliteStore, client: Client, tmp_path: Path, again: bool
) -> None:
    """Days that the store has emptied or joined since stay as they were exported."""
    run(news, client)
    before = rows(client)
    part = SqliteStore(tmp_path / "part.sqlite")
    fill(part, sites=("news",), days=6, each=10)
    assert days(run(part, client, again=again), Decision.EMPTIED) == [0, 1, 2, 3]
    part.close()
    fill(news, sites=("news",), first=FIRST + 6 * DAY, days=35, seed=2, each=1)
    news.compact(FIRST + 50 * DAY, again=True)
    late(news, FIRST)
    done = run(news, client, again=again, until=FIRST + DAY)
    assert days(done, Decision.JOINED) == [0]
    assert rows(client) == before


def test_a_day_is_seen_whole_or_not_at_all(news: SqliteStore, client: Client) -> None:
    """Nobody sees rows before the commit, nor those of an export that ended before it."""
    target = ClickHouse(client, "server")
    (first,) = export(news, target, sites=["news"], until=FIRST + DAY)
    before = rows(client)
    assert first.rows == len(before)
    with pytest.raises(KeyError), target.writing("news", FIRST) as day:
        day.write(_made(news))
        assert rows(client) == before
        assert len(client.query("SELECT n FROM detector_rows").result_rows) == 2 * len(before)
        raise KeyError
    assert rows(client) == before
    target.close()
    assert exports(client) == 1


def test_killed(news: SqliteStore, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed export left is deleted by one a day later, and not before."""
    killed = ClickHouse(client, "server")
    with killed.writing("news", FIRST) as day:
        day.write(_made(news))
    run(news, client)
    assert exports(client) == 5
    whole = rows(client)
    now = ClickHouse._now
    monkeypatch.setattr(ClickHouse, "_now", lambda self: now(self) + 25 * 3600)
    assert days(run(news, client), Decision.SAME) == [0, 1, 2, 3]
    assert exports(client) == 4
    assert rows(client) == whole


def test_two_exports_at_once(news: SqliteStore, client: Client) -> None:
    """Two exports of one day leave it whole, once."""
    run(news, client, until=FIRST + DAY)
    one, two = ClickHouse(client, "server"), ClickHouse(client, "server")
    one.exported("news")
    two.exported("news")
    late(news, FIRST)
    for target in (one, two):
        list(export(news, target, sites=["news"], until=FIRST + DAY, again=True))
        assert rows(client) == dict(news.rows(FIRST, "news", FIRST + DAY))
    one.close()
    two.close()
    assert rows(client) == dict(news.rows(FIRST, "news", FIRST + DAY))


def test_clock_that_goes_back(
    news: SqliteStore, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later export is the later one also where the server's clock was set back."""
    run(news, client)
    now = ClickHouse._now
    monkeypatch.setattr(ClickHouse, "_now", lambda self: now(self) - 9999)
    late(news, FIRST)
    assert days(run(news, client), Decision.WRITE) == [0]
    assert rows(client) == {key: n for key, n in news.rows() if key[0] < FIRST + 4 * DAY}


def test_lost_rows_are_noticed(
    news: SqliteStore, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day of which the server has not each row once is not committed."""
    target = ClickHouse(client, "server")
    insert = client.insert

    def twice(table: str, *more: Any, **options: Any) -> None:
        insert(table, *more, **options)
        if table == "detector_rows":
            insert(table, *more, **options)

    monkeypatch.setattr(client, "insert", twice)
    with pytest.raises(ExportError, match=r"the server has [\d,]+ of [\d,]+ rows of 'news'"):
        list(export(news, target, sites=["news"]))
    assert rows(client) == {}
    target.close()


def test_note_whose_answer_is_lost(
    news: SqliteStore, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day that the server noted without an answer stays, and so does what the next run finds."""
    insert = client.insert

    def stored(table: str, *more: Any, **options: Any) -> None:
        insert(table, *more, **options)
        if table == "detector_days":
            raise OperationalError("timed out")

    target = ClickHouse(client, "server")
    with monkeypatch.context() as patch:
        patch.setattr(client, "insert", stored)
        with pytest.raises(ExportError, match="timed out"):
            list(export(news, target, sites=["news"], until=FIRST + DAY))
    target.close()
    assert rows(client) == {key: n for key, n in news.rows() if key[0] < FIRST + DAY}
    assert days(run(news, client, until=FIRST + DAY), Decision.SAME) == [0]


def test_days_that_the_owner_deletes(news: SqliteStore, client: Client) -> None:
    """The statements of the documentation remove old days, and no others."""
    run(news, client)
    before = rows(client)
    for statement in given("clickhouse").split(";"):
        client.command(statement.replace("2024-11-01", "2026-10-31"))
    assert rows(client) == {key: n for key, n in before.items() if key[0] >= FIRST + 2 * DAY}
    assert exports(client) == 2


def test_newer_version(news: SqliteStore, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of a newer release are refused, and not touched."""
    monkeypatch.setattr(clickhouse, "VERSION", 2)
    run(news, client)
    before = rows(client)
    monkeypatch.undo()
    monkeypatch.setattr(client, "close", lambda: None)
    with pytest.raises(ExportError, match=r"server has version 2 .* knows 1: install the release"):
        run(news, client)
    assert rows(client) == before


def _made(store: Store) -> list[Row]:
    return [row_of(key, n, False) for key, n in store.rows(FIRST, "news", FIRST + DAY)]
