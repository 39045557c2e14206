"""The dashboard's pages and exports: figures with their denominators, and stored text escaped."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from functools import partial
from pathlib import Path

import pytest
from werkzeug.test import Client

from detector.core.baits.pool import load
from detector.core.counting.counters import Counters
from detector.dashboard import app
from detector.demo.traffic import dies, fill
from detector.stores.sqlite.store import SqliteStore
from tests.dashboard.conftest import EVIL, sign_in

TABLES = (
    *("time", "kind", "browser", "device", "group"),
    *("funnel", "variants", "differences", "health", "refused", "baits"),
    *("disputed", "disputed-time", "disputed-signals"),
)


def test_page(owner: Client) -> None:
    """The page has every table, a chart with a text alternative, and no script."""
    page = owner.get("/").text
    for title in ("over time", "kind", "browser", "device", "path group", "health", "Variants"):
        assert title in page
    assert page.count('role="img"') == 2
    assert 'aria-label="Share of blocked views' in page
    assert re.findall(r"<script|javascript:| style=| on\w+=", page) == []
    assert re.search(r"\d of [\d,]+ measured views", page)


def test_silent_bait(tmp_path: Path) -> None:
    """A bait that fell silent is named with its date and figures, before the table of all baits."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    fill(store, time.time(), dead=dies(load().requests[3].path, time.time()))
    store.close()
    client = Client(app(str(store.path), allowed=lambda _: True))
    page = client.get("/").text
    for query in ("", "browser=firefox", "kind=extension", "variant=none"):
        assert re.search(r"1 of \d+ request baits is silent", client.get(f"/?{query}").text)
    assert re.search(
        r"<b>[^<]+ezf-min.js</b> has been silent since 20\d\d-\d\d-\d\d \(UTC\): \d+ of", page
    )
    assert page.index("is silent") < page.index("Request baits")


def test_nothing_is_silent(owner: Client) -> None:
    """Where every bait acts nothing is said of silence."""
    page = owner.get("/").text
    assert "silent" not in page
    assert "Request baits" in page


def test_stored_text_stays_text(owner: Client) -> None:
    """A hostile path group is shown as plain text."""
    page = owner.get("/").text
    assert EVIL not in page
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;" in page
    assert json.loads(owner.get("/export/group.json").text)["rows"]


def test_few_are_marked(owner: Client) -> None:
    """A group with three views has its figures in all formats, marked as few."""
    rows = json.loads(owner.get("/export/group.json").text)["rows"]
    rare = next(row for row in rows if row["group"] == "/rare")
    assert rare["views"] == rare["blocked"]["part"] == rare["blocked"]["whole"] == 3
    assert rare["blocked"]["few"]
    written = csv.DictReader(io.StringIO(owner.get("/export/group.csv").text))
    line = next(row for row in written if row["group"] == "/rare")
    assert (line["views"], line["blocked_whole"]) == ("3", "3")
    assert float(line["blocked_low"]) < 0.5
    assert '3 of 3<span class="few">: few</span>' in owner.get("/").text


def test_few_are_no_point(tmp_path: Path) -> None:
    """A day with few measured views has its bar in the chart, and no point of the line."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    now = time.time()
    for days, views in ((3, 40), (2, 2), (1, 40)):
        counters = Counters("site", clock=partial(float, now - days * 86_400))
        for _ in range(views):
            counters.count("verdict", "blocked", kind="extension")
        store.add(counters.drain())
    store.close()
    page = Client(app(str(store.path), allowed=lambda _: True)).get("/").text
    assert page.count("2 measured views, too few for a share") == 2
    wide = page.partition('class="chart wide"')[2].partition('class="chart slim"')[0]
    assert wide.count('<circle class="blocked"') == 2
    assert wide.count('class="volume') == 3


def test_spreadsheets_get_text(owner: Client) -> None:
    """A group that begins like a formula is marked as text in CSV."""
    assert "'=cmd" in owner.get("/export/group.csv").text


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("form", ["csv", "json"])
def test_exports(owner: Client, name: str, form: str) -> None:
    """Each table can be exported, with the same rows in both formats."""
    answer = owner.get(f"/export/{name}.{form}?range=90d")
    assert answer.status_code == 200
    file = answer.headers["Content-Disposition"]
    assert re.fullmatch(rf'attachment; filename="{name}-[\d-]{{21}}\.{form}"', file)
    if form == "json":
        found = json.loads(answer.text)
        assert found["table"] == name
        assert found["rows"]
    else:
        assert len(list(csv.reader(io.StringIO(answer.text)))) > 1


def test_shares_agree_with_their_parts(owner: Client) -> None:
    """In an export a share is its numerator over its denominator."""
    for row in json.loads(owner.get("/export/browser.json").text)["rows"]:
        if row["blocked"]:
            share = row["blocked"]
            assert share["value"] == pytest.approx(share["part"] / share["whole"])
            assert share["of"] == "measured views"


def test_lost_income(owner: Client) -> None:
    """With the owner's price the page shows the lost income, and each row its part."""
    assert "Lost income" not in owner.get("/").text
    assert "Lost income" in owner.get("/?price=4,50").text
    row = json.loads(owner.get("/export/device.json?price=4.50").text)["rows"][0]
    without = row["blocked"]["part"] + row["unreachable"]["part"]
    assert row["lost"] == pytest.approx(without * 4.5 / 1000, abs=0.01)


