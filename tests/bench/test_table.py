"""Rounds that alternate, medians with intervals, and the rows that are printed and saved."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bench.rounds import Sample, alternate, interval, rows
from bench.table import BenchError, Row, as_json, lines, missed


def test_rounds_take_turns() -> None:
    """The order alternates between rounds, and the ratio is the median of the rounds' ratios."""
    order: list[str] = []

    def side(name: str, rates: list[int]) -> Callable[[], Sample]:
        left = iter(rates)

        def measure() -> Sample:
            order.append(name)
            return Sample(next(left), 1.0, 0.5)

        return measure

    pairs = alternate(side("a", [100, 100, 100]), side("b", [90, 80, 300]), 3)
    assert "".join(order) == "abbaab"
    found = {row.what: row.value for row in rows(pairs, "pages", at_least=0.95)}
    assert found["pages, with / without"] == 0.9
    assert found["server's CPU each, without"] == 5000


def test_interval_by_ranks() -> None:
    """A median's interval is that of the sign test: ranks 2 and 9 of ten; none below six values."""
    assert interval([0.1 * n for n in range(5)]) is None
    assert interval([3, 1, 2, 4, 5, 6, 8, 7, 9, 10]) == (2, 9)


def test_more_rounds() -> None:
    """The rounds are measured the given number of times."""
    sample = Sample(1, 1.0, 0.5)
    assert len(alternate(lambda: sample, lambda: sample, 3, 4)) == 12


def test_round_with_nothing_done() -> None:
    """A side without work is an error, not a ratio."""
    with pytest.raises(BenchError, match="nothing done"):
        alternate(lambda: Sample(0, 1.0, 0.1), lambda: Sample(1, 1.0, 0.1), 1)


def test_table_is_aligned() -> None:
    """Figures are aligned, with their budget and whether it is met."""
    shown = lines(
        [
            Row("script", 2028, "B", at_most=2048),
            Row("pages", 0.9412, "", at_least=0.95, note="busy"),
            Row("time", 3.456, "µs"),
        ]
    )
    assert shown == [
        "  script  2,028 B  ≤ 2,048  met",
        "  pages     0.941  ≥ 0.950  MISSED  busy",
        "  time    3.46 µs",
    ]


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ((80, 95), "met"),
        ((105, 180), "MISSED"),
        ((80, 100), "met"),
        ((90, 101), "decides nothing"),
        ((150, 300), "decides nothing"),
    ],
)
def test_intervals_decide(interval: tuple[float, float], said: str) -> None:
    """A median whose interval is wider than its budget, or has it inside, decides nothing."""
    value = sum(interval) / 2
    row = Row("verdict", value, "ms", at_most=100, note="busy", interval=interval)
    assert row.cells()[3] == said and row.met == {"met": True, "MISSED": False}.get(said)
    assert row.cells()[4].startswith("95 % in ") and row.cells()[4].endswith(", busy")
    saved = json.loads(json.dumps(row.as_dict()))
    assert saved["interval"] == list(interval) and saved["decides"] == (said in ("met", "MISSED"))


def test_a_ratio_of_rates_has_its_interval() -> None:
    """Rates that vary too much decide nothing about their budget; three rounds have no interval."""
    pairs = [(Sample(100, 1, 0), Sample(count, 1, 0)) for count in range(90, 100)]
    ratio = next(row for row in rows(pairs, "pages", at_least=0.95) if "/ without" in row.what)
    assert ratio.value == pytest.approx(0.945)
    assert ratio.interval == (0.91, 0.98)
    assert ratio.cells()[3] == "decides nothing"
    assert ratio.note == "half of 10 rounds in 0.918–0.973"
    few = next(row for row in rows(pairs[:3], "pages", at_least=0.95) if "/ without" in row.what)
    assert (few.interval, few.note, few.met) == (None, "", False)


def test_no_interval_without_a_budget_is_undecided() -> None:
    """A ratio without a budget has its interval and no word about it."""
    assert Row("ratio", 2, "", interval=(0.5, 9)).cells()[2:] == ("", "", "95 % in 0.500–9.000")


def test_what_a_row_is_part_of() -> None:
    """Rows are indented below what they are part of; JSON and the missed budgets name that."""
    rows = [
        Row("first view", 3, "ms"),
        Row("  network", 2, "ms"),
        Row("    server", 1, "ms", at_most=0.5),
        Row("  limit", 1, "ms", at_most=0.5),
        Row("repeated view", 2, "ms", at_most=1),
    ]
    saved: Any = as_json({"verdicts": rows}, quick=False)
    assert [(one["of"], one["what"]) for one in saved["benches"]["verdicts"]] == [
        ([], "first view"),
        (["first view"], "network"),
        (["first view", "network"], "server"),
        (["first view"], "limit"),
        ([], "repeated view"),
    ]
    assert missed(rows) == ["first view, network, server", "first view, limit", "repeated view"]
