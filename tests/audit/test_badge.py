"""The badge: the result of an audit in one line."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from detector.audit import badge
from detector.audit.model import Report, Under
from detector.cli.main import main
from tests.audit.reports import broken, report

SVG = "{http://www.w3.org/2000/svg}"


def words(made: Report) -> list[str]:
    """Return the texts of a badge, which is well-formed and one line."""
    told = badge.badge(made)
    assert told.count("\n") == 1
    root = ElementTree.fromstring(told)
    assert root.get("role") == "img" and root.get("aria-label") == root.findtext(f"{SVG}title")
    return [one.text or "" for one in root.iter(f"{SVG}text")]


def test_the_words() -> None:
    """The badge says how many blockers all works under, the problems, or that not all was seen."""
    made = report()
    assert words(made) == ["under ad blockers", "works under 2"]
    made.visits[1].problems = broken(report()).visits[1].problems
    assert words(made) == ["under ad blockers", "2 problems"]
    made.blockers[3] = Under("ublock-origin", "x", "none-firefox", "the browser ended")
    assert words(made) == ["under ad blockers", "not all was seen"]
    assert "(23 November 2026)" in badge.badge(made)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("README.md", "--badge README.md: is an SVG image; name a file that ends in .svg"),
        ("none/a.svg", "--badge none/a.svg: its folder does not exist; create it first"),
        ("folder.svg", "--badge folder.svg: cannot be written; name a file of your own"),
    ],
)
def test_a_badge_that_cannot_be_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    path: str,
    said: str,
) -> None:
    """A wrong path is an error before the audit begins, and no file of another kind is touched."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text("mine", "utf-8")
    (tmp_path / "folder.svg").mkdir()
    assert main(["audit", "http://127.0.0.1:9/", "--blockers", "none", "--badge", path]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "report").exists()
    assert (tmp_path / "README.md").read_text("utf-8") == "mine"


def test_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A badge that cannot be written after all is named with the reason."""

    def full(self: Path, *_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(badge.BadgeError, match=r"a\.svg: cannot be written \(No space left"):
        badge.write(report(), tmp_path / "a.svg")
