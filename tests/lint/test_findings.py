"""What filter lists do with names: each with the line of the list, its level, and a better name."""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from detector.lint.files import LintError, read
from detector.lint.findings import Finding, Judge, contents, findings
from detector.lint.suggest import suggest


def found(folder: Path, judge: Judge) -> dict[str, tuple[str, str, list[int]]]:
    """Return file and level of each finding, and the numbers of the list's lines, by name."""
    files = contents([str(folder)], jobs=1)
    return {
        one.name.text: (Path(one.file).name, one.level, [mark.line for mark in one.rules])
        for one in findings(files, judge)
    }


def test_levels_and_lines(tmp_path: Path, judge: Judge) -> None:
    """Markup is an error, style and code a warning, another site's address a note."""
    (tmp_path / "a.html").write_text(
        '<p class="adslot-x fine" id="top-promo"><img src="/i/x-728x90.png">'
        '<script src="https://ads.example/a.js"></script>'
    )
    (tmp_path / "b.js").write_text("a.className = 'adslot-x'; load('/ads/leader-1.js')")
    (tmp_path / "c.css").write_text("#top-promo {} .fine {}")
    (tmp_path / "ads").mkdir()
    (tmp_path / "ads" / "leader-2.js").touch()
    assert found(tmp_path, judge) == {
        "adslot-x": ("b.js", "warning", [2]),
        "top-promo": ("c.css", "warning", [4]),
        "/i/x-728x90.png": ("a.html", "error", [5]),
        "https://ads.example/a.js": ("a.html", "note", [7]),
        "/ads/leader-1.js": ("b.js", "warning", [6]),
        "/ads/leader-2.js": ("leader-2.js", "warning", [6]),
    }


def test_what_lists_let_through(tmp_path: Path, judge: Judge) -> None:
    """An exception, of a request or an element, and a rule for another site find nothing."""
    (tmp_path / "a.html").write_text(
        '<p class="kept elsewhere"><img src="/gone/spot-ok.png"><img src="/gone/spot-no.png">'
    )
    assert list(found(tmp_path, judge)) == ["/gone/spot-no.png"]


def test_addresses_in_a_style_sheet_are_relative_to_it(tmp_path: Path, judge: Judge) -> None:
    """A path in a style sheet begins at its own folder, as a browser resolves it."""
    (tmp_path / "ads").mkdir()
    (tmp_path / "ads" / "a.css").write_text("p { background: url(leader-1.png) }")
    (tmp_path / "b.css").write_text("p { background: url(leader-1.png) }")
    assert found(tmp_path, judge) == {"leader-1.png": ("a.css", "warning", [6])}


def test_processes_find_the_same(tmp_path: Path, judge: Judge) -> None:
    """Many files are read by several processes, in the same order."""
    for number in range(220):
        (tmp_path / f"{number:03}.html").write_text('\n<p class="adslot-x">' * (number % 3))
    one = list(findings(contents([str(tmp_path)], jobs=1), judge))
    assert one == list(findings(contents([str(tmp_path)], jobs=2), judge))
    assert len(one) == sum(number % 3 for number in range(220))


def test_folders_that_are_skipped(tmp_path: Path, judge: Judge) -> None:
    """Other people's packages and hidden folders are skipped, unless they are named."""
    for folder in ("node_modules", ".git", "src"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder}.css").write_text(".adslot-x {}")
    assert found(tmp_path, judge)["adslot-x"][0] == "src.css"
    named = found(tmp_path / "node_modules", judge)
    assert named["adslot-x"][0] == "node_modules.css"


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is too large or not there any more is a note, not an error."""
    file = tmp_path / "a.css"
    file.write_text(".one {}")
    monkeypatch.setattr("detector.lint.files.LARGEST", 3)
    assert "larger than" in read(file, tmp_path).note
    file.unlink()
    assert "cannot be read" in read(file, tmp_path).note


def test_odd_names(tmp_path: Path, judge: Judge) -> None:
    """Names and contents that are not UTF-8, and endless links, do not stop a run."""
    (tmp_path / os.fsdecode(b"\xff-728x90.png")).touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "a.html").write_bytes(b'\xff\xfe<p class="adslot-x">')
    assert set(found(tmp_path, judge)) >= {"adslot-x"}


def test_a_path_that_is_not_there() -> None:
    """A path without a file is named."""
    with pytest.raises(LintError, match=r"none\.html: there is no such file"):
        list(contents(["none.html"]))


@pytest.mark.parametrize(
    ("text", "kind", "better"),
    [
        ("/i/x-728x90.png", "image", "/i/x-panel.png"),
        ("/ads/leader-1.js", "script", "/panel/leader-1.js"),
        ("adslot-x", "class", "panel-adslot-x"),
    ],
)
def test_suggestions(judge: Judge, text: str, kind: str, better: str) -> None:
    """A suggested name resembles the old one, and no list acts on it."""
    assert suggest(judge, text, kind) == better
    assert judge.rules(text, kind)
    assert not judge.rules(better, kind)


def test_no_name_is_suggested_that_lists_know(tmp_path: Path) -> None:
    """Where lists act on every candidate, none is suggested."""
    from detector.filter_lists.explain import Explainer
    from detector.filter_lists.fetch import read_all

    file = tmp_path / "all.txt"
    file.write_text("/i/\n")
    judge = Judge(Explainer(read_all([str(file)])))
    assert suggest(judge, "/i/x-728x90.png", "image") == ""


def test_every_rule_is_named(tmp_path: Path) -> None:
    """Where several lines of several lists would do it, all are named, with their lists."""
    from detector.filter_lists.explain import Explainer
    from detector.filter_lists.fetch import read_all

    (tmp_path / "one.txt").write_text("! one\n-728x90.\n/banner-\n")
    (tmp_path / "two.txt").write_text("! two\n! two\n/i/banner-$image\n/other/\n")
    judge = Judge(Explainer(read_all([str(tmp_path / "one.txt"), str(tmp_path / "two.txt")])))
    rules = judge.rules("/i/banner-728x90.png", "image")
    assert {(mark.list, mark.line) for mark in rules} == {("one", 2), ("one", 3), ("two", 3)}


def finding(judge: Judge, text: str, kind: str = "class") -> Finding:
    """Return a finding in a page."""
    from detector.lint.names import Name

    name = Name(text, kind, "markup", 2, 5)  # type: ignore[arg-type]
    return Finding("a.html", name, "error", judge.rules(text, kind))


@pytest.mark.parametrize("page", ["https://news.example/", "http://news.example:8080/a/b?q=/c/d"])
@pytest.mark.parametrize("path", ["", "css/a.css", "/css/a.css"])
def test_addresses_are_those_of_the_standard(page: str, path: str) -> None:
    """The short way for simple addresses returns what urljoin does, for every mix of parts."""
    judge = Judge(None, page)  # type: ignore[arg-type]
    parts = ("", "/", "a", "..", ".", "//", "%20", "?b=/")
    for text in (one for one in map("".join, product(parts, repeat=3)) if one.strip("/")):
        whole = urljoin(urljoin(page, path), text)
        assert judge.address(text, path) == (whole if urlsplit(whole).hostname else ""), text
