"""The command `detector audit` before a browser starts, and the settings it passes on."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from detector.audit import folder
from detector.audit.folder import FolderError
from detector.audit.model import PageVisit, Under
from detector.audit.pages import Pages
from detector.audit.progress import AuditProgress
from detector.audit.table import Silent
from detector.cli.audit import names_of, runs_of
from detector.cli.errors import CommandError
from detector.cli.main import main
from detector.testing.blockers.model import Options, UnknownBlocker
from detector.testing.blockers.readiness import ready
from tests.audit.reports import picture, report

NOWHERE = "http://127.0.0.1:9/"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["site.example"], "'site.example' is not an address: use one that begins with https://"),
        (["https://u:p@site.example/"], "has a name or password"),
        ([NOWHERE, "--blockers", "unlock-origin"], "did you mean 'ublock-origin'?"),
        ([NOWHERE, "--blockers", " , "], "--blockers: name one or more with commas, or all"),
        ([NOWHERE, "--paths", "none.txt"], "--paths none.txt: cannot be read"),
        ([NOWHERE, "--blocker-extension", "mine"], "pass a name and a path"),
        ([NOWHERE, "--filter-list", "none.txt"], "--filter-list none.txt: is not there"),
        ([NOWHERE, "--out", "file/report"], "--out file/report: cannot be written"),
    ],
)
def test_bad_arguments(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    """Wrong options are named, the exit status is 2, and no folder is created."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert main(["audit", "--blockers", "none", *arguments]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("detector audit: ")
    assert said in told.err
    assert os.listdir() == ["file"]


@pytest.mark.parametrize("number", ["0", "1001", "ten", "-1"])
def test_pages_wanted(capsys: pytest.CaptureFixture[str], number: str) -> None:
    """The number of pages is from 1 to 1000."""
    with pytest.raises(SystemExit) as ended:
        main(["audit", NOWHERE, "--max-pages", number])
    assert ended.value.code == 2
    assert "is not a number of pages: use 1 to 1000" in capsys.readouterr().err


def test_a_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    """A folder that contains anything but a report is left unchanged."""
    (tmp_path / "index.html").write_text("<title>Mine</title>")
    with pytest.raises(FolderError, match="is neither empty nor an earlier report"):
        folder.prepare(tmp_path)
    assert os.listdir(tmp_path) == ["index.html"]


def test_an_earlier_report_is_written_over(tmp_path: Path) -> None:
    """The files of an earlier report are removed, even of a partial one; others stay."""
    out = tmp_path / "deep" / "report"
    folder.prepare(out)
    folder.write(report(), out)
    picture(out / "pictures" / "old.none.png")
    (out / "notes.txt").write_text("mine")
    folder.prepare(out)
    assert sorted(os.listdir(out)) == ["index.html", "notes.txt", "pictures"]
    assert os.listdir(out / "pictures") == []
    assert "was interrupted" in (out / "index.html").read_text("utf-8")
    folder.prepare(out)


def test_pictures_are_not_removed_through_a_link(tmp_path: Path) -> None:
    """If a report's folder of pictures is a link, its target is unchanged."""
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    folder.prepare(out)
    picture(elsewhere / "mine.png")
    (out / "pictures").symlink_to(elsewhere)
    with pytest.raises(FolderError, match="is a symbolic link"):
        folder.prepare(out)
    assert (elsewhere / "mine.png").exists()


def test_blockers_by_name() -> None:
    """Names are checked before anything starts; spaces and duplicates are ignored."""
    assert names_of("easylist, none,easylist", Options()) == ["easylist", "none"]
    with pytest.raises(UnknownBlocker):
        names_of("easylist,nobody", Options())
    assert runs_of(["easylist", "dns", "none"], Options()) == 3
    assert runs_of(["easylist", "ublock-origin"], Options()) == 4


def test_all_blockers(tmp_path: Path) -> None:
    """`all` means all installed blockers without the clean ones, plus those given by path."""
    usable = [one.blocker for one in ready() if one.ready and one.blocker.acts != "none"]
    options = Options(extensions={"mine": str(tmp_path / "none.zip")})
    if usable:
        assert names_of("all", Options()) == [one.name for one in usable]
    assert "mine" in names_of("all", options)
    with pytest.raises(CommandError, match=r"--filter-list .*/none\.txt: is not there"):
        names_of("all", Options(filter_lists=(str(tmp_path / "none.txt"),)))


@pytest.fixture
def no_browsers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide all browsers."""
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    if any(one.ready for one in ready()):
        pytest.skip("browsers lie at fixed places here, not on the PATH")


@pytest.mark.usefixtures("no_browsers")
def test_no_blocker_at_all() -> None:
    """On a machine without browsers the first missing one is named."""
    with pytest.raises(
        CommandError, match="no blocker is ready here; `detector blockers` says why"
    ):
        names_of("all", Options())


@pytest.mark.usefixtures("no_browsers")
def test_a_blocker_that_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A named one gets a row in every form of the report, and the exit status is 2."""
    monkeypatch.chdir(tmp_path)
    assert main(["audit", NOWHERE, "--blockers", "tracking-protection", "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == 2
    missing = {one["name"]: one["missing"] for one in found["blockers"]}
    assert "Firefox is not on this machine" in missing["none-firefox"]
    assert "to compare with" in missing["tracking-protection"]
    assert json.loads((tmp_path / "report" / "report.json").read_text("utf-8")) == found
    root = ElementTree.parse(tmp_path / "report" / "junit.xml").getroot()
    assert root.get("errors") == "2"
    assert "did not run to the end" in (tmp_path / "report" / "index.html").read_text("utf-8")


class Time:
    """A clock that is advanced only by sleeping."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.slept.append(seconds)
        self.now += seconds


def test_pages_are_asked_for_as_far_apart_as_wanted() -> None:
    """The delay of robots.txt separates two pages, less the duration of a page."""
    time = Time()
    heard = AuditProgress(Silent(NOWHERE, []), Pages([], 5, delay=2.0), 2, time, time.sleep)
    heard.page(NOWHERE, "none")
    time.now += 0.5
    heard.page(NOWHERE, "none")
    time.now += 7
    heard.page(NOWHERE, "none")
    assert time.slept == [1.5]


class Counts(Silent):
    """Records the expected numbers of visits."""

    def __init__(self) -> None:
        super().__init__(NOWHERE, [])
        self.expected: list[int] = []

    def expect(self, visits: int) -> None:
        """Record a number."""
        self.expected.append(visits)


def test_how_many_looks_there_will_be() -> None:
    """First the maximum is expected; once the pages are known, their number."""
    counts = Counts()
    heard = AuditProgress(counts, Pages([NOWHERE], 10, crawl=lambda visit: iter(())), 3)
    heard.visit(PageVisit(NOWHERE, "none"))
    heard.blocker(Under("none", "Chromium"))
    heard.blocker(Under("dns", "Chromium", "none"))
    assert counts.expected == [30, 3]
