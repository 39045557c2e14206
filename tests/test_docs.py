"""What the documents say is true."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from detector.config import Config

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
OPTIONS = README.partition("## Options")[2].partition("\n## ")[0]


def test_every_option_stands_in_the_readme() -> None:
    """README's table has a row for each option, with its own words."""
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", OPTIONS, re.MULTILINE)
    assert {name: text for name, _, text in rows} == {
        item.name: item.metadata["doc"] for item in fields(Config)
    }


def test_defaults_stand_in_the_readme() -> None:
    """README's table gives the true defaults."""
    rows = dict(re.findall(r"^\| `(\w+)` \| `(.+?)` \| .+ \|$", OPTIONS, re.MULTILINE))
    for item in fields(Config):
        if item.name != "secret":
            shown = repr(item.default).replace("'", '"')
            assert rows[item.name] == shown


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


def test_the_small_path_is_small() -> None:
    """What a page view runs through stays under 1,800 lines of Python that are not blank."""
    names = [
        "config",
        "names",
        "site",
        "switch",
        "responder",
        "static_files",
        "visitor",
        "wsgi",
        "flask",
    ]
    files = [ROOT / f"detector/{name}.py" for name in names]
    for folder in ("page", "report"):
        files += (ROOT / "detector" / folder).glob("*.py")
    files += [ROOT / f"detector/baits/{name}.py" for name in ("pool", "urls", "looks")]
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    assert sum(bool(line.strip()) for line in lines) < 1800
