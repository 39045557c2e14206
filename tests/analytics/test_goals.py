"""Goals: reached or not reached only where the whole interval is on one side."""

from __future__ import annotations

import pytest

from detector.analytics.figures import figures
from detector.analytics.goals import MISSED, OPEN, REACHED, Goal, read_all
from detector.core.counting.store import Sum


def of(blocked: int, clear: int, shown: int = 0, allowed: int = 0) -> list[Sum]:
    """Return the sums of some views and notices."""
    return [
        Sum(0, "", "", "view", blocked + clear),
        Sum(0, "", "blocked", "verdict", blocked),
        Sum(0, "", "clear", "verdict", clear),
        Sum(0, "", "", "shown", shown),
        Sum(0, "", "", "allowed", allowed),
    ]


@pytest.mark.parametrize(
    ("goal", "sums", "state"),
    [
        ("blocked<20", of(100, 900), REACHED),
        ("blocked<20", of(300, 700), MISSED),
        ("blocked<20", of(195, 805), OPEN),
        ("blocked<20", of(0, 8), OPEN),
        ("blocked<20", of(0, 0), OPEN),
        ("blocked > 20 %", of(300, 700), REACHED),
        ("blocked>20", of(100, 900), MISSED),
        ("allowed>5", of(1000, 0, 1000, 100), REACHED),
        ("allowed>5.5", of(1000, 0, 1000, 20), MISSED),
        ("allowed>5", of(1000, 0, 1000, 52), OPEN),
        ("allowed>5", of(1000, 0), OPEN),
    ],
)
def test_states(goal: str, sums: list[Sum], state: str) -> None:
    """A goal within the interval, and one of few views, is open."""
    assert Goal.read(goal).state(figures(sums)) == state


@pytest.mark.parametrize(
    "text", ["", "blocked", "blocked=20", "blocked<0", "blocked<120", "clear<5", "blocked<-1", "x"]
)
def test_refused(text: str) -> None:
    """What is no goal is refused with an example."""
    with pytest.raises(ValueError, match=r"option goals: .* write one such as blocked<20"):
        Goal.read(text)


def test_one_for_each_share() -> None:
    """Two goals for one share contradict each other."""
    with pytest.raises(ValueError, match="two goals for one share"):
        read_all(["blocked<20", "blocked<30"])
