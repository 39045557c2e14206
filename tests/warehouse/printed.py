"""The queries that the documentation prints, and what `detector stats` answers to each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from detector.analytics.baits import bait_health
from detector.analytics.query import Answer, query
from detector.core.counting.store import Store
from detector.core.vocabulary import NOTICE_ACTIONS
from tests.docs.blocks import of_text
from tests.support.root import ROOT

Rows = list[tuple[Any, ...]]
_PAGE = ROOT / "docs/how-to/warehouse.md"
_BLOCKS = [one for one in of_text(_PAGE.read_text("utf-8"), _PAGE) if one.language == "sql"]
QUERIES = [one.text.strip().rstrip(";") for one in _BLOCKS if not one.context]


def given(engine: str) -> str:
    """Return the statement that the page gives for one engine."""
    (text,) = [one.text.strip().rstrip(";") for one in _BLOCKS if engine in one.context]
    return text


def differences(store: Store, until: int, run: Callable[[str], Rows]) -> list[str]:
    """Return, for each query whose result is not what `stats` answers, both in words."""
    span = {"until": until * 3600}
    found = []
    for text, wanted in zip(QUERIES, _ANSWERS, strict=True):
        mine, theirs = _plain(run(text)), _plain(wanted(store, span))
        if not theirs:
            found.append(f"stats has nothing for: {text}")
        if mine != theirs:
            found.append(f"{text}\n gives {mine}\n but stats {theirs}")
    return found


def _plain(rows: Iterable[tuple[Any, ...]]) -> Rows:
    return sorted(tuple(map(_value, row)) for row in rows)


def _value(value: Any) -> Any:
    if isinstance(value, str | int) or value is None:
        return value
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if hasattr(value, "isoformat"):
        return str(value)[:10]
    return int(value) if value == int(value) else _value(float(value))


def _sites(store: Store, span: Any, **asked: Any) -> Iterable[tuple[str, Answer]]:
    for site in store.sites():
        yield site, query(store, site=site, **asked, **span)


def _date(seconds: int | None) -> str:
    assert seconds is not None
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _days(store: Store, span: Any) -> Iterable[tuple[Any, ...]]:
    for site, answer in _sites(store, span, step="day"):
        for cell in answer.cells:
            blocked = cell.figures.state("blocked")
            counts = (cell.figures.views, blocked.whole, blocked.part, blocked.value)
            yield site, _date(cell.start), *counts


def _browsers(store: Store, span: Any) -> Iterable[tuple[Any, ...]]:
    for cell in query(store, by="browser", **span).cells:
        share = cell.figures.state("blocked")
        if share.whole:
            assert share.interval is not None
            yield *cell.values, share.whole, share.part, share.value, *share.interval


def _kinds(store: Store, span: Any) -> Iterable[tuple[Any, ...]]:
    for cell in query(store, by="kind+browser", **span).cells:
        verdicts = cell.figures.verdicts
        if count := verdicts["blocked"] + verdicts["unreachable"]:
            yield "+".join(cell.values), count


def _funnel(store: Store, span: Any) -> Iterable[tuple[Any, ...]]:
    for site, answer in _sites(store, span):
        yield site, *(answer.total.actions[name] for name in NOTICE_ACTIONS)


def _variants(store: Store, span: Any) -> Iterable[tuple[Any, ...]]:
    for cell in query(store, by="variant", **span).cells:
        actions = cell.figures.actions
        yield *cell.values, actions["shown"], actions["allowed"], actions["dismissed"]


def _income(store: Store, span: Any) -> Iterable[tuple[Any, ...]]:
    for cell in query(store, by="group", **span).cells:
        income = cell.figures.income(4.50)
        assert income.weight > 1
        if income.views:
            yield *cell.values, income.views, income.lost


def _months(store: Store, span: Any) -> Iterable[tuple[Any, ...]]:
    for cell in query(store, step="month", **span).cells:
        yield _date(cell.start), cell.figures.recovered, cell.figures.with_ads


def _unheard(store: Store, span: Any) -> Iterable[tuple[Any, ...]]:
    for site, answer in _sites(store, span):
        found = answer.unheard
        assert found is not None
        yield site, found.pages, found.missing, found.not_measurable


def _baits(store: Store, span: Any) -> Iterable[tuple[Any, ...]]:
    for bait in bait_health(store, span["until"], **span).baits:
        yield f"{bait.reach}:{bait.path}", bait.missed.whole, bait.missed.part


def _health(store: Store, span: Any) -> Iterable[tuple[Any, ...]]:
    for site, answer in _sites(store, span):
        for action, count in answer.health.items():
            if count and action != "refused":
                yield site, action, "", count
        for reason, count in answer.refused.items():
            yield site, "refused", reason, count


_ANSWERS = (
    *(_days, _browsers, _kinds, _funnel, _variants),
    *(_income, _months, _unheard, _baits, _health),
)
