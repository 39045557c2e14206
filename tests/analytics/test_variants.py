"""Tests of detector.analytics.variants: all pairs compared, sentences without overclaiming."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector import Config
from detector.analytics.comparison import points
from detector.analytics.query import query
from detector.analytics.variants import Arm, Design, compare, of_cells
from detector.cli.main import main
from detector.core.counting.counters import Counters
from detector.stores.sqlite.store import SqliteStore


def test_better() -> None:
    """A difference is stated with its size and the interval that holds on any day."""
    found = compare([Arm("A", 400, 8000), Arm("B", 648, 8000)])
    assert found.sentence == (
        "B is better than A: 3.1 points, between 1.8 and 4.4 (95 % certain, on whatever day you "
        "look)."
    )
    assert found.differences[0].seen
    assert found.differences[0].more is None
    low, high = found.differences[0].fixed
    assert found.differences[0].always_valid[0] < low < high < found.differences[0].always_valid[1]


def test_first_is_better() -> None:
    """If the first variant is the better one, it is named, with matching signs."""
    found = compare([Arm("B", 400, 8000), Arm("A", 648, 8000)])
    assert found.sentence.startswith("A is better than B: 3.1 points, between 1.8 and 4.4 ")
    assert found.differences[0].value < 0


def test_not_seen_yet() -> None:
    """If the interval contains zero, no variant is called better, and the needed size is stated."""
    found = compare([Arm("A", 50, 1000), Arm("B", 62, 1000)])
    assert found.sentence == (
        "No difference between A and B can be seen yet. If the present one (1.2 points) is real, "
        "it takes about 9,600 more notices to see it on one day that you choose now, or about "
        "21,000 to see it while looking every day."
    )
    same = compare([Arm("A", 50, 1000), Arm("B", 50, 1000)])
    assert same.sentence == "No difference between A and B can be seen yet."


def test_seen_only_if_one_looks_once() -> None:
    """A difference that only the fixed interval shows is no winner: it says what that takes."""
    found = compare([Arm("A", 50, 1000), Arm("B", 74, 1000)])
    assert found.sentence == (
        "B may be better than A (2.4 points). That counts only if today is the one day that you "
        "had chosen to look; otherwise wait: about 3,800 more notices."
    )
    assert found.differences[0].seen_fixed
    assert not found.differences[0].seen


def test_more_successes_than_notices() -> None:
    """Impossible counts are refused with the variant's name and what is allowed."""
    for done, shown in ((12, 10), (-1, 10)):
        with pytest.raises(ValueError, match=f"variant 'A': {done} of 10 notices cannot have .*no"):
            Arm("A", done, shown)


def test_few_are_left_out() -> None:
    """A variant with few notices is named and left out; the others keep their result."""
    two = [Arm("A", 400, 8000), Arm("B", 648, 8000)]
    found = compare([*two, Arm("C", 1, 4)])
    assert found.differences == compare(two).differences
    assert found.small == ("C",)
    assert found.sentence == f"{compare(two).sentence} C has fewer than 10 notices: left out."
    alone = compare([Arm("A", 1, 9), Arm("B", 3, 10), Arm("C", 0, 4)])
    assert [arm.name for arm in alone.arms] == ["B"]
    assert alone.sentence == (
        "There are no two variants to compare yet. A and C have fewer than 10 notices: left out."
    )


def test_all_pairs() -> None:
    """The best two of three are compared with each other too, not only with the first."""
    found = compare([Arm("A", 50, 1000), Arm("B", 300, 3000), Arm("C", 480, 3000)])
    assert [each.names for each in found.differences] == ["A and B", "A and C", "B and C"]
    assert found.differences[2].seen


def test_many_are_held_to_more() -> None:
    """With several variants each interval is wider than with two, by Holm's levels."""
    two = compare([Arm("A", 50, 1000), Arm("B", 74, 1000)]).differences[0]
    more = compare([Arm("A", 50, 1000), Arm("B", 74, 1000), Arm("C", 51, 1000)]).differences[0]
    assert two.seen_fixed
    assert not more.seen_fixed
    for ends, wider in ((two.fixed, more.fixed), (two.always_valid, more.always_valid)):
        assert wider[0] < ends[0] < ends[1] < wider[1]
    # Once the clearest differences are seen, the next is tested as if it were alone.
    clear = compare([Arm("A", 50, 1000), Arm("B", 74, 1000), Arm("C", 500, 1000)]).differences[0]
    assert (clear.fixed, clear.always_valid) == (two.fixed, two.always_valid)
    assert clear.level == two.level


def test_many_are_summed_up() -> None:
    """If many pairs show nothing, they are named together with the one that is nearest to it."""
    arms = [Arm(name, done, 1000) for name, done in zip("ABCD", (50, 51, 55, 58), strict=True)]
    assert compare(arms).sentence.startswith(
        "No difference can be seen yet between any of the 4 variants. A and D are nearest to it. "
        "If the present one (0.8 points) is real, it takes about "
    )
    arms[3] = Arm("D", 150, 1000)
    assert (
        "No difference can be seen yet between these: A and B, A and C, B and C."
        in compare(arms).sentence
    )


def test_small_differences_have_digits() -> None:
    """No difference, and no end of its interval, reads as zero if it is not."""
    found = compare([Arm("A", 1000, 100_000_000), Arm("B", 2000, 100_000_000)])
    assert "B is better than A: 0.0010 points, between 0.0008 and 0.0012" in found.sentence
    assert points(0.0, 0.0) == ["0.0", "0.0"]
    assert points(-0.00001, 0.25) == ["-0.001", "25.000"]


