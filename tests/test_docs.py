"""What the documents say is true."""

from __future__ import annotations

import ast
import html
import re
import tokenize
from dataclasses import fields
from io import StringIO

import pytest

from detector.config import Config
from docs.extensions.from_code import options
from tests.support.root import ROOT

README = (ROOT / "README.md").read_text("utf-8")
CRITERIA = {
    *("1.3.1", "1.3.2", "1.3.4", "1.4.1", "1.4.3", "1.4.4", "1.4.10", "1.4.11", "1.4.12"),
    *("2.1.1", "2.1.2", "2.2.1", "2.2.2", "2.4.3", "2.4.6", "2.4.7", "2.4.11", "2.5.3", "2.5.8"),
    *("3.1.2", "3.2.1", "3.2.2", "4.1.2", "4.1.3"),
}
"""What of WCAG 2.2 AA applies to a notice."""
NO_CODE = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE),
    *(tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER),
}


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


def test_files_named_in_the_map_exist() -> None:
    """Every path in ARCHITECTURE's map exists."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    paths = re.findall(r"^\| `([\w./{},*-]+)` \|", text, re.MULTILINE)
    assert len(paths) > 10
    missing = [path for path in paths if not list(ROOT.glob(path.rstrip("/")))]
    assert missing == []


def test_every_criterion_has_its_test() -> None:
    """docs/explanation/accessibility.md names all tests of e2e/wcag, with what they prove."""
    table = (ROOT / "docs/explanation/accessibility.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\d.]+) .+ \| `(\w+)` \| (.+) \|$", table, re.MULTILINE)
    trees = [ast.parse(file.read_text("utf-8")) for file in ROOT.glob("e2e/wcag/test_*.py")]
    body = [one for tree in trees for one in tree.body]
    found = {f.name: ast.get_docstring(f) for f in body if isinstance(f, ast.FunctionDef)}
    named = {name: doc for name, doc in found.items() if re.match(r"test_\d", name)}
    assert {name: proves for _, name, proves in rows} == named
    for number, name, _ in rows:
        assert name.startswith(f"test_{number.replace('.', '_')}_")
    assert {number for number, _, _ in rows} == CRITERIA


SHARED = [
    *(
        "config",
        "secret",
        "names",
        "site",
        "switch",
        "responder",
        "level",
        "static_files",
        "visitor",
        "report/*",
    ),
    *("page/eligible", "page/place", "page/headers", "page/csp", "page/tag", "page/inject"),
    *("page/flags", "page/about"),
    *("baits/pool", "baits/urls", "baits/looks"),
]
ADAPTERS = [
    ["gate", "page/passage", "wsgi"],
    ["gate", "page/passage", "asgi"],
    ["gate", "page/passage", "wsgi", "flask"],
    # Its apps, options and checks run at the start only, its nonce where a site writes policies.
    ["gate", "page/passage", "django/middleware", "django/request"],
]


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda names: str(names[-1]))
def test_the_small_path_is_small(adapter: list[str]) -> None:
    """What a page view runs through, one adapter among it, stays under 2,200 lines of code."""
    files = [file for name in SHARED + adapter for file in ROOT.glob(f"detector/{name}.py")]
    assert len(files) > 20
    assert sum(len(code_lines(file.read_text("utf-8"))) for file in files) < 2200


def test_lines_of_code_are_counted() -> None:
    """Blank lines, comments and docstrings are none; a text that does something is."""
    source = (
        '"""Doc."""\n\n# why\nx = """a\nb"""\n\ndef f():\n    """Doc.\n    """\n    g(\n)  # no\n'
    )
    assert code_lines(source) == {4, 5, 7, 10, 11}


def code_lines(source: str) -> set[int]:
    """Give the numbers of the lines that hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type not in NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines.difference_update(range(node.lineno, (node.end_lineno or 0) + 1))
    return lines
