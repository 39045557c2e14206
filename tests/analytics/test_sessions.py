"""Tests of detector.analytics.sessions: the effect of the notice, against sessions without one."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from detector.analytics.query import Cell, query
from detector.analytics.sessions import Sessions, sessions
from detector.analytics.variants import Design, of_cells
from detector.cli.main import main
from detector.core.counting.counters import Counters
from detector.stores.sqlite.store import SqliteStore

DESIGN = Design.of(
    [{"name": "notice", "weight": 9}, {"name": "holdout", "weight": 1, "notice": "none"}]
)


def cells_of(path: Path, **variants: tuple[int, int, int]) -> tuple[Cell, ...]:
    """Return the answer by variant after sessions that were drawn, stayed and won back."""
    counters = Counters("site")
    for name, counts in variants.items():
        for action, n in zip(("drawn", "stayed", "won"), counts, strict=True):
            for _ in range(n):
                counters.count(action, variant=name)
        if name != "holdout":
            counters.count("shown", "blocked", variant=name)
    store = SqliteStore(str(path / "counts.sqlite"))
    store.add(counters.drain())
    cells = query(store, by="variant", pages=False).cells
    store.close()
    return cells


def found(path: Path, **counts: tuple[int, int, int]) -> Sessions:
    """Return the comparison of these sessions."""
    made = sessions(cells_of(path, **counts), DESIGN)
    assert made is not None
    return made


def test_the_effect_is_the_difference_to_the_holdout(tmp_path: Path) -> None:
    """What the holdout wins back by itself is no effect of the notice."""
    made = found(tmp_path, notice=(9000, 5400, 540), holdout=(1000, 600, 20))
    (won,) = made.won
    assert (won.base.name, won.other.name, made.holdout) == ("holdout", "notice", "holdout")
    assert won.value == pytest.approx(0.06 - 0.02)
    assert won.seen and won.always_valid[0] < won.fixed[0] < 0.04 < won.fixed[1]
    assert made.sentence.startswith("4.0 points more sessions are won back with notice than with")
    assert not made.left[0].seen and made.left[0].value == pytest.approx(0)


def test_a_coincidence_is_no_effect(tmp_path: Path) -> None:
    """Without a difference that holds on any day, nothing is claimed."""
    made = found(tmp_path, notice=(900, 500, 9), holdout=(100, 55, 1))
    assert made.sentence == (
        "Whether more or fewer sessions are won back with notice than with holdout cannot be seen "
        "yet."
    )


def test_a_notice_that_drives_readers_away(tmp_path: Path) -> None:
    """Pages left are the sessions without any later view."""
    made = found(tmp_path, notice=(9000, 3600, 90), holdout=(1000, 700, 10))
    assert made.left[0].value == pytest.approx(0.6 - 0.3) and made.left[0].seen
    assert "30.0 points more sessions end at the page with notice than with" in made.sentence


def test_each_variant_is_held_against_the_holdout_only(tmp_path: Path) -> None:
    """With a holdout variants are not compared with each other; without one all pairs are."""
    counts = dict.fromkeys(("a", "b", "holdout"), (1000, 500, 50))
    design = Design.of([{"name": "a"}, {"name": "b"}, {"name": "holdout", "notice": "none"}])
    made = sessions(cells_of(tmp_path, **counts), design)
    assert made is not None
    assert [each.title for each in made.won] == ["a against holdout", "b against holdout"]
    assert [each.name for each in made.variants] == ["a", "b", "holdout"]


def test_without_a_holdout(tmp_path: Path) -> None:
    """Variants that are shown at different times are compared by their sessions."""
    design = Design.of([{"name": "a"}, {"name": "b", "from_view": 5}])
    cells = cells_of(tmp_path, a=(1000, 500, 50), b=(1000, 600, 90))
    made = sessions(cells, design)
    assert made and [each.title for each in made.won] == ["b against a"] and not made.holdout
    notices = of_cells(cells, design)
    assert notices.warnings[0].endswith("compare the sessions won back.")


def test_a_holdout_that_no_option_names(tmp_path: Path) -> None:
    """Where the options are not known, the holdout is the one that was never shown."""
    made = sessions(cells_of(tmp_path, notice=(900, 1, 1), holdout=(100, 1, 1)))
    assert made and made.holdout == "holdout"


def test_wrong_split(tmp_path: Path) -> None:
    """Sessions that are not drawn by weight are not compared, nor are notices."""
    counts = {"notice": (500, 300, 90), "holdout": (500, 300, 10)}
    made = found(tmp_path, **counts)
    assert made.wrong_split and made.sentence.startswith(
        "The sessions are not split by the weights"
    )
    assert of_cells(cells_of(tmp_path, **counts), DESIGN).warnings


def test_the_holdout_is_in_no_comparison_of_notices(tmp_path: Path) -> None:
    """It has no notices, so it is neither compared by them nor named as small."""
    made = of_cells(cells_of(tmp_path, notice=(900, 1, 1), holdout=(100, 1, 1)), DESIGN)
    assert "holdout" not in made.small and not made.warnings


def test_few_sessions(tmp_path: Path) -> None:
    """A variant of fewer than ten sessions is named and left out."""
    made = found(tmp_path, notice=(70, 5, 1), holdout=(9, 3, 1))
    assert made.small == ("holdout",) and not made.won
    assert made.sentence == "There are no two variants with ten sessions to compare yet."


def test_none_where_nothing_was_drawn() -> None:
    """A site without variants has no sessions to compare."""
    assert sessions(()) is None


def test_what_is_told_later_than_the_span_began(tmp_path: Path) -> None:
    """More views won back than sessions drawn, of a session before the span, are no error."""
    made = found(tmp_path, notice=(90, 95, 99), holdout=(10, 0, 0))
    assert (made.variants[0].won, made.variants[0].left) == (90, 0)


def test_chance_alone_makes_few_effects(tmp_path: Path) -> None:
    """Looking every day for a month, a notice without effect seems to have one in few months."""
    dice, wrong, months = random.Random(7), 0, 60
    for _ in range(months):
        totals = {"notice": [0, 0, 0], "holdout": [0, 0, 0]}
        for _ in range(30):
            for name, drawn in (("notice", 90), ("holdout", 10)):
                totals[name][0] += drawn
                totals[name][2] += sum(dice.random() < 0.05 for _ in range(drawn))
            made = sessions(_cells(totals), DESIGN)
            if made and any(each.seen for each in made.won):
                wrong += 1
                break
    assert wrong <= 5


def _cells(totals: dict[str, list[int]]) -> list[Cell]:
    """Return cells with these sessions, without a store."""
    from detector.analytics.figures import Figures

    names = ("drawn", "stayed", "won")
    return [
        Cell((name,), None, Figures(sessions=dict(zip(names, counts, strict=True))))
        for name, counts in totals.items()
    ]


def test_stats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command shows the sessions by variant, as text and as JSON."""
    cells_of(tmp_path, notice=(9000, 5400, 540), holdout=(1000, 600, 20))
    options = ["stats", "--db", str(tmp_path / "counts.sqlite"), "--by", "variant"]
    assert main(options) == 0
    text = capsys.readouterr().out
    assert "sessions  drawn  won back" in text and "page left" in text
    assert "won back: difference in points" in text and "4.0 points more sessions" in text
    assert main([*options, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["comparison"]["sessions"]
    assert told["holdout"] == "holdout"
    assert [each["won"] for each in told["variants"]] == [540, 20]
    assert told["won"][0]["difference"] == pytest.approx(0.04)
