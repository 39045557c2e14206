"""What a newer list does to a site and to the baits, by the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector.cli.main import main
from detector.core.baits import pool


def test_pages_that_a_newer_list_changes(
    lists: tuple[str, str], site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each name that only the newer list acts on is told with its line and its pages."""
    assert main(["lists", "diff", *lists, "--site", str(site)]) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "new line 4 /teaser/*$script will block https://news.example/teaser/a.js (script) on /",
        "new line 3 ##.promo will hide .promo (class) on /pricing, /about",
        "new line 5 ###top-offer will hide #top-offer (id) on /pricing",
        "note: new line 7 ||ads.example^ will block https://cdn.ads.example/x.js (script)"
        " on /about",
        "new line 9 news.example##.feature > .buy may hide something on /",
        "new line 12 news.example##.own will hide what it names on /pricing",
        "old line 3 ##.was-hidden no longer hides .was-hidden (class) on /",
    ]
    assert err == (
        "detector lists diff: 5 new, 1 of other sites, 1 no longer; "
        "of the baits 0 die and 0 live by one rule\n"
    )


def test_nothing_new(
    lists: tuple[str, str], site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same list twice changes nothing; what goes away or is another site's does not fail."""
    for old in lists:
        assert main(["lists", "diff", old, old, "--site", str(site / "report.json")]) == 0
        assert capsys.readouterr().out == ""
    less = Path(lists[0]).with_name("less.txt")
    less.write_text("##.stays-hidden\nnews.example##.known\n||ads.example^\n")
    assert main(["lists", "diff", lists[0], str(less), "--site", str(site)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("note: less line 3 ||ads.example^ will block")
    assert second.startswith("old line 3 ##.was-hidden no longer hides .was-hidden")


def test_files(lists: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files are compared as the linter reads them; each place is named by line and column."""
    web = tmp_path / "web"
    web.mkdir()
    (web / "a.html").write_text('<p class="promo was-hidden">\n<p class="promo">')
    (web / "b.css").write_text(".promo { color: red }")
    assert main(["lists", "diff", *lists, "--lint", str(web), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [
        (one["change"], one["name"], one["level"], one["places"]) for one in found["changes"]
    ] == [
        ("new", "promo", "error", [f"{web}/a.html:1:11", f"{web}/a.html:2:11"]),
        ("new", "promo", "warning", [f"{web}/b.css:1:1"]),
        ("gone", "was-hidden", "error", [f"{web}/a.html:1:17"]),
    ]
    assert found["changes"][0]["rules"] == [{"list": "new", "line": 3, "rule": "##.promo"}]
    assert found["old"] == {"old": lists[0]} and found["new"] == {"new": lists[1]}


def test_folders_are_combined(
    lists: tuple[str, str], site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exception of another list in the folder counts, as a blocker combines them."""
    both = tmp_path / "both"
    both.mkdir()
    (both / "new.txt").write_text("##.promo\n")
    (both / "unbreak.txt").write_text("#@#.promo\n")
    assert main(["lists", "diff", lists[0], str(both), "--site", str(site)]) == 0
    assert "will hide" not in capsys.readouterr().out


def test_baits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bait without rules dies and fails; one with its last rule is told and does not."""
    first, second, third = pool.load("").elements[:3]
    every = [f"##.{one}" for one in (first, second, third)]
    old, new, end = (tmp_path / name for name in ("old.txt", "new.txt", "end.txt"))
    old.write_text("\n".join(every))
    new.write_text("\n".join([*every[1:], f"#@#.{third}\n"]))
    assert main(["lists", "diff", str(old), str(new)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"the bait {first} (class) dies: old line 1 ##.{first} acts on it no more",
        f"the bait {third} (class) dies: old line 3 ##.{third} acts on it no more; "
        f"it is spared by new line 3 #@#.{third}",
    ]
    entry = next(one for one in pool.load("").requests if one.type == "script")
    path = entry.path.partition("{w}")[2] or entry.path
    old.write_text(f"{path}\n{path[:-1]}\n{path}$script\n")
    end.write_text(f"{path}\n")
    assert main(["lists", "diff", str(old), str(end)]) == 0
    (line,) = [one for one in capsys.readouterr().out.splitlines() if entry.path in one]
    assert line.startswith(
        f"the bait {entry.path} (script) lives by one rule, before by 3: end line 1"
    )
