"""The benches: each runs, measures both sides of its comparison, and prints its figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import ALONE, BENCHES, main
from bench.keywords import accused
from bench.serving import Server
from bench.table import BenchError, Row
from detector.core.baits import pool
from detector.testing.machine import need

Run = Callable[[str], dict[str, dict[str, Any]]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs one bench and returns its saved rows by name."""

    def run_one(name: str) -> dict[str, dict[str, Any]]:
        file = tmp_path / "figures.json"
        assert main([name, "--quick", "--json", str(file)]) == 0
        saved = json.loads(file.read_text("utf-8"))
        assert saved["quick"] is True
        assert list(saved["benches"]) == [name]
        return {row["what"]: row for row in saved["benches"][name]}

    return run_one


def test_sizes(run: Run) -> None:
    """Every built script, the notice and the tag are within their size budgets."""
    found = run("sizes")
    budgets = {what: row["at_most"] for what, row in found.items() if row["at_most"]}
    assert budgets["detect.min.js, gzip as served"] == 2304
    assert budgets["notice, css and one language, gzip"] == 6144
    assert budgets["longest tag: nonce, longest group"] == 400
    assert all(found[what]["met"] for what in budgets), found


def test_inject(run: Run) -> None:
    """All figures of the injection are reported, and a longer page takes longer to copy."""
    found = run("inject")
    assert found["one plain copy of 100 KB"]["value"] > 0
    assert found["added to a page of 100 KB"]["at_most"] >= 50
    assert found["added to what is not HTML"]["at_most"] == 5
    assert found["the same by ASGI, not HTML"]["at_most"] == 5
    for name in ("django-browser-reload", "flask-debugtoolbar"):
        assert found[f"the same by the way of {name}"]["value"] > 0
    assert found["memory of a stream that waits"]["met"], found
    assert {"added to 1 KB", "64 KB of <!--", "10 MB without <head>"} <= found.keys()
    assert found["64 KB of <!-->"]["value"] > 0


def test_keywords(run: Run) -> None:
    """No keyword of a device on the way takes two baits of a view; of other pools one does."""
    found = run("keywords")
    assert len(found) == 5
    assert all(row["met"] for row in found.values()), found
    # All have one word, which is not taken for their keyword.
    baits = pool.load()
    same = [
        entry._replace(path=f"{{w}}/pr{n}om/promo.js") for n, entry in enumerate(baits.requests)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "keywords", lambda path: frozenset())
        counts = accused(baits._replace(requests=tuple(same)), 10)
    assert counts["reset"] > 0 == counts["403"]


def test_chunks(run: Run) -> None:
    """Many pages are sent through the middleware, and some are tagged."""
    found = run("chunks")
    assert found["responses sent through"]["value"] >= 100
    assert 0 < found["of them with a tag"]["value"] < 100


def test_pages(run: Run) -> None:
    """Pages per second are measured on both sides, with the budget for their ratio."""
    need("wrk")
    found = run("pages")
    assert 90_000 < found["size of the page"]["value"] < 120_000
    assert found["pages without"]["value"] > 1
    assert found["pages with"]["value"] > 1
    assert found["pages, with / without"]["at_least"] == 0.98
    assert found["pages, with / without, by uvicorn"]["at_least"] == 0.98
    assert found["server's CPU each, with"]["value"] > 100
    assert 0.1 < found["in one process, with / without"]["value"] < 10


@pytest.mark.timeout(600)
def test_reports(run: Run) -> None:
    """Reports are compared with an empty view, and the bench checks their count."""
    need("wrk")
    found = run("reports")
    assert found["reports empty view"]["value"] > 1
    assert found["reports report"]["value"] > 1
    assert found["reports, report / empty view"]["at_least"] == 1.0
    assert found["reports, report / empty view, by FastAPI on uvicorn"]["at_least"] == 1.0
    assert found["reports, report / empty view, by Django on gunicorn"]["at_least"] == 1.0
    assert found["reports, report / empty view, by a bare ASGI app on uvicorn"]["at_least"] == 0.625
    assert 0.1 < found["in one process, report / empty view"]["value"] < 10
    for app, most in (("a bare ASGI app", 1.6), ("Starlette", 1.0), ("FastAPI", 1.0)):
        row = found[f"uvicorn in one process, time of a report / of an empty view of {app}"]
        assert row["at_most"] == most and row["value"] > 0
    assert found["checking and counting one report"]["at_most"] == 50


