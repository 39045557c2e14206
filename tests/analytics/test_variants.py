"""Tests of detector.analytics.variants: intervals as published, sentences without overclaiming."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector.analytics.query import query
from detector.analytics.variants import Arm, compare, newcombe, of_cells, sample_size, wilson
from detector.cli.main import main
from detector.core.counting.counters import Counters
from detector.stores.sqlite.store import SqliteStore


@pytest.mark.parametrize(
    ("done", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson(done: int, of: int, low: float, high: float) -> None:
    """The interval is the one in Newcombe, Statistics in Medicine 17 (1998), 857-872, table I.

    statsmodels 0.15 agrees: `proportion_confint(done, of, method="wilson")`.
    """
    assert wilson(done, of) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    """The interval is that of method 10 in Newcombe's table II (Statistics in Medicine 17, 873).

    statsmodels 0.15 agrees: `confint_proportions_2indep(…, method="newcomb")`.
    """
    assert newcombe(*counts) == pytest.approx((low, high), abs=5e-5)


def test_nothing_is_known_of_nothing() -> None:
    """Without any count the intervals are as wide as they can be."""
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = newcombe(0, 0, 0, 0)
    assert low < -0.7
    assert high > 0.7


def test_sample_size() -> None:
    """It is that of R's example, power.prop.test(p1 = .50, p2 = .75, power = .90): 76.7."""
    assert sample_size(0.50, 0.75, power=0.90) == 77
    assert sample_size(0.2, 0.2) is None


def test_better() -> None:
    """A significant difference is stated with its size and interval."""
    found = compare([Arm("A", 400, 8000), Arm("B", 648, 8000)])
    assert found.sentence == "B is better than A: +3.1 points, 95 % between 2.3 and 3.9."
    assert found.differences[0].seen
    assert found.differences[0].more is None


def test_first_is_better() -> None:
    """If the first variant is the better one, it is named, with matching signs."""
    found = compare([Arm("B", 400, 8000), Arm("A", 648, 8000)])
    assert found.sentence == "A is better than B: +3.1 points, 95 % between 2.3 and 3.9."
    assert found.differences[0].value < 0


def test_not_seen_yet() -> None:
    """If the interval contains zero, no variant is called better, and the needed size is stated."""
    found = compare([Arm("A", 50, 1000), Arm("B", 62, 1000)])
    assert found.sentence == (
        "No difference between A and B can be seen yet; "
        "about 9,600 more views with a notice are needed."
    )
    same = compare([Arm("A", 50, 1000), Arm("B", 50, 1000)])
    assert same.sentence == "No difference between A and B can be seen yet."


def test_few_are_hidden() -> None:
    """A variant with fewer than ten notices is hidden and left out of the comparison."""
    found = compare([Arm("A", 1, 9), Arm("B", 3, 10)])
    assert [arm.name for arm in found.arms] == ["B"]
    assert found.hidden == 1
    assert found.sentence == "There are no two variants to compare yet."


def test_many_are_held_to_more() -> None:
    """With several variants each interval is wider than with two."""
    two = compare([Arm("A", 50, 1000), Arm("B", 74, 1000)]).differences[0]
    three = compare([Arm("A", 50, 1000), Arm("B", 74, 1000), Arm("C", 50, 1000)]).differences[0]
    assert two.seen
    assert not three.seen
    assert three.low < two.low < two.high < three.high


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Return a store with two variants, and a third with few notices."""
    counters = Counters("site", clock=lambda: 3600.0 * 480_000)
    for name, shown, allowed in (("A", 200, 10), ("B", 200, 40), ("C", 4, 1)):
        for _ in range(shown):
            counters.count("shown", "blocked", variant=name)
        for _ in range(allowed):
            counters.count("allowed", "blocked", variant=name)
    path = tmp_path / "counts.sqlite"
    store = SqliteStore(path)
    store.add(counters.drain())
    store.close()
    return path


def test_from_a_store(filled: Path) -> None:
    """A result by variant has a comparison; hidden cells stay hidden."""
    store = SqliteStore(filled, readonly=True)
    found = of_cells(query(store, by="variant").cells)
    store.close()
    assert [arm.name for arm in found.arms] == ["B"]
    assert found.hidden == 2


def test_command(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`detector stats --by variant` ends with the comparison; JSON has all of it."""
    assert main(["stats", "--db", str(filled), "--by", "variant"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "There are no two variants to compare yet."
    counters = Counters("site", clock=lambda: 3600.0 * 480_000)
    for _ in range(20):
        counters.count("shown", "blocked", variant="C")
    store = SqliteStore(filled)
    store.add(counters.drain())
    store.close()
    assert main(["stats", "--db", str(filled), "--by", "variant"]) == 0
    assert capsys.readouterr().out.endswith(
        "allowed of notices shown, with 95 % intervals:\n"
        "A   5.0 %  2.7 % to 9.0 %    10 of 200\n"
        "B  20.0 %  15.0 % to 26.1 %  40 of 200\n"
        "C   4.2 %  0.7 % to 20.2 %   1 of 24\n"
        "B is better than A: +15.0 points, 95 % between 7.7 and 22.5. "
        "No difference between A and C can be seen yet; about 24,000 more views with a notice "
        "are needed.\n"
    )
    assert main(["stats", "--db", str(filled), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["comparison"]
    assert [each["name"] for each in found["variants"]] == ["A", "B", "C"]
    assert found["differences"][0]["seen"] is True
