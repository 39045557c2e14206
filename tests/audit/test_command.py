"""The command `detector audit` before a browser starts: bad input is said, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.cli import main
from detector.qa.audit.command import chosen
from detector.qa.blockers.model import BlockerError, Options, UnknownBlocker

NOWHERE = "http://127.0.0.1:9/"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["site.example"], "is no address of a site"),
        ([NOWHERE, "--blockers", "unlock-origin"], "did you mean 'ublock-origin'?"),
        ([NOWHERE, "--blockers", ""], "name one, or all"),
        ([NOWHERE, "--paths", "none.txt"], "--paths none.txt: cannot be read"),
        ([NOWHERE, "--blocker-extension", "mine"], "give a name and a path"),
    ],
)
def test_bad_arguments(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    """Each names what is wrong, and the exit status is 2."""
    monkeypatch.chdir(tmp_path)
    assert main(["audit", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_folder_of_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that holds anything but a report is left as it is."""
    mine = tmp_path / "thesis.txt"
    mine.write_text("years of work")
    assert main(["audit", NOWHERE, "--blockers", "none", "--out", str(tmp_path)]) == 2
    assert "holds other things than a report" in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.txt"]
    under = mine / "report"
    assert main(["audit", NOWHERE, "--blockers", "none", "--out", str(under)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_pages_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    """How many pages is a number above none."""
    with pytest.raises(SystemExit):
        main(["audit", NOWHERE, "--max-pages", "0"])
    assert "from 1 to 1000" in capsys.readouterr().err


def test_blockers_are_checked_first() -> None:
    """Names are known before anything starts; those without a blocker may be named, too."""
    assert chosen("easylist,none", Options()) == ["easylist", "none"]
    with pytest.raises(UnknownBlocker):
        chosen("easylist,nobody", Options())
    with pytest.raises(BlockerError):
        chosen(",", Options())