def test_views(run: Run) -> None:
    """Whole views follow the script's protocol: the server counts each view and its verdict."""
    found = run("views")
    for page in ("100 KB", "12 KB"):
        assert found[f"views counted, of {page}"]["value"] == 24
        assert found[f"whole views, with / without, of {page}"]["at_least"] == 0.8
        assert found[f"whole views, bare answers / without, of {page}"]["value"] > 0
    parts = ("bootstrap", "bait", "report")
    assert all(found[f"in one process, {part}"]["value"] > 1 for part in parts)


def test_imports(run: Run) -> None:
    """The import is compared with Flask's in the same process, the memory with Flask's alone."""
    found = run("imports")
    assert found["import, detector.flask / Flask"]["at_most"] == 0.25
    assert found["memory beyond Flask, a page sent and counted"]["at_most"] == 3
    assert found["memory of Flask, a page sent"]["value"] > 5
    parsed = found["memory beyond Flask, a bootstrap answered"]["value"]
    assert parsed > found["memory beyond Flask, a page sent and counted"]["value"]
    assert found["Detector(app)"]["value"] > 0


def test_profile(run: Run) -> None:
    """Each request of a view, the import and the first visitor have shares below the whole."""
    found = run("profile")
    kinds = ("page", "bootstrap", "bait", "report", "import", "first visitor")
    assert {what.partition(":")[0] for what in found} == set(kinds)
    assert all(0 < row["value"] < 90 for row in found.values())


def test_dashboard(run: Run) -> None:
    """The owner's queries are measured on a realistic store: hours, days and rollups."""
    found = run("dashboard")
    assert found["rows in the store"]["value"] > 100_000
    assert found["one question, by path group"]["at_most"] == 200
    assert found["the whole page, 25 months"]["value"] > 0


def test_missed_budget_is_said(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """A missed budget is named at the end; the command succeeds."""
    monkeypatch.setitem(BENCHES, "sizes", lambda quick: [Row("script", 3000, "B", at_most=2048)])
    assert main(["sizes"]) == 0
    assert capsys.readouterr().out.endswith("budgets missed:\n  sizes: script\n")


def test_unknown_bench(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown bench is refused with the known names."""
    with pytest.raises(SystemExit):
        main(["speed"])
    assert f"'speed': there are {', '.join(BENCHES | ALONE)}" in capsys.readouterr().err


def test_folder_of_the_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unwritable file is refused before anything is measured."""
    with pytest.raises(SystemExit):
        main(["sizes", "--json", str(tmp_path / "no" / "figures.json")])
    said = capsys.readouterr()
    assert "its folder does not exist" in said.err
    assert said.out == ""


def test_wrk_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without wrk the command says what to install, before anything is measured."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["sizes", "pages"]) == 1
    said = capsys.readouterr()
    assert "apt-get install wrk" in said.err
    assert said.out == ""


def test_a_bench_that_cannot_measure_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named with its reason and in the exit status; the figures of the others are kept."""

    def broken(quick: bool) -> list[Row]:
        raise BenchError("the blocker is not ready")

    file = tmp_path / "figures.json"
    monkeypatch.setitem(BENCHES, "inject", broken)
    monkeypatch.setitem(BENCHES, "views", lambda quick: [Row("late", 2, "ms", at_most=1)])
    assert main(["sizes", "inject", "views", "--quick", "--json", str(file)]) == 1
    said = capsys.readouterr()
    assert "bench: inject: the blocker is not ready" in said.err
    assert said.err.endswith("not measured: inject\n")
    assert "budgets missed:\n  views: late" in said.out
    assert list(json.loads(file.read_text("utf-8"))["benches"]) == ["sizes", "views"]


def test_server_that_does_not_start() -> None:
    """An app that cannot be created ends in an error with the server's message."""
    with (
        pytest.raises(BenchError, match="nothing_of_that_name"),
        Server("bench.apps:nothing_of_that_name()"),
    ):
        pass
