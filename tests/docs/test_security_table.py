"""SECURITY.md's table of threats: every row names tests that exist, in the order of the ASVS."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.support.root import ROOT

TABLE = (ROOT / "SECURITY.md").read_text("utf-8").partition("## Threats, answers and tests")[2]
CHAPTERS = re.findall(r"^### V(\d+) .+\n([^#]+)", TABLE, re.MULTILINE)
ROWS = [
    (int(number), line)
    for number, text in CHAPTERS
    for line in text.splitlines()
    if line.startswith("| ") and not line.startswith("| ASVS ")
]


@cache
def names_in(path: str) -> set[str]:
    """Return the names of a file's tests."""
    body = ast.parse((ROOT / path).read_text("utf-8")).body
    names = {one.name for one in body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    return {name for name in names if name.startswith("test_")}


def test_chapters_are_those_of_the_asvs() -> None:
    """All seventeen chapters are listed, in order."""
    assert [int(number) for number, _ in CHAPTERS] == list(range(1, 18))


@pytest.mark.parametrize(("chapter", "row"), ROWS)
def test_row(chapter: int, row: str) -> None:
    """A row has four cells: ids of its chapter, threat, protection, and tests that exist."""
    ids, threat, answer, tests = (cell.strip() for cell in row.strip("|").split("|"))
    assert threat and answer
    assert all(re.fullmatch(rf"{chapter}\.\d+\.\d+", one) for one in ids.split(", ") if one)
    named = re.findall(r"`((?:tests|e2e)/[\w/]+\.py)::(test_\w+)`", tests)
    assert named and len(named) == tests.count("::")
    for path, name in named:
        assert name in names_in(path), f"{path} has no {name}"


def test_rows_are_found() -> None:
    """Enough rows are parsed for the other tests to be meaningful."""
    assert len(ROWS) > 60
