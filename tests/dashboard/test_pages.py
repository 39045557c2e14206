"""The dashboard's pages: figures with their denominators, and stored text escaped."""

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


@pytest.fixture(scope="module")
def owner(filled: str) -> Client:
    """Return a client whom the site's own log-in accepts."""
    return Client(app(filled, allowed=lambda _: True))


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


@pytest.mark.parametrize("path", ["/export/nothing.csv", "/export/time.xml", "/export/", "/x"])
def test_nothing_there(owner: Client, path: str) -> None:
    """An unknown address is a 404 of the dashboard."""
    assert owner.get(path).status_code == 404


def test_headers_of_every_answer(client: Client, owner: Client) -> None:
    """No response is stored, framed, sniffed or may load anything; its one style has a nonce."""
    answers = [owner.get("/"), owner.get("/x"), owner.get("/export/time.csv"), owner.post("/")]
    answers += [client.get("/sign-in"), client.get("/"), client.get("/x")]
    nonces = set()
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        if nonce := re.search(r"nonce-([\w-]+)'", policy):
            assert f'<style nonce="{nonce[1]}">' in answer.text
            nonces.add(nonce[1])
    assert len(nonces) == 5


def test_host_is_of_no_use(client: Client) -> None:
    """No link and no redirect depends on the request's Host."""
    for path in ("/", "/sign-in"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert "evil" not in answer.text + str(answer.headers)
    bare = client.get("", environ_overrides={"SCRIPT_NAME": "/a/figures", "PATH_INFO": ""})
    assert bare.headers["Location"] == "./figures/"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("range=5y", "no such range"),
        ("site=other", "no site “other” in this store"),
        ("from=yesterday", "2026-01-31"),
        ("from=2026-02-01&to=2026-01-01", "after the last one"),
        ("from=1026-02-01", "25 months"),
        ("price=much", "4.50"),
        ("price=nan", "4.50"),
    ],
)
def test_bad_choices(owner: Client, query: str, words: str) -> None:
    """An invalid choice is answered with the valid ones, and the default figures."""
    answer = owner.get(f"/?{query}")
    assert answer.status_code == 400
    assert words in answer.text
    assert "By browser" in answer.text
    assert owner.get(f"/export/time.csv?{query}").status_code == 400


def test_too_much(owner: Client, client: Client) -> None:
    """Long queries, many fields and long or other bodies are refused before they are read."""
    assert owner.get("/?" + "a=1&" * 100).status_code == 400
    assert owner.get("/?site=" + "a" * 3000).status_code == 414
    kind = {"content_type": "application/x-www-form-urlencoded"}
    assert client.post("/sign-in", data=b"a" * 9000, **kind).status_code == 413
    assert client.post("/sign-in", data=b"{}", content_type="text/json").status_code == 415
    assert client.put("/sign-in").status_code == 405
    assert client.get("/sign-out").status_code == 405


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


def test_head(owner: Client) -> None:
    """HEAD has the headers of GET and no body."""
    answer = owner.head("/")
    assert answer.data == b""
    assert int(answer.headers["Content-Length"]) > 1000


def test_one_of_two_sites(tmp_path: Path, hashed: str) -> None:
    """Figures of one site do not include the other; a hostile name is escaped."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    for site, views in (("one", 40), ('"><b>two', 30)):
        counters = Counters(site)
        for _ in range(views):
            counters.count("view", browser="chrome")
        store.add(counters.drain())
    client = Client(app(store, password=hashed))
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


def test_store_out_of_reach(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An unreadable store is a 503 with the reason."""
    missing = app(str(tmp_path / "none.sqlite"), allowed=lambda _: True)
    answer = Client(missing).get("/")
    assert answer.status_code == 503
    assert "there is no file" in answer.text
    assert "cannot read its store" in caplog.text


SPLITS = {
    "kind": ["kind"],
    "browser": ["browser"],
    "device": ["device"],
    "mode": ["mode"],
    "variant": ["variant"],
    "locale": ["locale"],
    "group": ["group"],
    "browser+device": ["browser", "device"],
}


@pytest.mark.parametrize("by", SPLITS)
def test_notice_by(filled: str, by: str) -> None:
    """The notice's figures can be split by a dimension, or a pair that the site counts."""
    owner = Client(app(filled, allowed=lambda _: True, pairs=[("device", "browser")]))
    quoted = by.replace("+", "%2B")
    page = owner.get(f"/?by={quoted}").text
    assert f'selected value="{by}"' in page
    assert f"/export/funnel.csv?by={quoted}" in page
    rows = json.loads(owner.get(f"/export/funnel.json?by={quoted}").text)["rows"]
    shown = [row["shown"] for row in rows if row["shown"] is not None]
    assert list(rows[0])[: len(SPLITS[by])] == SPLITS[by]
    # Dimensions that only notices have come without page views.
    assert ("seen" in rows[0]) == (by not in ("kind", "mode", "variant", "locale"))
    assert ("recovered" in rows[0]) == (by not in ("mode", "variant", "locale"))
    if by == "kind":
        assert {row["kind"] for row in rows} >= {"extension", "the browser itself", "not known"}
    counts = [one["part"] if isinstance(one, dict) else one for one in shown]
    assert counts == sorted(counts, reverse=True) and min(counts) > 0
    for row in rows:
        if row["allowed"]:
            assert row["allowed"]["of"] == "notices shown"
            assert row["allowed"]["whole"] in counts


