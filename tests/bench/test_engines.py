"""The comparison of engines: what they are asked, who was not run, and how differences count."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bench.engines import asked, compare
from bench.engines.__main__ import main
from bench.engines.compare import Difference, difference
from detector.testing.machine import missing

LINES = """||ads.example^
/banner/lead-$script
##.adSlot
##.card:has(.ad)
||popup.example^$popup
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a list of five rules, two of which Brave's engine cannot read."""
    path = tmp_path / "mine.txt"
    path.write_text(LINES, "utf-8")
    return path


def test_an_engine_of_this_python_and_none_of_others(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Engines that are not there are named with what they need; the one that is has its row."""
    (tmp_path / "a.md").write_text("see https://ads.example/a.js and https://docs.example/b.css")
    out = tmp_path / "all.json"
    given = [str(file), "--addresses", str(tmp_path), "--json", str(out), "--show", "2"]
    assert main([*given, "--python", shutil.which("false") or "/bin/false"]) == 0
    told = capsys.readouterr().out
    assert "lists: mine; 5 rules" in told
    assert "requests: files 2, rules 2, varied 2, pool 27; classes of the pool: 350" in told
    for name in ("braveblock", "adblock-rs", "@ghostery/adblocker", "@gorhill/ubo-core"):
        assert f"{name:<28}  not run: " in told
    (ours,) = [one for one in json.loads(out.read_text("utf-8")) if not one["missing"]]
    assert (ours["name"], ours["version"], ours["unread"]) == ("adblock", "0.6.0", 2)
    assert sorted(ours["blocked"][:2]) == [False, True], "the style sheet of a page is let through"
    assert ours["blocked"][2:4] == [True, True]


def test_an_engine_that_fails_is_named(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A package of npm that cannot be loaded is a row with its error."""
    if shutil.which("node") is None:
        missing("node is not on this machine: apt-get install nodejs")
    package = tmp_path / "node_modules" / "adblock-rs"
    package.mkdir(parents=True)
    (package / "index.js").write_text("throw new Error('not built')", "utf-8")
    assert main([str(file), "--npm", str(tmp_path), "--python", "/bin/false"]) == 0
    told = capsys.readouterr().out
    assert f"{'adblock-rs':<28}  not run: it failed: " in told
    assert f"--npm {tmp_path} does not have it: npm install @gorhill/ubo-core" in told


def test_addresses_are_made_from_rules() -> None:
    """An address that a rule is about has its type, and a page on which the rule applies."""
    lines = [
        *("! a", "##.ad", "/re[x]/$script", "||a.example^$removeparam=x", "||a.example^$popup"),
        *("||ads.example^$image,domain=~x.example|shop.example", "-banner.", "@@/ok/*$script,1p"),
        *("://t.example/a^b", "|https://u.example/x|", "/a|b", "||a.*^$script", "*$script"),
    ]
    assert list(asked.from_rules(lines)) == [
        ("https://ads.example/", "https://shop.example/", "image"),
        ("https://cdn.example/a-banner.", asked.PAGE, "script"),
        ("https://cdn.example/ok/x", "https://cdn.example/", "script"),
        ("https://t.example/a/b", asked.PAGE, "script"),
        ("https://u.example/x", asked.PAGE, "script"),
        ("https://a.x/", asked.PAGE, "script"),
    ]


def test_addresses_are_found_in_files(tmp_path: Path) -> None:
    """Addresses of files stand once, with the type of their ending; links are not followed."""
    (tmp_path / "deep").mkdir()
    text = "![x](https://img.example/a/b.png?v=1) <https://img.example/a/b.png?v=1> http://a.b/"
    (tmp_path / "deep" / "a.md").write_text(text, "utf-8")
    (tmp_path / "a.bin").write_text("https://no.example/a.js", "utf-8")
    (tmp_path / "link.md").symlink_to(tmp_path / "deep" / "a.md")
    assert asked.in_files([tmp_path]) == [
        ("https://img.example/a/b.png?v=1", asked.PAGE, "image"),
    ]


def test_the_sample_is_the_same_each_time() -> None:
    """At most a third is from files, varied ones are unlike those made; a second run is alike."""
    found = [(f"https://a.example/{n}", asked.PAGE, "script") for n in range(100)]
    made = [(f"https://b.example/{n}", f"https://{n}.example/", "script") for n in range(100)]
    parts = asked.sample(found, made, 60)
    assert [len(part) for part in parts.values()] == [20, 20, 20]
    assert asked.sample(found, made, 60) == parts
    assert set(parts["rules"]) <= set(made)
    assert len(set(parts["varied"]) - set(made)) >= 18
    assert [len(part) for part in asked.sample(found[:3], made, 60).values()] == [3, 28, 28]


def test_differences() -> None:
    """A difference is counted by who blocks."""
    ours, its = [True, True, False, False], [True, False, True, True]
    assert difference(ours, its) == Difference(3, 2, 1)
    assert compare.OURS in compare.PYTHON


def test_a_list_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A list that cannot be read is an error of its name."""
    assert main([str(tmp_path / "none.txt")]) == 1
    assert "none.txt: cannot be read" in capsys.readouterr().err
