"""The reference says what the code does."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest

from detector.cli.main import make_parser
from detector.core.vocabulary import ACTIONS, KINDS_OR_UNSURE, MODES, REASONS, STATES
from docs.extensions.from_code import commands, notice_check
from tests.support.root import ROOT

DOCS = ROOT / "docs"
VOCABULARY = (DOCS / "reference/vocabulary.md").read_text("utf-8")
LARGEST_PICTURE = 300_000


def first_cells(text: str, heading: str) -> list[str]:
    """Return the words in the first column of the table below a heading."""
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [
        word
        for row in re.findall(r"^\| (`.+?) \|", section, re.M)
        for word in re.findall(r"`([^`]+)`", row)
    ]


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        *(("States", STATES), ("Kinds", KINDS_OR_UNSURE)),
        *(("Actions", ACTIONS), ("Reasons", REASONS)),
    ],
)
def test_vocabulary_is_complete(heading: str, words: tuple[str, ...]) -> None:
    """Each word of the code has its meaning on the page, in the same order, and no other has."""
    assert first_cells(VOCABULARY, heading) == list(words)


def test_every_mode_is_described() -> None:
    """The guide to the notice has each mode in its table."""
    text = (DOCS / "how-to/notice.md").read_text("utf-8")
    assert sorted(first_cells(text, "Modes")) == sorted(MODES)


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_states_are_on_the_front(page: str) -> None:
    """README and the landing page say what each state means and who is asked."""
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (.+) \|$", (ROOT / page).read_text("utf-8"), re.M)
    assert [state for state, _ in rows] == list(STATES)
    assert [asked for state, asked in rows if state != "blocked"] == ["nobody"] * 4


def leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield every parser that runs something."""
    children = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    if not children or not children[0].required:
        yield parser
    for action in children:
        for child in action.choices.values():
            yield from leaves(child)


@pytest.mark.parametrize("parser", [*leaves(make_parser())], ids=lambda parser: parser.prog)
def test_every_command_has_its_section(parser: argparse.ArgumentParser) -> None:
    """A section has the command's usage, and each of its arguments with its help."""
    section = commands().partition(f"## {parser.prog}\n")[2].partition("\n## ")[0]
    assert f"usage: {parser.prog}" in section
    rows = dict(re.findall(r"^\| (`[^|]+`) \| ([^|]+) \|$", section, re.M))
    for action in parser._actions:
        if action.option_strings and not isinstance(action, argparse._HelpAction):
            (text,) = [text for key, text in rows.items() if action.option_strings[-1] in key]
            assert len(text) > 3
            assert "%(" not in text


def test_printed_findings_come_from_the_command() -> None:
    """The example of `detector notice check` is what the command prints, and names no file."""
    printed = notice_check('notice = "hard-wall"')
    assert "error: notice: hard-wall" in printed
    assert "site.toml" not in printed
    assert max(map(len, printed.splitlines())) < 120
    assert notice_check('notice = "corner"') != printed


def test_commands_tell_nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is the same whatever the environment, and has no path of this machine."""
    before = commands()
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("DETECTOR_SECRET", "a secret of this machine")
    assert commands() == before
    assert str(ROOT) not in before


@pytest.mark.parametrize("name", ["notice", "dashboard", "audit"])
def test_pictures_come_in_light_and_dark(name: str) -> None:
    """The landing page shows each picture in both schemes."""
    page = (DOCS / "index.md").read_text("utf-8")
    for scheme in ("light", "dark"):
        assert f"{{image}} pictures/{name}-{scheme}.png" in page
        assert f":class: only-{scheme}" in page


def test_pictures_are_small_and_used() -> None:
    """No picture is large, and none lies about that no page shows."""
    pages = [ROOT / "README.md", *DOCS.rglob("*.md")]
    text = "".join(page.read_text("utf-8") for page in pages)
    pictures = list((DOCS / "pictures").iterdir())
    assert len(pictures) >= 7
    for picture in pictures:
        assert picture.stat().st_size <= LARGEST_PICTURE
        assert picture.name in text
