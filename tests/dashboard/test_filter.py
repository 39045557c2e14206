"""The dashboard limited to one value: what is shown of it, what is not counted, hostile values."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest
from werkzeug.test import Client

from detector.core.counting.counters import Counters
from detector.dashboard import app
from detector.stores.sqlite.store import SqliteStore
from tests.dashboard.conftest import EVIL

QUOTES = '/it\'s "quoted" & <b>bold</b> +=?#%'


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a store with the pair browser+device, variants and hostile path groups."""
    store = SqliteStore(tmp_path_factory.mktemp("filter") / "counts.sqlite")
    counters = Counters("site", pairs=[("browser", "device"), ("browser", "kind")])
    for browser, device, blocked, clear in (
        ("firefox", "desktop", 30, 30),
        ("firefox", "phone", 10, 30),
        ("chrome", "desktop", 5, 95),
    ):
        for number in range(blocked + clear):
            where = {"browser": browser, "device": device}
            group = (EVIL, QUOTES, "/plain")[number % 3]
            counters.count("view", **where, group=group)
            if number < blocked:
                counters.count("verdict", "blocked", **where, group=group, kind="extension")
                notice = {"kind": "extension", "mode": "corner", "variant": f"v{number % 2}"}
                counters.count("shown", "blocked", **where, group=group, **notice)
            else:
                counters.count("verdict", "clear", **where, group=group, kind="none")
    store.add(counters.drain())
    store.close()
    return str(store.path)


@pytest.fixture(scope="module")
def owner(path: str) -> Client:
    """Return a client whom the site's own log-in accepts."""
    return Client(app(path, allowed=lambda _: True, goals=["blocked<20"]))


