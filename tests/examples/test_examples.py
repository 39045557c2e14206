"""Every example, started by its one command, as a new user does after a clone."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.examples import ENV, EXAMPLES, PATIENCE, Example
from tests.support.root import ROOT
from tests.support.serving import Tag, ask, groups, stats
from tests.support.tags import script

VIEW = "01234567890123456789"
# Each example's two pages: the first one's title; path, text and group of the second.
PAGES = {
    "flask": ("The Lamp Room", "/stories/lens", "two hundred prisms", "/stories/*slug*"),
    "fastapi": ("Plot &amp; Spade", "/notes/seeds", "lucky dip", "/notes/*slug*"),
    "django": ("The Tram Gazette", "/stops/old-mill/", "bolted down", "/stops/*slug*/"),
    "quart": ("Clear Skies", "/tonight", "A meteor or two", "/tonight"),
    "wsgi": ("The Bridge Log", "/crossing", "Horses go first", "/crossing"),
}
NAMES = list(PAGES)
STYLES = re.compile(r'<link rel="stylesheet" href="([^"]+)">')


class PageTag(Tag):
    """The tag of a page."""

    def __init__(self, page: str) -> None:
        self.src, self.token = script(page)
        self.folder = self.src.rpartition("/")[0]


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Return the name of each example."""
    named: str = request.param
    return named


@pytest.fixture
def example(name: str, tmp_path: Path) -> Iterator[Example]:
    """Start each example on a free port."""
    with Example(name, tmp_path) as started:
        yield started


def test_a_visit(name: str, example: Example) -> None:
    """Both pages have the tag and their style sheet; a view is counted."""
    title, path, text, group = PAGES[name]
    front = ask(example.port, "/", example.host)[1]
    assert f"<title>{title}</title>" in front and PageTag(front).token
    status, page = ask(example.port, path, example.host)
    assert status == 200 and text in page
    found = STYLES.search(page)
    assert found and ask(example.port, found[1], example.host)[0] == 200
    PageTag(page).visit(example.port, example.host, VIEW)
    assert ask(example.port, "/nothing", example.host)[0] == 404
    example.stop()
    assert "Traceback" not in example.log.read_text()
    counted = stats(example.folder / "detector.sqlite")
    assert (counted["views"], counted["verdicts"]["clear"], counted["refused"]) == (1, 1, {})
    assert groups(example.folder / "detector.sqlite") == {group}
    assert (example.folder / "secret").stat().st_mode & 0o077 == 0


def refused(name: str, folder: Path, *options: str) -> str:
    """Return the message of an example's command that does not start."""
    done = subprocess.run(
        [EXAMPLES / name / "start", *options],
        env={**ENV, "INSTANCE": str(folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode != 0 and done.stdout == ""
    return done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--prot", "1"], "the only option is --port N"),
        (["--port"], "the only option is --port N"),
        (["--port", "7x"], "--port 7x is no number"),
        (["--port", "65536"], "--port 65536 is not a port: choose one from 1 to 65535"),
    ],
)
def test_bad_options(options: list[str], said: str, tmp_path: Path) -> None:
    """Unknown options and invalid ports are refused with the allowed values, before any change."""
    assert said in refused("wsgi", tmp_path, *options)
    assert list(tmp_path.iterdir()) == []


def test_every_example_stands_in_the_table() -> None:
    """The table in the examples' README lists every example's folder and command."""
    table = (EXAMPLES / "README.md").read_text("utf-8")
    folders = {start.parent.name for start in EXAMPLES.glob("*/start")}
    assert folders == {*NAMES, "static-site-nginx", "wordpress"}
    rows = set(
        re.findall(r"^\| \[.+\]\((.+)/README\.md\) \| `examples/(.+)/start` \|", table, re.M)
    )
    assert rows == {(folder, folder) for folder in folders}
    assert all((EXAMPLES / folder / "README.md").is_file() for folder in folders)
