"""What the notice does, on the dashboard: by dimension, by variant, and disputed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from werkzeug.test import Client

from detector.core.counting.counters import Counters
from detector.dashboard import app
from detector.stores.sqlite.store import SqliteStore

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