def rows(owner: Client, table: str, query: str) -> list[dict[str, str]]:
    """Return the rows of a table's CSV."""
    answer = owner.get(f"/export/{table}.csv?{query}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def section(page: str, table: str) -> str:
    """Return the card of a table."""
    return re.split(r"</section>", page.partition(f'aria-labelledby="h-{table}"')[2])[0]


def test_figures_of_one_value(owner: Client) -> None:
    """Tiles, chart and tables have the figures of the value, and the page says so."""
    page = owner.get("/?browser=firefox").text
    assert "40 of 100 measured views" in page
    assert re.search(r'class="chip"><b dir="auto">Browser: firefox</b>', page)
    assert ">goal: " not in page
    assert [
        (row["browser"], row["views"]) for row in rows(owner, "browser", "browser=firefox")
    ] == [("firefox", "100")]
    hours = rows(owner, "time", "browser=firefox&range=24h")
    assert sum(int(row["views"]) for row in hours) == 100


def test_pairs_answer(owner: Client) -> None:
    """A table whose dimension is counted together with the filter's has the figures of both."""
    found = rows(owner, "device", "browser=firefox")
    assert {row["device"]: (row["views"], row["blocked_part"]) for row in found} == {
        "desktop": ("60", "30"),
        "phone": ("40", "10"),
    }
    turned = rows(owner, "browser", "device=desktop")
    assert {row["browser"]: row["views"] for row in turned} == {"firefox": "60", "chrome": "100"}
    kinds = rows(owner, "kind", "browser=firefox")
    assert [(row["kind"], row["views"]) for row in kinds] == [("extension", "40")]


def test_what_is_not_counted(owner: Client) -> None:
    """A table without its pair says so, and names the option that would count it."""
    page = owner.get("/?browser=firefox").text
    group = html.unescape(section(page, "group"))
    assert "Browser and path group are not counted together." in group
    assert 'pairs = [["browser", "group"]]' in group
    assert "<table>" not in group and "export/" not in group
    assert "of all views together only" in section(page, "baits")
    refused = owner.get("/export/group.csv?browser=firefox")
    assert refused.status_code == 404
    assert "not counted together" in refused.text


def test_pair_added_lately(tmp_path: Path) -> None:
    """Where a pair is counted for a part of the time only, the table says for how much."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    for pairs in ([], [("browser", "device")]):
        counters = Counters("site", pairs=pairs)
        for _ in range(20):
            counters.count("view", browser="firefox", device="phone")
            counters.count("verdict", "clear", browser="firefox", device="phone", kind="none")
        store.add(counters.drain())
    page = Client(app(store, allowed=lambda _: True)).get("/?browser=firefox").text
    assert "counted together for 20 of 40 events" in section(page, "device")
    assert "counted together" not in section(page, "browser")
    store.close()


@pytest.mark.parametrize(
    ("table", "query", "says"),
    [
        ("funnel", "by=device", "together for 20 of 40 events"),
        ("funnel", "by=browser%2Bdevice", "together for 20 of 40 events"),
        ("variants", "", "together for 20 of 40 events"),
        ("differences", "", "together for 20 of 40 events"),
        ("sessions", "", "together for 40 of 80 events"),
        ("effects", "", "together for 40 of 80 events"),
        ("disputed", "", "Kind: Both are counted together for 20 of 40 events"),
    ],
)
def test_every_table_of_a_pair_says_how_far(
    tmp_path: Path, table: str, query: str, says: str
) -> None:
    """So do the tables of notices, variants, sessions and disputes; without a filter none does."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    named = [("browser", "device"), ("browser", "variant"), ("kind", "browser")]
    for pairs in ([], named):
        counters = Counters("site", pairs=pairs)
        for number in range(20):
            where = {"browser": "firefox", "device": "phone"}
            variant = f"v{number % 2}"
            counters.count("view", **where)
            counters.count("verdict", "blocked", **where, kind="extension")
            notice = {"kind": "extension", "mode": "corner", "variant": variant}
            counters.count("shown", "blocked", **where, **notice)
            counters.count("drawn", **where, variant=variant)
            counters.count("drawn", **where, variant=variant)
        store.add(counters.drain())
    client = Client(app(store, allowed=lambda _: True, pairs=[("browser", "device")]))
    note = client.get(f"/export/{table}.json?browser=firefox&{query}").json["note"]  # type: ignore[index]
    assert says in note
    whole = client.get(f"/export/{table}.json?{query}").json
    assert "counted together" not in whole["note"]  # type: ignore[index]
    store.close()


@pytest.mark.parametrize("only", ["kind=extension", "mode=corner", "variant=v0"])
def test_notices_only(owner: Client, only: str) -> None:
    """Of a dimension that not every view has, what the notice does is shown."""
    page = owner.get(f"/?{only}").text
    assert "measured view" not in page.partition("<section")[2].partition("</section>")[0]
    assert "not known of every view" in section(page, "time")
    assert "not known of every view" in section(page, "browser")
    steps = rows(owner, "funnel", only)
    assert "seen" not in steps[0]
    assert int(steps[0]["shown"]) == (45 if only != "variant=v0" else 23)


@pytest.mark.parametrize("group", [EVIL, QUOTES])
def test_hostile_value(owner: Client, group: str) -> None:
    """A path group of a stranger stays text in the chip, in links and in exports."""
    query = urlencode({"group": group, "range": "7d", "lang": "en"})
    page = owner.get(f"/?{query}").text
    assert html.escape(group, quote=False) in html.unescape(page) or group in html.unescape(page)
    assert EVIL not in page and "<b>bold" not in page
    links = re.findall(r'href="\./\?([^"]*)"', page)
    kept = [parse_qs(html.unescape(link)) for link in links]
    assert any(link.get("group") == [group] and link["range"] == ["24h"] for link in kept)
    answer = owner.get(f"/export/time.csv?{query}")
    name = answer.headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="time-[0-9-]+-group-[A-Za-z0-9._-]*\.csv"', name)
    line = next(csv.DictReader(io.StringIO(answer.text)))
    assert line["filter"] == f"group={group}"
    assert json.loads(owner.get(f"/export/time.json?{query}").text)["filter"] == {"group": group}


def test_path_in_arabic(owner: Client) -> None:
    """In a page from right to left a path stays from left to right, and is escaped, too."""
    page = owner.get(f"/?{urlencode({'group': EVIL, 'lang': 'ar'})}").text
    chip = page.partition('class="chip"')[2].partition("</p>")[0]
    assert f"\N{FIRST STRONG ISOLATE}{EVIL}\N{POP DIRECTIONAL ISOLATE}" in html.unescape(chip)
    assert EVIL not in page


def test_links_filter(owner: Client) -> None:
    """A value of a table is a link that filters by it and keeps the rest; the chip's removes it."""
    page = html.unescape(owner.get("/?range=7d&price=4&browser=chrome").text)
    assert './?price=4&range=7d&device=desktop"' in page
    assert './?price=4&range=7d&browser=firefox"' not in page
    chip = page.partition('class="chip"')[2].partition("</p>")[0]
    assert 'href="./?price=4&range=7d"' in chip
    assert '<input type="hidden" name="browser" value="chrome">' in page


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("browser=netscape", "browser has no such value: choose one of brave,"),
        ("colour=red", "nothing to choose by “colour”"),
        ("browser=firefox&device=phone", "one of browser, device at a time"),
        ("group=%0aSet-Cookie:x", "printable characters"),
        ("group=" + "x" * 65, "printable characters"),
        ("%3Cscript%3E=1", "nothing to choose by “<script>”"),
    ],
)
def test_wrong_filter(owner: Client, query: str, says: str) -> None:
    """A value or dimension that there cannot be is named, with what can be, in exports too."""
    answer = owner.get(f"/?{query}")
    assert answer.status_code == 400
    assert says in html.unescape(answer.text)
    assert "<script>" not in answer.text
    assert owner.get(f"/export/time.csv?{query}").status_code == 400


