"""`detector lint`: output, exit status, baseline, pages by address, and errors."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from detector.cli.main import main
from tests.support.root import ROOT

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder with one page that has a planted class."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.html").write_text('<p class="adslot-x">\n')
    return tmp_path


def test_text(site: Path, filter_list: Path, capsys: Capture) -> None:
    """A line for each finding with place, level, name, list, line and rule; the sum on stderr."""
    status = main(["lint", ".", "--filter-list", str(filter_list), "--fix-suggestions"])
    out, err = capsys.readouterr()
    assert status == 1
    assert out == (
        "a.html:1:11: error: .adslot-x (class) is hidden by planted line 2 ##.adslot-x "
        "-> panel-adslot-x\n"
    )
    assert err == (
        "detector lint: adblock 0.6.0 cannot read 1 of 11 rules of the lists (9.1 %), so what they "
        "do is not seen here: selector 1\n"
        "detector lint: 1 file: 1 error, 0 warnings, 0 notes\n"
    )


def test_nothing_found(site: Path, filter_list: Path, capsys: Capture) -> None:
    """Clean files, and notes alone, end with 0."""
    (site / "a.html").write_text('<script src="https://ads.example/a.js"></script>')
    assert main(["lint", ".", "--filter-list", str(filter_list)]) == 0
    assert "0 errors, 0 warnings, 1 note" in capsys.readouterr().err


def test_json(site: Path, filter_list: Path, capsys: Capture) -> None:
    """JSON has all of it, the lists' files too."""
    args = ["lint", "a.html", "--filter-list", str(filter_list), "--format", "json"]
    assert main(args) == 1
    made = json.loads(capsys.readouterr().out)
    assert made["lists"] == {"planted": str(filter_list)}
    assert made["unread"] == {
        **{"engine": "adblock 0.6.0", "rules": 11, "count": 1},
        "kinds": {"selector": 1},
    }
    (one,) = made["findings"]
    assert (one["file"], one["line"], one["name"], one["level"]) == (
        "a.html",
        1,
        "adslot-x",
        "error",
    )
    assert one["rules"] == [{"list": "planted", "line": 2, "rule": "##.adslot-x"}]


def test_sarif_in_a_file(site: Path, filter_list: Path) -> None:
    """--out writes the file that a code host reads."""
    args = ["lint", ".", "--filter-list", str(filter_list), "--format", "sarif"]
    assert main([*args, "--out", "found.sarif"]) == 1
    made = json.loads((site / "found.sarif").read_text())
    assert made["runs"][0]["results"][0]["ruleId"] == "hidden-element"


def test_a_baseline_from_start_to_end(site: Path, filter_list: Path, capsys: Capture) -> None:
    """Written once, it lets known findings pass; new ones fail; what is gone is said."""
    base = ["lint", ".", "--filter-list", str(filter_list)]
    assert main([*base, "--write-baseline", "known.json"]) == 0
    assert main([*base, "--baseline", "known.json"]) == 0
    assert "1 known" in capsys.readouterr().err
    (site / "a.html").write_text('<p id="top-promo">')
    assert main([*base, "--baseline", "known.json"]) == 1
    out, err = capsys.readouterr()
    assert "#top-promo" in out
    assert "a.html: adslot-x (class) is gone" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.html"], "none.html: there is no such file or folder"),
        ([".", "--baseline", "none.json"], "--baseline none.json: cannot be read"),
        ([".", "--baseline", "a", "--write-baseline", "b"], "do not go together"),
        ([".", "--out", "none/x"], "--out: none/x cannot be written"),
        ([".", "--site", "news.example"], "--site: 'news.example' is not an address"),
        ([".", "--jobs", "-1"], "--jobs: -1 is not"),
        (["ftp://news.example/"], "is neither a file nor an http or https address"),
        (["http://127.0.0.1:1/"], "http://127.0.0.1:1/: cannot be read"),
    ],
)
def test_bad_input(
    site: Path, filter_list: Path, capsys: Capture, arguments: list[str], words: str
) -> None:
    """A mistake is named with its option or file, and the status is 2."""
    assert main(["lint", *arguments, "--filter-list", str(filter_list)]) == 2
    assert words in capsys.readouterr().err


def test_a_broken_list(site: Path, capsys: Capture) -> None:
    """A list that is none is refused by its line; a rule of two million letters is endured."""
    (site / "list.txt").write_text("<!doctype html>")
    assert main(["lint", ".", "--filter-list", "list.txt"]) == 2
    assert "line 1 begins an HTML page" in capsys.readouterr().err
    (site / "list.txt").write_text("/" + "a" * 2_000_000 + "/\n##.adslot-x\n")
    assert main(["lint", ".", "--filter-list", "list.txt"]) == 1


def test_a_page_by_address(served: str, filter_list: Path, capsys: Capture) -> None:
    """A page is asked for as it is, and its names have its address; nothing else is asked for."""
    assert main(["lint", f"{served}/page", "--filter-list", str(filter_list)]) == 1
    out = capsys.readouterr().out
    assert f"{served}/page:1:11: error: .adslot-x" in out
    assert main(["lint", f"{served}/picture", "--filter-list", str(filter_list)]) == 2
    assert "is image/png, not a page" in capsys.readouterr().err


def test_the_hook_names_this_command() -> None:
    """pre-commit runs this command on the files whose names it reads."""
    from detector.lint.files import MARKUP, SCRIPTS, STYLES

    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["entry"] == "detector lint"
    for ending in (*MARKUP, *SCRIPTS, *STYLES):
        assert re.search(hook["files"], f"site/a.{ending}"), ending
