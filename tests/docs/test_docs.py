"""The documents agree with the code."""

from __future__ import annotations

import ast
import re
from dataclasses import fields

import pytest

from detector.core.config.options import Config
from tests.support.root import ROOT

README = (ROOT / "README.md").read_text("utf-8")
CRITERIA = {
    *("1.3.1", "1.3.2", "1.3.4", "1.4.1", "1.4.3", "1.4.4", "1.4.10", "1.4.11", "1.4.12"),
    *("2.1.1", "2.1.2", "2.2.1", "2.2.2", "2.4.3", "2.4.6", "2.4.7", "2.4.11", "2.5.3", "2.5.8"),
    *("3.1.2", "3.2.1", "3.2.2", "4.1.2", "4.1.3"),
}
"""What of WCAG 2.2 AA applies to a notice."""
OPTIONS = README.partition("## Options")[2].partition("\n## ")[0]


def test_every_option_stands_in_the_readme() -> None:
    """README's table has a row for each option, with the option's own documentation."""
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", OPTIONS, re.MULTILINE)
    assert {name: text for name, _, text in rows} == {
        item.name: item.metadata["doc"] for item in fields(Config)
    }


def test_defaults_stand_in_the_readme() -> None:
    """README's table has the actual defaults."""
    rows = dict(re.findall(r"^\| `(\w+)` \| `(.+?)` \| .+ \|$", OPTIONS, re.MULTILINE))
    for item in fields(Config):
        if item.name != "secret":
            shown = repr(item.default).replace("'", '"')
            assert rows[item.name] == shown


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([\w./-]+)\)", README))))
def test_links_lead_somewhere(path: str) -> None:
    """Every file that README links to exists."""
    assert (ROOT / path).is_file()


def test_every_criterion_has_its_test() -> None:
    """The table of docs/accessibility.md names all tests of e2e/wcag, with what they prove."""
    table = (ROOT / "docs/accessibility.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\d.]+) .+ \| `(\w+)` \| (.+) \|$", table, re.MULTILINE)
    trees = [ast.parse(file.read_text("utf-8")) for file in ROOT.glob("e2e/notice/wcag/test_*.py")]
    body = [one for tree in trees for one in tree.body]
    found = {f.name: ast.get_docstring(f) for f in body if isinstance(f, ast.FunctionDef)}
    named = {name: doc for name, doc in found.items() if re.match(r"test_\d", name)}
    assert {name: proves for _, name, proves in rows} == named
    for number, name, _ in rows:
        assert name.startswith(f"test_{number.replace('.', '_')}_")
    assert {number for number, _, _ in rows} == CRITERIA