def test_value_without_counts(owner: Client) -> None:
    """A path group that nobody has counted is an empty page that says so."""
    answer = owner.get("/?group=/nwes")
    assert answer.status_code == 200
    assert "There are no counts of it in this time." in answer.text


def test_weight_is_that_of_all(tmp_path: Path) -> None:
    """Where a share is probed, lost income of a value stands for as many views as that of all."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    counters = Counters("site")
    for number in range(40):
        counters.count("view", browser="firefox" if number % 2 else "chrome")
        counters.count(
            "verdict", "blocked", kind="none", browser="firefox" if number % 2 else "chrome"
        )
        counters.count("passed", reason="share")
    store.add(counters.drain())
    client = Client(app(store, allowed=lambda _: True, per_thousand=1000))
    assert ">80.00 " in client.get("/").text
    assert ">40.00 " in client.get("/?browser=firefox").text
    store.close()


def test_more_verdicts_than_views(tmp_path: Path) -> None:
    """A page whose views were lost, but not their verdicts, is shown: no share exceeds 100 %."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    counters = Counters("site")
    counters.count("view", browser="firefox")
    for _ in range(20):
        counters.count("verdict", "clear", browser="firefox", kind="none")
    store.add(counters.drain())
    client = Client(app(store, allowed=lambda _: True))
    for query in ("", "browser=firefox"):
        answer = client.get(f"/?{query}")
        assert answer.status_code == 200
        assert "100.0 % of them measured" in answer.text
    store.close()


@pytest.mark.parametrize("only", ["variant=v0", "kind=extension", "mode=corner", "browser=firefox"])
def test_one_variant_is_no_wrong_split(path: str, only: str) -> None:
    """Limited to one variant, kind or mode, a page has one part of the split: nothing is wrong."""
    variants = [{"name": "v0", "weight": 1}, {"name": "v1", "weight": 1}]
    page = Client(app(path, allowed=lambda _: True, variants=variants)).get(f"/?{only}").text
    assert "as often as their weights" not in page
    never = [*variants, {"name": "v2", "weight": 2}]
    page = Client(app(path, allowed=lambda _: True, variants=never)).get("/").text
    assert "as often as their weights" in page


def test_one_variant_is_compared_with_none(owner: Client) -> None:
    """Limited to a variant, the page says how to compare, not that it is too early."""
    page = html.unescape(owner.get("/?variant=v0").text)
    assert "remove the filter to compare" in section(page, "variants")
    assert "two variants to compare yet" not in page


def test_share_of_one_kind(tmp_path: Path) -> None:
    """A kind's share is of the views of all kinds, also where the page is limited to it."""
    store = SqliteStore(tmp_path / "counts.sqlite")
    counters = Counters("site")
    for number in range(40):
        counters.count("view")
        counters.count("verdict", "blocked", kind="extension" if number < 30 else "browser")
    store.add(counters.drain())
    client = Client(app(store, allowed=lambda _: True))
    (row,) = rows(client, "kind", "kind=extension")
    assert (row["share_part"], row["share_whole"]) == ("30", "40")
    store.close()


def test_half_of_the_disputes_is_not_counted(owner: Client) -> None:
    """Where one of the two dimensions has no pair, the table names the pair, and no 0 events."""
    note = html.unescape(section(owner.get("/?device=desktop").text, "disputed"))
    assert 'pairs = [["kind", "device"]]' in note
    assert "for 0 of" not in note