def test_lost_income_has_its_currency(owner: Client) -> None:
    """The currency that the owner writes behind the price stands behind each sum, as plain text."""
    page = owner.get("/?price=4.50+EUR").text
    assert re.search(r'<p class="big">[\d.,]+ EUR</p>', page)
    assert "at 4.50 EUR per thousand" in page
    german = owner.get("/?price=4.50+EUR&lang=de").text
    assert "4,50 EUR" in german.partition('class="tiles"')[2]
    assert 'value="4.5 EUR"' in german
    assert owner.get("/?price=4.50+<b>").status_code == 400


@pytest.mark.parametrize("span", ["24h", "7d", "90d", "12m", "25m"])
def test_ranges(owner: Client, span: str) -> None:
    """Every range can be shown, and is marked as current."""
    page = owner.get(f"/?range={span}")
    assert page.status_code == 200
    assert page.text.count('aria-current="page"') == 1


def test_one_of_two_sites(tmp_path: Path, quick: str) -> None:
    """Figures of one site do not include the other; a hostile name is escaped."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    for site, views in (("one", 40), ('"><b>two', 30)):
        counters = Counters(site)
        for _ in range(views):
            counters.count("view", browser="chrome")
        store.add(counters.drain())
    client = Client(app(store, password=quick))
    sign_in(client)
    page = client.get("/?site=one").text
    assert '<p class="big">40</p>' in page
    assert '<p class="big">70</p>' in client.get("/").text
    assert "<b>two" not in page
    store.close()


def test_empty_store(tmp_path: Path) -> None:
    """Without counts the page says so, and what to do."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    page = Client(app(store, allowed=lambda _: True)).get("/")
    store.close()
    assert page.status_code == 200
    assert "Nothing was counted in this time" in page.text
    assert "%</p>" not in page.text


def fill_two_days(store: SqliteStore, blocked: int, before: int) -> None:
    """Count 1,000 measured views today, and 1,000 eight days ago."""
    now = time.time()
    for age, count in ((0, blocked), (8, before)):
        counters = Counters("site", clock=lambda age=age: now - age * 86400)  # type: ignore[misc]
        for at in range(1000):
            counters.count("verdict", "blocked" if at < count else "clear", kind="none")
        store.add(counters.drain())


@pytest.mark.parametrize(
    ("blocked", "before", "words"),
    [
        (300, 200, "+10.0 points (+6.2 to +13.7); it was 20.0 % of 1,000"),
        (210, 200, "no clear change: +1.0 points (−2.5 to +4.5); it was 20.0 % of 1,000"),
    ],
)
def test_change(tmp_path: Path, blocked: int, before: int, words: str) -> None:
    """The change against the time before has its interval, and is not claimed within it."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    fill_two_days(store, blocked, before)
    page = Client(app(store, allowed=lambda _: True)).get("/?range=7d").text
    store.close()
    assert f'<p class="note">{words}' in page


def test_shares_have_intervals(owner: Client) -> None:
    """Every share on the page and in the exports comes with its interval."""
    page = owner.get("/").text
    shares = re.findall(r"<b>[\d.]+ %</b> <small>([^<]*)<br>", page)
    assert len(shares) > 40
    assert all(re.fullmatch(r"[\d.]+–[\d.]+ %", each) for each in shares)
    for row in csv.DictReader(io.StringIO(owner.get("/export/browser.csv").text)):
        if row["blocked"]:
            assert float(row["blocked_low"]) <= float(row["blocked"]) <= float(row["blocked_high"])
