"""Reasons stand in one place, `detector.core.vocabulary.REASONS`, each with its words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.analytics.query import query
from detector.core.counting.counters import Counters
from detector.core.reports.parser import Refused
from detector.core.reports.processor import ReportProcessor
from detector.core.reports.receiver import ReportReceiver
from detector.core.site import Site
from detector.core.vocabulary import REASONS
from detector.dashboard.data_health import refused
from detector.stores.sqlite.store import SqliteStore
from tests.support.root import ROOT
from tests.support.visiting import Visit


def reasons_in(source: str) -> set[str]:
    """Return the reasons that a module raises, counts or returns by their words."""
    return {
        word.value
        for given in _given(ast.parse(source))
        for word in ast.walk(given)
        if isinstance(word, ast.Constant) and isinstance(word.value, str) and word.value
    }


def _given(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ("Refused", "TokenError"):
                yield from node.args[:1]
            for keyword in node.keywords:
                if keyword.arg == "reason" and isinstance(keyword.value, ast.IfExp):
                    yield from (keyword.value.body, keyword.value.orelse)
                elif keyword.arg == "reason":
                    yield keyword.value
        elif isinstance(node, ast.FunctionDef) and node.name == "_refuses":
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and isinstance(inner.value, ast.IfExp):
                    yield from (inner.value.body, inner.value.orelse)
                elif isinstance(inner, ast.Return) and inner.value is not None:
                    yield inner.value


def test_reasons_are_found_in_code() -> None:
    """Raised, counted and returned words are found; what is no reason is not."""
    source = """
def _refuses(x):
    if x == "not this":
        return "one"
    return "" if x else "two"
def other(x):
    count("passed", group="not that", reason="three" if x == "nor this" else "four")
    count("refused", reason=x.reason)
    raise parser.Refused("five") if x else TokenError("six")
"""
    assert reasons_in(source) == {"one", "two", "three", "four", "five", "six"}


def test_every_reason_is_used_and_every_used_one_is_known() -> None:
    """The vocabulary has the reasons that the core raises and counts, and no others."""
    files = (ROOT / "detector/core").rglob("*.py")
    used = {word for file in files for word in reasons_in(file.read_text("utf-8"))}
    assert used == set(REASONS)


def test_the_dashboard_has_words_for_every_reason(tmp_path: Path) -> None:
    """Each reason stands in the dashboard's table of refused reports, with its words."""
    counters = Counters("paper")
    for reason in REASONS:
        counters.count("refused", reason=reason)
    store = SqliteStore(tmp_path / "counts.sqlite")
    try:
        store.add(counters.drain())
        rows = refused(query(store)).rows
    finally:
        store.close()
    assert {row[0]: row[1] for row in rows} == dict(REASONS)


def test_the_documentation_has_every_reason() -> None:
    """The vocabulary lists every reason with its words."""
    text = (ROOT / "docs/reference/vocabulary.md").read_text("utf-8")
    assert [
        row for row in (f"| `{n}` | {w} |" for n, w in REASONS.items()) if row not in text
    ] == []


@pytest.mark.parametrize(
    ("part", "step"), [(ReportReceiver, "receive"), (ReportProcessor, "process")]
)
def test_an_unknown_reason_is_counted_as_an_error(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    part: type,
    step: str,
) -> None:
    """A reason that the vocabulary lacks fails no request: it is logged and counted as an error."""
    visit = Visit(site)
    told = visit.control()

    def refuse(*_: object) -> None:
        raise Refused("a new reason")

    monkeypatch.setattr(part, step, refuse)
    assert visit.report(told).status == 204
    assert (visit.counted("error"), visit.counted("refused")) == (1, 0)
    assert "a new reason" in caplog.text
