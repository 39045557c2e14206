"""The documents agree with the code."""

from __future__ import annotations

import ast
import html
import re
from dataclasses import fields

import pytest

from detector import Config
from docs.extensions.from_code import options
from tests.support.root import ROOT

README = (ROOT / "README.md").read_text("utf-8")
CRITERIA = {
    *("1.3.1", "1.3.2", "1.3.4", "1.4.1", "1.4.3", "1.4.4", "1.4.10", "1.4.11", "1.4.12"),
    *("2.1.1", "2.1.2", "2.2.1", "2.2.2", "2.4.3", "2.4.6", "2.4.7", "2.4.11", "2.5.3", "2.5.8"),
    *("3.1.2", "3.2.1", "3.2.2", "4.1.2", "4.1.3"),
}
"""What of WCAG 2.2 AA applies to a notice."""


def test_every_option_is_in_the_reference() -> None:
    """The table of options has a row for each option, with its own words."""
    rows = re.findall(r"^\| .+`(\w+)`</span> \| (.+?) \| (.+) \|$", options(), re.MULTILINE)
    assert rows[0][0] == "secret"
    texts = {name: text for name, _, text in rows}
    assert sorted(texts) == sorted(item.name for item in fields(Config))
    assert len(texts) == len(rows)
    for item in fields(Config):
        text = texts[item.name]
        plain = re.sub(r"\[\]\(/([^)]+)\)", r"docs/\1", text)
        assert html.unescape(plain).replace("\\", "") == item.metadata["doc"]


def test_defaults_are_in_the_reference() -> None:
    """The table gives the true defaults, and of the secret only where it comes from."""
    rows = dict(re.findall(r"^\| .+`(\w+)`</span> \| (.+?) \| .+ \|$", options(), re.MULTILINE))
    for item in fields(Config):
        shown = rows.pop(item.name)
        if item.name == "secret":
            assert shown == "from `SECRET_KEY`"
        else:
            assert ast.literal_eval(shown.strip("`")) == item.default
    assert rows == {}


def test_the_readme_is_short() -> None:
    """An owner decides in two minutes: README has at most 200 lines."""
    assert len(README.splitlines()) <= 200


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([\w./-]+)\)", README))))
def test_links_lead_somewhere(path: str) -> None:
    """Every file that README links to exists."""
    assert (ROOT / path).is_file()


def test_every_criterion_has_its_test() -> None:
    """docs/explanation/accessibility.md names all tests of e2e/notice/wcag, and what they prove."""
    table = (ROOT / "docs/explanation/accessibility.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\d.]+) .+ \| `(\w+)` \| (.+) \|$", table, re.MULTILINE)
    trees = [ast.parse(file.read_text("utf-8")) for file in ROOT.glob("e2e/notice/wcag/test_*.py")]
    body = [one for tree in trees for one in tree.body]
    found = {f.name: ast.get_docstring(f) for f in body if isinstance(f, ast.FunctionDef)}
    named = {name: doc for name, doc in found.items() if re.match(r"test_\d", name)}
    assert {name: proves for _, name, proves in rows} == named
    for number, name, _ in rows:
        assert name.startswith(f"test_{number.replace('.', '_')}_")
    assert {number for number, _, _ in rows} == CRITERIA