def test_split() -> None:
    """A split that the weights do not explain is reported, and then no variant is better."""
    arms = [Arm("a", 400, 8000), Arm("b", 648, 8600)]
    assert compare(arms).split is None
    assert compare(arms).warnings == ()
    design = Design.of([{"name": "a"}, {"name": "b", "weight": 1}])
    found = compare(arms, design=design)
    assert found.split is not None
    assert found.split < 0.001
    assert found.sentence.endswith("find out which first. So no variant is called better.")
    assert "better than" not in found.sentence
    assert not compare(arms, design=Design({"a": 80, "b": 86})).warnings


def test_split_of_the_unseen() -> None:
    """A variant that is never shown is noticed; one without a notice of its own is not expected."""
    arms = [Arm("a", 400, 8000), Arm("b", 400, 8000)]
    variants = [{"name": "a"}, {"name": "b"}, {"name": "c"}]
    assert compare(arms, design=Design.of(variants)).warnings
    assert compare([*arms, Arm("c", 0, 9)], design=Design.of(variants)).warnings
    variants[2]["notice"] = "none"
    assert not compare(arms, design=Design.of(variants)).warnings


@pytest.mark.parametrize("same", [{"from_view": 2}, {"every": 1}, {"once_a_session": True}])
def test_what_only_restates_the_default(same: dict[str, int]) -> None:
    """A variant that names the site's own rule is shown by the same rules as one that does not."""
    assert Design.of([{"name": "a"}, {"name": "b", **same}]).equally_often
    assert not Design.of([{"name": "a"}, {"name": "b", "from_view": 3}]).equally_often
    assert Design.of([{"name": "a"}, {"name": "b", "from_view": 3}], from_view=3).equally_often
    assert not Design.of([{"name": "a"}, {"name": "b", **same}], False, 5, 2).equally_often


def test_the_usual_rules_are_those_of_the_options() -> None:
    """The defaults are those of the site's options."""
    config = Config(secret="s" * 32)
    rules = {name: getattr(config, name) for name in ("once_a_session", "from_view", "every")}
    variants = [{"name": "a"}, {"name": "b", **rules}]
    assert Design.of(variants).equally_often


@pytest.mark.parametrize("dimension", ["kind", "mode", "variant"])
def test_no_split_of_what_the_variant_decides(dimension: str) -> None:
    """Where the variant decides the value, notices of one value are not split by the weights."""
    design = Design.of([{"name": "a"}, {"name": "b"}])
    arms = [Arm("a", 400, 8000)]
    assert compare(arms, design=design.of_value("browser")).warnings
    assert not compare(arms, design=design.of_value(dimension)).warnings


def test_several_notices_a_session() -> None:
    """Where a visitor counts several times, the intervals are said to be too narrow."""
    arms = [Arm("a", 400, 8000), Arm("b", 648, 8000)]
    found = compare(arms, design=Design(once_a_session=False))
    assert found.sentence.startswith("The option once_a_session is off, so that one visitor may")
    assert "better than" not in found.sentence


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
    """A variant with few notices is left out, and no other with it."""
    store = SqliteStore(filled, readonly=True)
    found = of_cells(query(store, by="variant").cells)
    store.close()
    assert [arm.name for arm in found.arms] == ["A", "B"]
    assert found.small == ("C",)
    assert found.differences[0].seen


def test_command(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`detector stats --by variant` ends with the comparison; JSON has all of it."""
    assert main(["stats", "--db", str(filled), "--by", "variant"]) == 0
    assert capsys.readouterr().out.endswith(
        "allowed of notices shown, with 95 % intervals:\n"
        "A   5.0 %  2.7 % to 9.0 %    10 of 200\n"
        "B  20.0 %  15.0 % to 26.1 %  40 of 200\n"
        "\n"
        "difference in points         looking any day  looking once\n"
        "B against A           +15.0      3.8 to 26.5   8.7 to 21.5\n"
        "\n"
        "B is better than A: 15.0 points, between 3.8 and 26.5 (95 % certain, on whatever day you "
        "look). C has fewer than 10 notices: left out.\n"
        "Not checked: whether each was shown as often as its weight asks for; see --file.\n"
    )
    assert main(["stats", "--db", str(filled), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["comparison"]
    assert [each["name"] for each in found["variants"]] == ["A", "B"]
    assert found["left_out"] == ["C"]
    assert found["differences"][0]["seen"] is True


def test_command_knows_the_options(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the site's options the split is checked, whatever secret they have or lack."""
    file = tmp_path / "site.toml"
    lines = ["[[variants]]", 'name = "a"', "[[variants]]", 'name = "b"', "weight = 3"]
    file.write_text("\n".join(lines), "utf-8")
    counters = Counters("site", clock=lambda: 3600.0 * 480_000)
    for name in "ab":
        for _ in range(200):
            counters.count("shown", "blocked", variant=name)
    store = SqliteStore(tmp_path / "other.sqlite")
    store.add(counters.drain())
    store.close()
    asked = ["stats", "--db", str(tmp_path / "other.sqlite"), "--by", "variant"]
    assert main([*asked, "--file", str(file)]) == 0
    assert "not shown as often as their weights ask for" in capsys.readouterr().out
    assert main([*asked, "--file", str(tmp_path / "none.toml")]) != 0
    assert "none.toml" in capsys.readouterr().err
