"""Every example, started by its one command, as a stranger would after a clone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.stats.store import open_store
from tests.serving import ROOT, Tag, ask, stats
from tests.static_site import free_port
from tests.tags import script

EXAMPLES = ROOT / "examples"
PATIENCE = 90.0  # a busy machine; a start takes one or two seconds
VIEW = "01234567890123456789"
# Each example's two pages: a title on the first, and a path, a text and the group of the second.
PAGES = {
    "flask": ("The Lamp Room", "/stories/lens", "two hundred prisms", "/stories/*slug*"),
    "fastapi": ("Plot &amp; Spade", "/notes/seeds", "lucky dip", "/notes/*slug*"),
    "django": ("The Tram Gazette", "/stops/old-mill/", "bolted down", "/stops/*slug*/"),
    "quart": ("Clear Skies", "/tonight", "A meteor or two", "/tonight"),
    "wsgi": ("The Bridge Log", "/crossing", "Horses go first", "/crossing"),
}
NAMES = list(PAGES)
STYLES = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
ENV = {name: value for name, value in os.environ.items() if not name.startswith("DETECTOR_")}


class PageTag(Tag):
    """The tag that stands in a page."""

    def __init__(self, page: str) -> None:
        self.src, self.token = script(page)
        self.folder = self.src.rpartition("/")[0]


class Example:
    """One example's running server, with its secret and counts in a folder of the test."""

    def __init__(self, name: str, folder: Path) -> None:
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.folder = folder
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [EXAMPLES / name / "start", "--port", str(self.port)],
                env={**ENV, "INSTANCE": str(folder), "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
            )

    def wait(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + PATIENCE
        while True:
            assert self.process.poll() is None and time.monotonic() < until, self.log.read_text()
            try:
                assert ask(self.port, "/", self.host)[0] == 200
                return
            except OSError:
                continue

    def stop(self) -> None:
        """Stop it as an owner does; uvicorn ends by the signal itself."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            assert self.process.wait(PATIENCE) in (0, -signal.SIGTERM), self.log.read_text()
        finally:
            self.process.kill()


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Give the name of each example."""
    named: str = request.param
    return named


@pytest.fixture
def example(name: str, tmp_path: Path) -> Iterator[Example]:
    """Start each example on a free port."""
    started = Example(name, tmp_path)
    try:
        started.wait()
        yield started
    finally:
        started.stop()


def test_a_visit(name: str, example: Example) -> None:
    """Both pages carry the tag and their style sheet; a view goes through and is counted."""
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


def groups(db: Path) -> set[str]:
    """Give the groups of paths that verdicts were counted for."""
    store = open_store(str(db), readonly=True)
    try:
        rows = store.rows()
        return {v for (_, _, d, v, _, action), _ in rows if (d, action) == ("group", "verdict")}
    finally:
        store.close()


def refused(name: str, folder: Path, *options: str) -> str:
    """Give what an example's command says when it does not start."""
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
        (["--port", "65536"], "--port 65536 is no port: choose one from 1 to 65535"),
    ],
)
def test_bad_options(options: list[str], said: str, tmp_path: Path) -> None:
    """What is no option or no port is refused with what is allowed, before anything is made."""
    assert said in refused("wsgi", tmp_path, *options)
    assert list(tmp_path.iterdir()) == []


def test_every_example_stands_in_the_table() -> None:
    """The table of the examples' README names every example's folder and command."""
    table = (EXAMPLES / "README.md").read_text("utf-8")
    folders = {start.parent.name for start in EXAMPLES.glob("*/start")}
    assert folders == {*NAMES, "static-site-nginx"}
    rows = set(
        re.findall(r"^\| \[.+\]\((.+)/README\.md\) \| `examples/(.+)/start` \|", table, re.M)
    )
    assert rows == {(folder, folder) for folder in folders}
    assert all((EXAMPLES / folder / "README.md").is_file() for folder in folders)
