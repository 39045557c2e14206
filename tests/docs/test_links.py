"""The check of a built site finds what is broken, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.extensions.links import broken, main
from tests.support.root import ROOT

GOOD = """<!doctype html><title>A</title><link rel="stylesheet" href="a.css?v=1">
<h1 id="top">A</h1><a href="#top">up</a> <a href="sub/b.html#there">b</a> <a href="sub/b.html">b</a>
<a href="https://example.org/x#y">out</a> <a href="mailto:a@example.org">mail</a>
<a href="http://127.0.0.1:5000/">local</a><img src="data:,">"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a folder with two pages and a style sheet, all of whose links are fine."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.html").write_text(GOOD, "utf-8")
    (tmp_path / "a.css").write_text("", "utf-8")
    (tmp_path / "sub/b.html").write_text('<p id="there">B <a href="../a.html">a</a>', "utf-8")
    return tmp_path


def test_good_links_pass(site: Path) -> None:
    """Files, fragments and addresses that exist or are well formed are no problem."""
    assert list(broken(site)) == []
    assert main(site) == 0


@pytest.mark.parametrize(
    ("markup", "problem"),
    [
        ('<a href="none.html">', "no such file"),
        ('<a href="sub/">', "no such file"),
        ('<a href="../../etc/passwd">', "no such file"),
        ('<a href="#nowhere">', "no such place on the page"),
        ('<a href="sub/b.html#nowhere">', "no such place on the page"),
        ('<img src="none.png">', "no such file"),
        ('<a href="/a.html">', "begins with /, which only works at the root of a host"),
        ('<a href="https://">', "no address of the web"),
        ('<a href="https://nohost/">', "no address of the web"),
        ('<a href="htps://example.org/">', "no address of the web"),
        ('<script src="https://example.org/a.js">', "the page would fetch this from another host"),
        ('<link href="//example.org/a.css">', "the page would fetch this from another host"),
    ],
)
def test_broken_links_are_named(
    site: Path, markup: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A link that leads nowhere, or would fetch from elsewhere, is named with its page."""
    (site / "a.html").write_text(markup, "utf-8")
    (line,) = broken(site)
    assert line.startswith("a.html: ")
    assert line.endswith(f": {problem}")
    assert main(site) == 1
    assert line in capsys.readouterr().err


def test_an_empty_folder_is_no_site(tmp_path: Path) -> None:
    """Where nothing was built, the check does not pass."""
    assert main(tmp_path) == 1


def test_checks_build_the_site() -> None:
    """scripts/check, and so continuous integration, builds the site and checks its links."""
    assert "scripts/docs" in (ROOT / "scripts/check").read_text("utf-8").splitlines()
    build = (ROOT / "scripts/docs").read_text("utf-8")
    assert " -W " in build
    assert "docs.extensions.links" in build
