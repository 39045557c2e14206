"""The stores hold what the documented rules say, whatever visitors do: see `rules.py`.

`scripts/bench oracle` has more and longer runs, by random seeds.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from detector.core.counting.counters import Counters
from detector.core.limits import rate_limiter
from detector.core.limits.deduplication import Deduplication
from detector.core.reports import parser
from detector.core.reports.processor import ReportProcessor
from detector.core.reports.recent_views import RecentViews
from detector.stores.sqlite import compaction
from tests.oracle import answers, facts, rules
from tests.oracle.answers import Asked, cells
from tests.oracle.facts import Flush, Join, Options, Page, Sent, Told, Who
from tests.oracle.rules import Row, Rules
from tests.oracle.running import run

DAYS = 4


@pytest.mark.parametrize("seed", [1, 2])
def test_every_store(url: str, seed: int) -> None:
    """After some days of random visitors every row of a store and every answer is as documented."""
    found = run(seed, url, DAYS)
    print(found)
    assert found.differences == [], str(found)
    assert found.events > 100 and found.rows > 500 and found.answers


def test_memory() -> None:
    """Without a store the counts in memory are as documented."""
    found = run(4, "", DAYS)
    assert found.differences == [], str(found)
    assert found.events > 100 and found.rows > 300


def test_retention(tmp_path: Path) -> None:
    """Over 26 months hours are joined into days, and days are deleted, as documented."""
    found = run(20, str(tmp_path / "counts.sqlite"))
    assert found.differences == [], str(found)
    assert found.events > 3000


@pytest.mark.parametrize("module", [answers, facts, rules])
def test_rules_are_their_own(module: Any) -> None:
    """The rules import nothing of the detector, so that no error is in both."""
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    names = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert names
    assert [name for name in names if name.startswith("detector")] == []


def forgets(self: RecentViews, view: str, kind: str) -> bool:
    """Count every report, also one that came before."""
    return True


def believes(self: ReportProcessor, report: Any, view: str) -> Any:
    """Believe what a page says of its baits."""
    return report.state


def tells_again(session: Any) -> tuple[str, bool]:
    """Return the variant of any session, also of one that was told before."""
    _, _, variant = str(session).partition(" ")
    return variant.strip(), False


def an_hour_late(self: Counters) -> int:
    """Return the next hour."""
    return int(self._clock() // 3600) + 1


def one_claim(self: Deduplication, view: str, signed: int, what: str) -> bytes:
    """Return the same claim for every action of a view."""
    return (signed // 3600).to_bytes(4, "big") + view[:12].encode()


def borders(hourly: int, kept: int) -> Any:
    """Return where days begin and end that are kept for so many days."""
    return lambda now: (now - now % 24 - hourly * 24, now - now % 24 - kept * 24)


MORE = rate_limiter.Budget(4, 21, 16)
FAULTS: dict[str, tuple[Any, str, Any, int, int | None]] = {
    "a repeat counts": (RecentViews, "once", forgets, 1, DAYS),
    "the server corrects nothing": (ReportProcessor, "_corroborated", believes, 1, DAYS),
    "a session told twice": (parser, "_waiting", tells_again, 1, DAYS),
    "a wrong hour": (Counters, "hour", an_hour_late, 1, DAYS),
    "21 at once": (rate_limiter.RateLimiter.__init__, "__defaults__", (MORE,), 7, DAYS),
    "one claim for all actions": (Deduplication, "claim", one_claim, 2, DAYS),
    "joined a day early": (compaction, "borders", borders(29, 761), 1, 40),
    "deleted a day early": (compaction, "borders", borders(30, 760), 20, None),
}
"""What may go wrong in the counting, with the seed and the days of a run that shows it."""


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_found(fault: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A fault in the counting makes a difference."""
    where, name, wrong, seed, days = FAULTS[fault]
    monkeypatch.setattr(where, name, wrong)
    assert run(seed, str(tmp_path / "counts.sqlite"), days).differences


READER = Who("firefox", "desktop")


def sent(process: int, at: int = 7200, **told: Any) -> Sent:
    """Return a report of one view."""
    content = Told("clear", **told)
    return Sent(at, process, "news", "0" * 20, "/", READER, f"20.0.0.{process}", 7000, content)


@pytest.mark.parametrize(("shared", "verdicts"), [(True, 1), (False, 2)])
def test_rule_of_repeats(shared: bool, verdicts: int) -> None:
    """A report to two processes counts twice, with shared limits once; in one process once."""
    found = Rules(Options(shared_limits=shared))
    for fact in (sent(1), sent(1), sent(2), Flush(7200, 2, "news"), Flush(7200, 1, "news")):
        found.apply(fact)
    assert found.store[1, "news", "all", "", "clear", "verdict"] == verdicts
    refused = {row[0]: n for row, n in found.store.items() if row[3] == "repeat"}
    # The one that only the store knows of is in the hour of its view, too.
    assert refused == ({1: 1, 2: 1} if shared else {2: 1})


def test_rule_of_days() -> None:
    """A day is joined when 30 whole days lie between it and the newest, and deleted after 761."""
    found = Rules(Options())

    def page(hour: int) -> None:
        found.apply(Page(hour * 3600, 1, "news", "/", "private", READER))
        found.apply(Flush(hour * 3600, 1, "news"))

    page(0)
    for day in range(762):
        page(day * 24 + 5)
        page(day * 24 + 7)
    found.apply(Join(0, 1, "news"))
    hours = sorted(row[0] for row in found.store if row[2] == "all")
    assert hours[:2] == [0, 24] and hours[-63:-60] == [730 * 24, 731 * 24 + 5, 731 * 24 + 7]
    assert found.store[0, "news", "all", "", "", "page"] == 3
    page(762 * 24)
    found.apply(Join(0, 1, "news"))
    assert min(row[0] for row in found.store) == 24


def test_rule_of_weeks() -> None:
    """A week begins on Monday, and the end of a span is not included."""
    rows: Counter[Row] = Counter()
    for hour in (20_300 * 24, 20_303 * 24, 20_304 * 24):  # Thursday, Sunday, Monday
        rows[hour, "news", "all", "", "", "view"] = 1
    asked = Asked("", "week", 20_300 * 24, None, "news")
    found = cells(rows, asked)
    assert [counts["view"] for counts in found.values()] == [2, 1]
    assert [start for _, start in found] == [20_297 * 86_400, 20_304 * 86_400]
    shorter = Asked("", "week", 20_300 * 24, 20_304 * 24, None)
    assert [counts["view"] for counts in cells(rows, shorter).values()] == [2]


def test_runs_repeat(tmp_path: Path) -> None:
    """The same seed makes the same traffic, whichever store takes it."""
    made = [run(7, str(tmp_path / name), 3) for name in ("one", "two")]
    assert (made[0].facts, made[0].events) == (made[1].facts, made[1].events)
