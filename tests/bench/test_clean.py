"""How bench/clean evaluates its counts; the browsers are run by bench/clean/run."""

from __future__ import annotations

import pytest

from bench.clean.__main__ import Progress, is_good, report
from bench.clean.loads import Count, rows_for
from bench.matrix.conditions import by_visit
from bench.matrix.environment import CLEAR, Environment

ROW = Environment("clean", "clean", "chromium", (CLEAR,), how="all its ads arrive", holds=by_visit)


def counted(**states: int) -> Count:
    """Return a count of loads of each state, whose ads arrive."""
    count = Count()
    for state, number in states.items():
        for _ in range(number):
            count.add(ROW, {"state": state, "kind": None})
    return count


def test_one_accusation_is_one_too_many() -> None:
    """A single load with the verdict blocked fails the run."""
    assert is_good(counted(clear=10_000))
    assert not is_good(counted(clear=10_000, blocked=1))


def test_nearly_all_are_clear_whose_ads_arrive() -> None:
    """Of a thousand loads whose ads arrive, 995 must be clear."""
    assert is_good(counted(clear=995, unknown=5))
    assert not is_good(counted(clear=994, unknown=6))


def test_a_run_without_loads_whose_ads_arrive_shows_nothing() -> None:
    """If no ads arrived, nothing is proven, and the run fails."""
    assert not is_good(Count())


def test_the_report_says_what_was_counted() -> None:
    """The report has the loads, the false verdicts, the loads with ads, and the clear ones."""
    text = "\n".join(report("chromium", counted(clear=3, blocked=1), 2))
    assert "chromium: 4 loads in 2 s" in text
    assert "accusations: 1 (" in text
    assert "loads whose ads arrive: 4" in text
    assert "clear among these: 3, 75.0%" in text


def test_progress_is_told_every_fifty_loads(capsys: pytest.CaptureFixture[str]) -> None:
    """Each fiftieth load prints a line, except the last, which the report follows."""
    progress = Progress("firefox", 100)
    for loads in range(1, 101):
        progress(counted(clear=loads))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" loads")[0] for line in lines] == ["firefox: 50 of 100"]


@pytest.mark.parametrize("engine", ["chromium", "firefox", "webkit"])
def test_every_engine_is_varied_over_slow_and_failing_ad_hosts(engine: str) -> None:
    """Every engine runs in the slow environments that a detector may mistake for a blocker."""
    names = {row.name for row in rows_for(engine)}
    assert {"ad hosts slow by 10 s", "ad hosts answer 500", "consent tool"} <= names