def test_pairs_are_offered_where_they_are_counted(owner: Client) -> None:
    """A pair that is not counted, or a dimension that notices do not have, is not offered."""
    assert 'value="browser+device"' not in owner.get("/").text
    for by in ("browser%2Bdevice", "reason", "x"):
        answer = owner.get(f"/?by={by}")
        assert (answer.status_code, "can be split by: kind, " in answer.text) == (400, True)


def test_bad_pairs(filled: str) -> None:
    """A pair of one dimension, or with an unknown one, is refused at the start."""
    for pair in (("browser", "browser"), ("browser", "weather")):
        with pytest.raises(ValueError, match="is not a pair of two of"):
            app(filled, open=True, pairs=[pair])


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


def test_answers_to_earlier_notices(tmp_path: Path) -> None:
    """Allowed never exceeds 100 %: what was asked before is named apart."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    counters = Counters("site")
    for action, times in (("view", 50), ("shown", 12), ("allowed", 15)):
        for _ in range(times):
            counters.count(action)
    store.add(counters.drain())
    page = Client(app(store, allowed=lambda _: True)).get("/").text
    store.close()
    assert '<p class="big good">100.0 %</p>' in page
    assert "3 more answered a notice that is not counted here" in page
    assert "Some answered a notice that is not counted here" in page


def test_variants_are_told_apart(tmp_path: Path) -> None:
    """The page names the better variant, checks the split, and shows both kinds of intervals."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    counters = Counters("site")
    for name, shown, allowed in (("a", 2000, 100), ("b", 2000, 220), ("c", 4, 1)):
        for action, times in (("shown", shown), ("allowed", allowed)):
            for _ in range(times):
                counters.count(action, variant=name)
    store.add(counters.drain())
    even: list[dict[str, object]] = [{"name": "a"}, {"name": "b"}]
    page = Client(app(store, allowed=lambda _: True, variants=even)).get("/").text
    assert "b is better than a: 6.0 points, between " in page
    assert "c has fewer than 10 notices: left out." in page
    assert "Not checked" not in page
    uneven: list[dict[str, object]] = [{"name": "a"}, {"name": "b", "weight": 3}]
    owner = Client(app(store, allowed=lambda _: True, variants=uneven))
    assert "not shown as often as their weights ask for" in owner.get("/").text
    assert "is better than" not in owner.get("/").text
    assert "Not checked" in Client(app(store, allowed=lambda _: True)).get("/").text
    often = Client(app(store, allowed=lambda _: True, variants=even, once_a_session=False))
    assert "once_a_session is off" in often.get("/").text
    (row,) = json.loads(owner.get("/export/differences.json").text)["rows"]
    store.close()
    assert row["low"] < row["fixed_low"] < row["difference"] < row["fixed_high"] < row["high"]


def test_disputed_notices(tmp_path: Path) -> None:
    """The share of notices disputed has its interval, for everybody, kinds, browsers and days."""
    store = SqliteStore(tmp_path / "disputed.sqlite")
    counters = Counters("site")
    for kind, browser, shown, disputed in (
        *(("extension", "chrome", 200, 2), ("none", "firefox", 100, 12)),
        ("none", "opera", 4, 4),
    ):
        for _ in range(shown):
            counters.count("shown", "blocked", kind=kind, browser=browser)
        for _ in range(disputed):
            counters.count("disputed", kind=kind, browser=browser, signals="requests")
    store.add(counters.drain())
    store.close()
    client = Client(app(str(store.path), allowed=lambda _: True))
    rows = json.loads(client.get("/export/disputed.json").text)["rows"]
    share = {(row["by"], row["value"]): row["disputed"] for row in rows}
    assert share["all", "everybody"]["part"] == 18
    assert share["kind", "not known"]["value"] == pytest.approx(16 / 104)
    assert share["browser", "opera"]["few"] and share["browser", "opera"]["part"] == 4
    chrome = next(row for row in rows if row["value"] == "chrome")
    assert chrome["disputed"]["interval"] == pytest.approx([0.0027, 0.0357], abs=1e-4)
    (day,) = json.loads(client.get("/export/disputed-time.json").text)["rows"]
    assert (day["shown"], day["disputed"]["part"]) == (304, 18)
    (seen,) = json.loads(client.get("/export/disputed-signals.json").text)["rows"]
    assert (seen["signals"], seen["disputed"]) == ("bait requests", 18)
    assert "Notices whose visitors block no ads" in client.get("/").text
