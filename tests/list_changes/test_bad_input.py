"""Bad input of `detector lists diff`: status 2, and a message with the option and the fix."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from detector.cli.main import main

LONG = 2_000_000


def refused(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    """Return the message of a command that is refused."""
    assert main(["lists", "diff", *args]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("detector lists diff: ")
    assert err.count("\n") == 1 and len(err) < 400
    return err


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "cannot be read"),
        (b"", "is empty; get the list again"),
        (b"<!doctype html><title>Not found</title>", "begins an HTML page"),
        (b"\x1f\x8b\x08\0\xff\xfe", "is not UTF-8 text"),
        (b"PNG\0\0\0", "line 1 is not text"),
        (b"one two\nthree four\n##.x\n", "line 1 is not a filter rule, nor are 1 others"),
        (b"! Title: nothing\n", "contains no rule"),
    ],
)
@pytest.mark.parametrize("newer", [False, True])
def test_what_is_no_list(
    data: bytes | None,
    words: str,
    newer: bool,
    lists: tuple[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file that is no list, or a broken one, is named with its first faulty line."""
    file = tmp_path / "bad.txt"
    if data is not None:
        file.write_bytes(data)
    both = (lists[0], str(file)) if newer else (str(file), lists[1])
    said = refused(capsys, *both)
    assert str(file) in said and words in said


@pytest.mark.parametrize(
    "rule",
    [
        "##." + "a" * LONG,
        "##" + ".a" * (LONG // 2),
        "/ad*" + "a*" * (LONG // 2),
        "/ads/$domain=" + "a.example|" * (LONG // 10),
        "/ads/$" + "script," * (LONG // 7),
        "$" * LONG,
        " " * LONG + "##.a",
        "a,b," * (LONG // 4) + "##.a",
    ],
    ids=lambda rule: rule[:12].strip() or "spaces",
)
def test_a_rule_of_two_million_characters(
    rule: str, lists: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rule that no blocker would take is refused by its line, at once."""
    file = tmp_path / "long.txt"
    file.write_text(f"##.fine\n{rule}\n")
    began = time.monotonic()
    said = refused(capsys, lists[0], str(file))
    assert "line 2 has " in said and "no rule has more than 200,000; get the list again" in said
    assert time.monotonic() - began < 60  # quadratic work would take hours


def test_a_folder_without_lists(
    lists: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty folder, or one with other files only, is refused."""
    folder = tmp_path / "empty"
    folder.mkdir()
    fix = "has no list in it; name a list, or a folder with *.txt files"
    assert fix in refused(capsys, str(folder), lists[1])
    (folder / "readme.md").write_text("##.x")
    assert fix in refused(capsys, lists[0], str(folder))


def report(**changed: object) -> str:
    """Return the text of a report without visits, with some keys changed."""
    made = {"format": 2, "began": "2026-01-01T00:00:00+00:00", "blockers": [], "visits": []}
    return json.dumps({**made, **changed})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        ("", "is not the report of an audit"),
        ("[]", "is not the report of an audit"),
        ("[" * 100_000, "is not the report of an audit"),
        ("\ud800", "is not the report of an audit"),
        (report(visits=[{}]), "is not the report of an audit"),
        (report(visits=3), "is not the report of an audit"),
        (report(began=3), "is not the report of an audit"),
        ('{"began": "2026-01-01", "visits": []}', "has the format 1, and 2 is needed"),
        (report(format=3), "has the format 3, and 2 is needed; run `detector audit` of this"),
        (report(), "has no page that could be visited"),
    ],
)
def test_what_is_no_report(
    text: str | None,
    words: str,
    lists: tuple[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file that is no report, and the report of another version, are named with the fix."""
    file = tmp_path / "report.json"
    if text is not None:
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
    said = refused(capsys, *lists, "--site", str(file))
    assert f"--site {file}" in said and words in said


def test_files_that_are_not_there(
    lists: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder of the site that is missing or empty is refused, and so is a wrong address."""
    assert "there is no such file or folder" in refused(capsys, *lists, "--lint", "missing")
    said = refused(capsys, *lists, "--lint", str(tmp_path / "empty"))
    assert "there is no such file" in said
    (tmp_path / "empty").mkdir()
    said = refused(capsys, *lists, "--lint", str(tmp_path / "empty"))
    assert "has no file to read; name the folder of the site" in said
    assert "--under: 'news'" in refused(capsys, *lists, "--under", "news")


def test_a_report_steers_no_terminal(
    lists: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a site or a list contains is escaped before it is printed."""
    url = "https://news.example/\x1b[31m"
    visit = {"blocker": "none", "error": "", "final_url": url, "url": url}
    visits = [{**visit, "names": [".promo", "\x1b", "."], "requests": [["http://[", "script"]]}]
    file = tmp_path / "report.json"
    file.write_text(report(blockers=[{"name": "none", "clean": ""}], visits=visits))
    assert main(["lists", "diff", *lists, "--site", str(file)]) == 1
    out = capsys.readouterr().out
    assert "will hide .promo" in out and "\x1b" not in out
